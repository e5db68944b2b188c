"""One schema for send, receive, replay and host results, and its description in docs/report.md."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from semcom.apps.cli import app
from semcom.apps.delivery.heard_result import write_picture
from semcom.apps.delivery.inbox import HeardPicture
from semcom.apps.delivery.packet_items import items_of
from semcom.apps.report.model import (
    FrameCounts,
    Identity,
    LayerResult,
    PictureResult,
    PictureTimes,
    SentBy,
    check,
    json_schema,
    jsonable,
    utc_text,
)
from semcom.apps.services.receiving.received_pictures import ReceivedPicture
from semcom.apps.services.receiving.result_folders import ResultFolders
from semcom.link import Key, Scope
from semcom.semantic import LayerKey, SemanticPacket, encode

from ...stand_ins import stand_ins, street  # noqa: F401

pytestmark = [pytest.mark.usefixtures("stand_ins"), pytest.mark.timeout(300)]
UTC_TIME = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture
def packet() -> SemanticPacket:
    return encode(street(240, 160), stream=7, group=2, picture=3)


def heard(packet: SemanticPacket, complete: bool = True) -> HeardPicture:
    """As the inbox gives it out; without its last layer where it is not complete."""
    items = items_of(packet)
    came = items if complete else items[:-1]
    return HeardPicture(
        Scope(7, 2, 3),
        payloads={LayerKey(*item.key): item.payload for item in came},
        carriers={item.key.layer: item.key for item in came},
        frames=Counter({item.key: 2 for item in came}),
        missing=Counter() if complete else Counter({items[-1].key: 1}),
        snr_db=[10.0, 11.0, float("inf")],
        cfo_hz=[100.0],
        evm_db=[-20.0],
        channel_uses=2000,
        complete=complete,
    )


def entry_of_send(tmp_path: Path, *options: object) -> dict:
    path = tmp_path / "street.png"
    Image.fromarray(street(240, 160)).save(path)
    arguments = ["send", str(path), "--out", str(tmp_path / "out"), *map(str, options)]
    assert CliRunner().invoke(app, arguments).exit_code in (0, 3)
    (entry,) = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    return entry


@pytest.mark.parametrize("snr_db", [12, -25], ids=["complete", "lost"])
def test_what_send_tells(tmp_path: Path, snr_db: int) -> None:
    entry = entry_of_send(tmp_path, "--snr-db", snr_db)
    check(entry)
    assert (entry["command"], entry["path"], entry["folder"]) == ("send", str(tmp_path / "street.png"), "street")
    assert entry["identity"] == {"stream": 0, "group": 0, "picture": 1} and UTC_TIME.fullmatch(entry["time"])
    assert entry["account"]["sent"] == entry["frames"]["sent"] > 0 and entry["complete"] == (snr_db > 0)


@pytest.mark.parametrize("command", ["receive", "replay"])
@pytest.mark.parametrize("complete", [True, False])
def test_what_a_receiver_tells(tmp_path: Path, packet, command: str, complete: bool) -> None:
    entry = write_picture(tmp_path, heard(packet, complete), command, {"name": "pluto"}, 1e6).as_dict()
    check(entry)
    assert (entry["command"], entry["image"], entry["folder"]) == (command, "00007-003", "00007-003")
    assert entry["identity"] == {"stream": 7, "group": 2, "picture": 3}
    assert (entry["outcome"], entry["complete"]) == (("complete", True) if complete else ("partial", False))
    unknown = {"path", "account", "sender", "times"}
    assert {name for name, value in entry.items() if value is None} == unknown
    assert entry["frames"]["sent"] is None and entry["frames"]["lost"] == (not complete)
    assert entry["airtime_s"] == 0.002 and entry["snr_db_estimated"] == 11
    last = entry["layers"][-1]
    if not complete:
        assert last["complete"] is False and (last["kind"], last["bytes"], last["frames_sent"]) == (None, None, 1)


def test_what_a_receiver_tells_of_a_lost_picture(tmp_path: Path) -> None:
    lost = HeardPicture(Scope(7, 2, 3), missing=Counter({Key(7, 2, 3, 1): 2}), unseen_layers=4)
    entry = write_picture(tmp_path, lost, "receive", {"name": "pluto"}, 1e6).as_dict()
    check(entry)
    assert entry["outcome"] == "lost" and "Of 4 layers nothing was heard." in entry["notes"]
    assert "nothing was heard" in (tmp_path / "00007-003" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("complete", [True, False])
def test_what_host_rx_tells(tmp_path: Path, packet, complete: bool) -> None:
    payloads = {layer.key: layer.payload for layer in packet.layers}
    picture = ReceivedPicture(Scope(7, 2, 3), payloads, [b"frame"] * 5, complete, quality={"snr_db": 9.0})
    ResultFolders(tmp_path).write(picture)
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    entry = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    check(entry)
    assert (entry["command"], entry["image"], entry["snr_db_estimated"]) == ("host rx", folder.name, 9.0)
    assert folder.name.endswith("_7-2-3") and entry["sender"] == {"stream": 7, "submission": None, "photo": None}
    assert entry["frames"] == {"sent": None, "received": 5, "lost": None} and entry["complete"] is complete
    assert [layer["bytes"] for layer in entry["layers"]] == [len(payload) for payload in payloads.values()]


def test_all_commands_tell_the_same_fields(tmp_path: Path, packet) -> None:
    sent = entry_of_send(tmp_path)
    received = write_picture(tmp_path, heard(packet), "receive", {}, 1e6).as_dict()
    assert list(sent) == list(received) == [field.name for field in fields(PictureResult)]
    assert list(sent["layers"][0]) == list(received["layers"][0])


def result(**changes: object) -> PictureResult:
    values = {"command": "send", "image": "a", "outcome": "complete", "layers": [], "frames": FrameCounts(1, 1, 0)}
    return PictureResult(**{**values, **changes})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"wide": 3}, "wide"),
        ({"schema": 2}, "schema"),
        ({"outcome": "fine"}, "outcome"),
        ({"bytes_packet": "many"}, "bytes_packet"),
        ({"identity": {"stream": 1, "group": 0}}, "picture"),
        ({"layers": [{"name": "a"}]}, "kind"),
    ],
)
def test_an_entry_that_breaks_the_schema_is_refused_by_name(change: dict, words: str) -> None:
    check(result().as_dict())
    with pytest.raises(ValueError, match=words):
        check({**result().as_dict(), **change})


def test_an_entry_that_lacks_a_field_is_refused_by_name() -> None:
    entry = result(layers=[LayerResult("a", None, None, None, None, 0, False)]).as_dict()
    for name in entry:
        with pytest.raises(ValueError, match=name):
            check({key: value for key, value in entry.items() if key != name})
    del entry["layers"][0]["mcs"]
    with pytest.raises(ValueError, match=r"layers\.mcs"):
        check(entry)


def test_numbers_that_json_cannot_say_are_null() -> None:
    told = jsonable({"a": math.inf, "b": [np.float32("nan"), np.int64(3), np.bool_(True)], "c": (1 / 3,), 4: None})
    assert told == {"a": None, "b": [None, 3, True], "c": [0.333333], "4": None}
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_times_are_utc() -> None:
    assert utc_text(0.0) == "1970-01-01T00:00:00.000Z" and utc_text(1.5) == "1970-01-01T00:00:01.500Z"


def test_the_page_of_the_documentation_has_every_field(repository: Path) -> None:
    text = (repository / "docs" / "report.md").read_text(encoding="utf-8")
    described = {name for row in re.findall(r"^\| (`[^|]*) \|", text, re.M) for name in re.findall(r"`(\w+)`", row)}
    classes = (PictureResult, LayerResult, FrameCounts, Identity, SentBy, PictureTimes)
    assert described >= {field.name for made in classes for field in fields(made)}
    assert set(json_schema()["properties"]) == {field.name for field in fields(PictureResult)}
