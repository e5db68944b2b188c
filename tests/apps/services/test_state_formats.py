"""State of version 1 is read for ever, and what is written today can be read by the version that wrote that.

`tests/data/state_v1` was made by `write_state` at version 0.1.0. Two readers of the forms of then, written out below,
stand for a step back to that version: they know nothing of the code that writes today.
"""

from __future__ import annotations

import base64
import json
import shutil
import zlib
from pathlib import Path
from typing import Any

import pytest

from semcom.apps.delivery.packet_items import items_of
from semcom.apps.services.receiving.received_pictures import ReceivedPictures
from semcom.apps.services.receiving.result_folders import ResultFolders
from semcom.apps.services.sending.sent_pictures import SentPictures
from semcom.link import OutgoingFrame, Scope, Sender
from semcom.link.frame import Frame
from semcom.semantic import SemanticPacket

STATE = Path(__file__).parents[2] / "data" / "state_v1"
PACKET = Path(__file__).parents[2] / "data" / "packet_v1.sem"
STREAM, CAUSE = 3, "burst not detected"


def frames_of(group: int, number: int) -> list[OutgoingFrame]:
    return Sender(48).frames(items_of(SemanticPacket.from_bytes(PACKET.read_bytes()), group, number))


def write_state(folder: Path) -> None:
    """Host tx: a picture closed, one half confirmed, one begun, a file refused. Host rx: pictures in each place."""
    sent = SentPictures(folder / "host-tx" / "journal", STREAM)
    pictures = []
    for name in ("closed.png", "half.png", "begun.png"):
        group, number = sent.next_number()
        frames = frames_of(group, number)
        pictures.append(sent.begin(name, f"mark of {name}", frames))
        sent.sent(frame.name for frame in frames)
    closed, half, _ = pictures
    sent.came(closed.frames)
    sent.close_picture(closed, "never")
    sent.came(list(half.frames)[:2])
    sent.failed(list(half.frames)[2:3], CAUSE)
    sent.skip("mark of broken.png")
    sent.close()
    received = ReceivedPictures(folder / "host-rx" / "frames", lambda scope: None)
    for number, count in ((1, None), (2, 3), (3, 3), (4, None)):
        received.take([(frame.data, {}) for frame in frames_of(5, number)[:count]])
    for number, shown in ((3, True), (4, False)):
        scope = Scope(STREAM, 5, number)
        received.spilled.put(scope, received.pictures[scope].frames, shown)
        received._drop(scope)
    received._compact()
    received.close()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return Path(shutil.copytree(STATE, tmp_path / "state"))


def test_the_sender_goes_on_from_a_journal_of_version_1(state: Path) -> None:
    sent = SentPictures(state / "host-tx" / "journal", 9, resume=True)
    half, begun = sent.open.values()
    assert (half.name, begun.name) == ("half.png", "begun.png") and half.scope == (STREAM, 1, 2)
    expected = {frame.name: frame for frame in frames_of(1, 2)}
    assert half.frames == expected and half.missing == set(list(expected)[2:])
    assert half.account.history()[list(expected)[2]] == ["sent", f"failed {CAUSE}"]
    assert sent.is_done("mark of closed.png") and sent.is_done("mark of broken.png")
    assert not sent.is_done("mark of half.png") and sent.group > 1
    assert sent.totals["complete"] == sent.totals["pictures"] == 1
    sent.close()


def test_the_receiver_shows_all_that_it_had_confirmed_in_version_1(state: Path, tmp_path: Path) -> None:
    results = ResultFolders(tmp_path / "out")
    received = ReceivedPictures(state / "host-rx" / "frames", results.payloads)
    numbers = {picture.scope.picture: picture for picture in received.to_write(quiet_s=-1)}
    assert sorted(numbers) == [1, 2, 4] and [numbers[n].complete for n in (1, 2, 4)] == [True, False, True]
    received.take([(frame.data, {}) for frame in frames_of(5, 3)[3:]])  # the rest of one that was put aside
    assert received.pictures[Scope(STREAM, 5, 3)].complete
    golden = {layer.key.layer: layer.payload for layer in SemanticPacket.from_bytes(PACKET.read_bytes()).layers}
    for picture in received.to_write(quiet_s=-1):
        results.write(picture)
        if picture.complete:
            assert {key.layer: payload for key, payload in picture.payloads.items()} == golden
    assert results.counts()["complete"] == 3
    received.close()


def records(path: Path) -> list[bytes]:
    """A file of records, as version 0.1.0 reads it: nothing may follow the last whole one."""
    data, found = path.read_bytes(), []
    assert data[:8] == b"SEMCREC1"
    data = data[8:]
    while data:
        length, check = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
        record, data = data[8 : 8 + length], data[8 + length :]
        assert len(record) == length and zlib.crc32(record, 1) == check
        found.append(record)
    return found


def sender_of_then(entries: list[dict[str, Any]]) -> tuple[dict[str, dict[str, bytes]], set[str]]:
    """What version 0.1.0 makes of a journal: frames of open pictures still to be confirmed, files done."""
    missing: dict[tuple[int, ...], dict[str, bytes]] = {}
    names: dict[tuple[int, ...], str] = {}
    done = set()
    for entry in entries:
        match entry["event"]:
            case "picture":
                scope = entry["stream"], entry["group"], entry["number"]
                names[scope] = entry["name"]
                frames = [(told[0], base64.b64decode(told[1]), told[2], told[3]) for told in entry["frames"]]
                assert all(len(name) == 5 for name, *_ in frames)
                missing[scope] = {str(name): data for name, data, *_ in frames}
            case "came":
                for name in entry["frames"]:
                    missing[tuple(name[:3])].pop(str(name))
            case "sent" | "failed":
                assert all(str(name) in missing[tuple(name[:3])] for name in entry["frames"])
            case "closed":
                missing.pop((entry["stream"], entry["group"], entry["number"]), None)
                done.add(entry["mark"])
            case "done":
                done.add(entry["mark"])
            case "totals":
                assert {"pictures", "complete", "sent"} <= entry["totals"].keys() and "lost_by_cause" in entry
            case other:
                assert other == "group" and isinstance(entry["group"], int)
    return {names[scope]: frames for scope, frames in missing.items()}, done


def frames_of_then(folder: Path) -> set[bytes]:
    """Frames that version 0.1.0 finds in the state of host rx: in memory, and put aside on the disk."""
    found = set(records(folder / "frames"))
    for path in (folder / "spilled").iterdir():
        assert path.suffix in (".shown", ".unshown") and len(path.stem.split("-")) == 3
        data = path.read_bytes()
        while data:
            length = int.from_bytes(data[:4], "big")
            found.add(data[4 : 4 + length])
            data = data[4 + length :]
    return found


@pytest.mark.parametrize("after", ["writing", "reading again"])
def test_one_step_back_finds_every_picture_that_was_confirmed(tmp_path: Path, after: str) -> None:
    write_state(tmp_path)
    if after == "reading again":  # and compacting
        SentPictures(tmp_path / "host-tx" / "journal", STREAM, resume=True).close()
        ReceivedPictures(tmp_path / "host-rx" / "frames", lambda scope: None).close()
    entries = [json.loads(record) for record in records(tmp_path / "host-tx" / "journal")]
    missing, done = sender_of_then(entries)
    frames = {number: [frame.data for frame in frames_of(1, number)] for number in (2, 3)}
    assert {name: list(kept.values()) for name, kept in missing.items()} == {
        "half.png": frames[2][2:],
        "begun.png": frames[3],
    }
    assert {"mark of closed.png", "mark of broken.png"} <= done
    confirmed = {
        frame.data for number, count in ((1, None), (2, 3), (3, 3), (4, None)) for frame in frames_of(5, number)[:count]
    }
    assert frames_of_then(tmp_path / "host-rx") >= confirmed


def test_the_readers_of_then_read_what_was_written_then() -> None:
    entries = [json.loads(record) for record in records(STATE / "host-tx" / "journal")]
    missing, done = sender_of_then(entries)
    assert sorted(missing) == ["begun.png", "half.png"] and "mark of closed.png" in done
    assert frames_of_then(STATE / "host-rx") and all(
        Frame.from_bytes(frame).key.stream == STREAM for frame in frames_of_then(STATE / "host-rx")
    )


def test_an_entry_of_a_later_version_is_passed_over(state: Path) -> None:
    sent = SentPictures(state / "host-tx" / "journal", STREAM, resume=True)
    sent._journal.write({"event": "weather", "rain": True})
    sent.close()
    again = SentPictures(state / "host-tx" / "journal", STREAM, resume=True)
    assert len(again.open) == 2
    again.close()


def test_a_file_of_a_later_version_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b"SEMCREC2" + bytes(40))
    with pytest.raises(Exception, match="must be a file of records, begins with b'SEMCREC2'"):
        SentPictures(path)
    assert path.read_bytes() == b"SEMCREC2" + bytes(40)


if __name__ == "__main__":
    write_state(STATE)
