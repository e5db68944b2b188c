"""The receiver's side of the disk: frames outlive the process, results are whole, old ones make room."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from semcom.apps.delivery.packet_items import items_of
from semcom.apps.services import received_pictures
from semcom.apps.services.received_pictures import ReceivedPicture, ReceivedPictures
from semcom.apps.services.result_folders import ResultFolders, replace_folder
from semcom.link import Scope, Sender
from semcom.semantic import LayerKey, SemanticPacket, encode

from ...stand_ins import stand_ins, street  # noqa: F401

pytestmark = pytest.mark.usefixtures("stand_ins")
QUALITY = {"snr_db": 10.0}


@pytest.fixture
def packet() -> SemanticPacket:
    return encode(street(240, 160))


def frames_of(packet: SemanticPacket, number: int = 1) -> list[tuple[bytes, dict[str, float]]]:
    return [(frame.data, QUALITY) for frame in Sender(256).frames(items_of(packet, 1, number))]


def test_frames_outlive_the_process_and_the_picture_is_completed_after_it(tmp_path: Path, packet) -> None:
    frames = frames_of(packet)
    results = ResultFolders(tmp_path / "out")
    pictures = ReceivedPictures(tmp_path / "frames", results.payloads)
    assert len(pictures.take(frames[:3])) == 3
    pictures.close()
    pictures = ReceivedPictures(tmp_path / "frames", results.payloads)
    assert pictures.replayed == 3 and len(pictures.take(frames)) == len(frames)
    (picture,) = pictures.to_write(quiet_s=60)
    assert picture.complete and results.write(picture)["caption"].startswith("A red car")
    pictures.forget(picture)
    pictures.close()
    again = ResultFolders(tmp_path / "out")
    pictures = ReceivedPictures(tmp_path / "frames", again.payloads)
    assert again.counts() == {"pictures": 1, "complete": 1} and not pictures.pictures
    assert pictures.take(frames[:1]) and not pictures.pictures  # late copies are confirmed and change nothing
    pictures.close()


def test_what_is_finished_costs_little_when_the_process_starts_anew(tmp_path: Path, packet, monkeypatch) -> None:
    monkeypatch.setattr(received_pictures, "COMPACT_BYTES", 4 * len(packet.to_bytes()))
    payloads = {layer.key: layer.payload for layer in packet.layers}
    pictures = ReceivedPictures(tmp_path / "frames", lambda scope: None)
    for number in range(1, 31):
        pictures.take(frames_of(packet, number))
        for picture in pictures.to_write(quiet_s=-1):
            pictures.forget(picture)
    pictures.close()
    assert (tmp_path / "frames").stat().st_size < 8 * len(packet.to_bytes())
    asked = []

    def finished(scope: Scope) -> dict:
        asked.append(scope)
        return {LayerKey(*scope, key.layer): payload for key, payload in payloads.items()}

    pictures = ReceivedPictures(tmp_path / "frames", finished)
    assert pictures.replayed and not pictures.pictures
    assert len(asked) == len(set(asked))  # a file each: not one for every frame
    pictures.close()


def test_a_partial_picture_is_shown_and_replaced_as_a_whole(tmp_path: Path, packet) -> None:
    results = ResultFolders(tmp_path)
    pictures = ReceivedPictures(tmp_path / ".state" / "frames", results.payloads)
    frames = frames_of(packet)
    pictures.take(frames[:-1])
    (picture,) = pictures.to_write(quiet_s=-1)
    results.write(picture)
    (tmp_path / "0-1-1" / "stale.txt").write_text("of the first version")
    assert not json.loads((tmp_path / "0-1-1" / "result.json").read_text())["complete"]
    pictures.take(frames[-1:])
    results.write(picture)
    assert json.loads((tmp_path / "0-1-1" / "result.json").read_text())["complete"]
    assert not (tmp_path / "0-1-1" / "stale.txt").exists() and not list(tmp_path.glob(".semcom-*"))
    assert "complete" in (tmp_path / "index.html").read_text()
    pictures.close()


def test_what_fails_while_writing_leaves_the_old_folder(tmp_path: Path) -> None:
    target = tmp_path / "0-1-1"
    replace_folder(target, lambda aside: (aside / "old").write_text("old"))

    def fill(aside: Path) -> None:
        (aside / "new").write_text("new")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        replace_folder(target, fill)
    assert [path.name for path in target.iterdir()] == ["old"] and len(list(tmp_path.iterdir())) == 1


def test_the_oldest_results_make_room_and_folders_of_others_stay(tmp_path: Path, packet) -> None:
    (tmp_path / "my-own-folder").mkdir()
    (tmp_path / "my-own-folder" / "result.json").write_text('{"complete": true, "shown": 1, "caption": "", "at": 0.5}')
    results = ResultFolders(tmp_path, keep=2)
    payloads = {layer.key: layer.payload for layer in packet.layers}
    for number in range(1, 5):
        results.write(ReceivedPicture(Scope(0, 1, number), dict(payloads), complete=True))
    names = sorted(path.name for path in tmp_path.iterdir() if path.is_dir())
    assert names == ["0-1-3", "0-1-4", "my-own-folder"] and results.counts()["pictures"] == 2


def test_remains_of_a_killed_process_are_removed(tmp_path: Path) -> None:
    (tmp_path / ".semcom-abc").mkdir()
    (tmp_path / ".semcom-abc" / "half.png").write_bytes(b"half")
    ResultFolders(tmp_path)
    assert not list(tmp_path.iterdir())
