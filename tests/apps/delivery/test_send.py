"""What is made of the payloads that arrived, whatever they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcom.apps.delivery.packet_items import rebuild
from semcom.apps.report.results import folder_names
from semcom.semantic import LayerKind, SemanticPacket, encode

from ...stand_ins import stand_ins, street  # noqa: F401

pytestmark = pytest.mark.usefixtures("stand_ins")


def arrived(packet: SemanticPacket, *kinds: LayerKind) -> dict:
    return {layer.key: layer.payload for layer in packet.layers if layer.kind in kinds}


def test_nothing_and_next_to_nothing_are_lost() -> None:
    packet = encode(street(240, 160))
    for kinds in ((), (LayerKind.HEADER,)):
        received, reconstruction, notes = rebuild(arrived(packet, *kinds))
        assert received is None and reconstruction is None and "nothing can be shown" in notes[-1]


def test_damaged_layers_only_are_lost_and_named() -> None:
    packet = encode(street(240, 160))
    payloads = {key: payload[:3] for key, payload in arrived(packet, LayerKind.CLASS_MAP).items()}
    received, _, notes = rebuild(payloads)
    assert received is None and "0/0/1/3 could not be read" in notes[0]


def test_a_caption_alone_is_words_without_a_picture() -> None:
    received, reconstruction, notes = rebuild(arrived(encode(street(240, 160)), LayerKind.CAPTION))
    assert received is not None and reconstruction.caption.text.startswith("A red car")
    assert reconstruction.picture is None and "no picture" in notes[-1]


def test_folder_names_are_short_unlike_and_out_of_the_way() -> None:
    photos = [
        Path(name) for name in ("a.png", "b/a.jpg", ".hid.png", ".hid.jpg", "report.json.png", "ü" * 200 + ".png")
    ]
    names = folder_names(photos)
    assert names[:5] == ["a", "a-2", "hid", "hid-2", "report.json-2"]
    assert names[5] == "ü" * 50
