"""A kind of layer from another package: inspect, the page, the results folder and the link show it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from semcom.apps.cli import app
from semcom.apps.delivery.packet_items import items_of, rebuild
from semcom.link import Receiver, Sender
from semcom.semantic import LayerKey, LayerKind, SemanticPacket, registry
from semcom.semantic.layers import Caption, encode_layer, showing

from ...plug_ins import Install

IDENTITY = (0, 0, 1)
SWATCHES = '''
"""A palette: the picture's main colours as bytes."""

import numpy as np

from semcom.semantic.layers.kind import LayerBase


class Swatches(LayerBase):
    number, label, importance, colour = 14, "swatches", 5, "#aa11bb"
    file_names = ("swatches.txt", "swatches")

    def encode(self, content):
        return bytes([len(content)]) + bytes(value for colour in content for value in colour)

    def decode(self, reader):
        count = reader.bounded(reader.u8("colours"), "colours", 1, 16)
        data = reader.raw(3 * count, "colours")
        reader.end()
        return tuple(tuple(data[3 * n : 3 * n + 3]) for n in range(count))

    def describe(self, content):
        return f"{len(content)} colours & <more>"

    def draw(self, content, ground):
        return np.array([content], np.uint8).repeat(20, 0).repeat(20, 1), f"palette of {len(content)} colours"

    def files(self, content, number):
        return {"swatches.txt": repr(content).encode(), "swatches/first.txt": repr(content[0]).encode()}
'''
COLOURS = ((250, 10, 20), (0, 128, 255))


@pytest.fixture
def packet(install: Install) -> SemanticPacket:
    install("swatches", SWATCHES, "layers", swatches="swatches:Swatches")
    contents = ((LayerKind.CAPTION, Caption("A red car.", ())), (LayerKind.SWATCHES, COLOURS))
    layers = [encode_layer(LayerKey(*IDENTITY, n), kind, content) for n, (kind, content) in enumerate(contents, 1)]
    return SemanticPacket.build((96, 64), "palette", layers, IDENTITY)


def test_inspect_shows_it_as_text_and_as_json(packet: SemanticPacket, tmp_path) -> None:
    file = tmp_path / "p.sem"
    file.write_bytes(packet.to_bytes())
    said = CliRunner().invoke(app, ["inspect", str(file)]).output
    assert "swatches-2" in said and "2 colours & <more>" in said
    layer = json.loads(CliRunner().invoke(app, ["inspect", str(file), "--json"]).output)["layers"][2]
    assert (layer["kind"], layer["importance"], layer["known"]) == ("swatches", 5, True)
    assert layer["content"] == "2 colours & <more>"


def test_drawn_sheet_page_and_folder_show_it(packet: SemanticPacket, tmp_path) -> None:
    file, folder, sheet = tmp_path / "p.sem", tmp_path / "out", tmp_path / "sheet.png"
    file.write_bytes(packet.to_bytes())
    assert CliRunner().invoke(app, ["inspect", str(file), "--draw", str(sheet)]).exit_code == 0
    with Image.open(sheet) as drawn:
        assert (np.asarray(drawn) == COLOURS[0]).all(2).any()
    assert CliRunner().invoke(app, ["decode", str(file), "-o", str(folder), "--no-generate"]).exit_code == 0
    assert (folder / "swatches.txt").read_text() == repr(COLOURS)
    assert (folder / "swatches/first.txt").read_text() == repr(COLOURS[0])
    page = (folder / "report.html").read_text()
    assert "palette of 2 colours" in page and "swatches-2" in page and "#aa11bb" in page
    # another packet in the same folder: what it does not have goes
    file.write_bytes(packet.only([LayerKind.CAPTION]).to_bytes())
    assert CliRunner().invoke(app, ["decode", str(file), "-o", str(folder), "--no-generate"]).exit_code == 0
    assert not (folder / "swatches.txt").exists() and not (folder / "swatches").exists()
    assert (folder / "caption.txt").exists()


def test_the_link_carries_it(packet: SemanticPacket) -> None:
    frames = Sender(64).frames(items_of(packet))
    receiver, arrived = Receiver(), {}
    for frame in frames:
        for item in receiver.push(frame.data).items:
            arrived[LayerKey(*item.key)] = item.payload
    received, reconstruction, notes = rebuild(arrived)
    assert received.to_bytes() == packet.to_bytes() and notes == []
    assert received.content(LayerKind.SWATCHES) == COLOURS
    assert [layer.kind.label for layer in reconstruction.layers] == ["header", "caption", "swatches"]


def test_without_the_package_it_is_an_unknown_kind_that_stays(packet: SemanticPacket, monkeypatch) -> None:
    data = packet.to_bytes()
    site = str(Path(sys.modules["swatches"].__file__).parent)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path != site])
    registry.clear_cache()
    received = SemanticPacket.from_bytes(data)
    assert received.layers[2].name == "unknown_14-2" and received.layers[2].content is None
    assert received.to_bytes() == data and received.says_something


def test_a_kind_that_breaks_spoils_only_its_own_layer(install: Install, tmp_path) -> None:
    broken = SWATCHES.replace("count = reader", "1 / 0 if reader.remaining == 4 else None\n        count = reader")
    broken = broken.replace("return {", 'raise KeyError("x")\n        return {')
    install("swatches", broken, "layers", swatches="swatches:Swatches")
    layers = [
        encode_layer(LayerKey(*IDENTITY, 1), LayerKind.CAPTION, Caption("A red car.", ())),
        encode_layer(LayerKey(*IDENTITY, 2), LayerKind.SWATCHES, COLOURS[:1]),
        encode_layer(LayerKey(*IDENTITY, 3), LayerKind.SWATCHES, COLOURS),
    ]
    received = SemanticPacket.from_bytes(SemanticPacket.build((96, 64), "palette", layers, IDENTITY).to_bytes())
    ((key, reason),) = received.damaged
    assert key.layer == 2 and "kind swatches failed with ZeroDivisionError" in reason
    assert received.content(LayerKind.CAPTION).text == "A red car."
    with pytest.warns(RuntimeWarning, match="layer swatches-3: its kind failed to show it, KeyError"):
        assert list(showing.files(received.layers)) == ["caption.txt"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("number, label", "number, label_"), r"must have label"),
        (("14, ", "3, "), "number must be free, got 3, which class_map has"),
        (("14, ", "99, "), "number must be 0..15, got 99"),
        (('"swatches", 5', '"Swatches!", 5'), "label must match"),
        (('5, "#aa11bb"', '9, "#aa11bb"'), "importance must be 0..7, got 9"),
        (('"#aa11bb"', '"red;"'), "colour must match"),
        (('("swatches.txt"', '("caption.txt"'), "file_names must be free, got 'caption.txt'"),
        (("def describe", "def describes"), r"must have describe\(\)"),
    ],
)
def test_a_kind_that_does_not_fit_is_named_and_the_others_work(install: Install, changed, said: str) -> None:
    assert changed[0] in SWATCHES
    install("swatches", SWATCHES.replace(*changed), "layers", swatches="swatches:Swatches")
    ((name, reason),) = registry.problems("layers")
    assert name == "swatches"
    assert re.search(said, reason)
    assert LayerKind(14).label == "unknown_14" and LayerKind.CAPTION == 1
    with pytest.raises(AttributeError, match="no kind of layer is called SWATCHES"):
        _ = LayerKind.SWATCHES
