"""The receiver's side of the disk: frames outlive the process, results are whole, old ones make room."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from semcom.apps.delivery.packet_items import items_of
from semcom.apps.services.receiving import received_pictures
from semcom.apps.services.receiving.received_pictures import ReceivedPicture, ReceivedPictures
from semcom.apps.services.receiving.result_folders import ResultFolders
from semcom.apps.services.receiving.retention import Keep
from semcom.link import Scope, Sender
from semcom.semantic import LayerKey, SemanticPacket, encode

from ...stand_ins import stand_ins, street  # noqa: F401

pytestmark = pytest.mark.usefixtures("stand_ins")
QUALITY = {"snr_db": 10.0}
BEFORE_SCHEMA_1 = '{"complete": true, "shown": true, "caption": "A <b>bus</b>.", "at": 0.5}'


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
    assert picture.complete and results.write(picture).caption.startswith("A red car")
    pictures.forget(picture)
    pictures.close()
    again = ResultFolders(tmp_path / "out")
    pictures = ReceivedPictures(tmp_path / "frames", again.payloads)
    assert again.counts()["complete"] == again.counts()["pictures"] == 1 and not pictures.pictures
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


def test_the_oldest_results_make_room_and_folders_of_others_stay(tmp_path: Path, packet) -> None:
    (tmp_path / "my-own-folder").mkdir()
    (tmp_path / "my-own-folder" / "result.json").write_text(BEFORE_SCHEMA_1)
    results = ResultFolders(tmp_path, Keep(2))
    payloads = {layer.key: layer.payload for layer in packet.layers}
    for number in range(1, 5):
        results.write(ReceivedPicture(Scope(0, 1, number), dict(payloads), complete=True))
    names = sorted(path.name for path in tmp_path.iterdir() if path.is_dir())
    assert names == ["0-1-3", "0-1-4", "my-own-folder"] and results.counts()["pictures"] == 2
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "0-1-4/report.html" in page and "0-1-2" not in page


def test_remains_of_a_killed_process_are_removed(tmp_path: Path) -> None:
    (tmp_path / ".semcom-abc").mkdir()
    (tmp_path / ".semcom-abc" / "half.png").write_bytes(b"half")
    ResultFolders(tmp_path)
    assert not list(tmp_path.iterdir())


def test_results_of_earlier_versions_are_still_known(tmp_path: Path, packet) -> None:
    (tmp_path / "0-9-9").mkdir()
    (tmp_path / "0-9-9" / "result.json").write_text(BEFORE_SCHEMA_1)
    for name, text in (("0-9-8", "[]"), ("0-9-7", '{"schema": 99}'), ("0-9-6", "{"), ("0-9-5", '{"schema": 1}')):
        (tmp_path / name).mkdir()
        (tmp_path / name / "result.json").write_text(text)
    results = ResultFolders(tmp_path)
    assert results.counts()["complete"] == results.counts()["pictures"] == 1 and results.is_finished(Scope(0, 9, 9))
    results.write(ReceivedPicture(Scope(0, 1, 1), {la.key: la.payload for la in packet.layers}, complete=True))
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert page.index("0-1-1/report.html") < page.index("0-9-9/report.html")  # latest first
    assert "A &lt;b&gt;bus&lt;/b&gt;." in page


def test_a_results_folder_that_is_removed_is_made_again_without_what_it_held(tmp_path: Path, packet, caplog) -> None:
    payloads = {layer.key: layer.payload for layer in packet.layers}
    results = ResultFolders(tmp_path / "out")
    results.write(ReceivedPicture(Scope(0, 1, 1), payloads, complete=True))
    shutil.rmtree(tmp_path / "out")
    results.write(ReceivedPicture(Scope(0, 1, 2), payloads, complete=True))
    assert "was removed; it is made again, without its 1 results" in caplog.text
    assert results.counts()["complete"] == results.counts()["pictures"] == 1 and not results.is_finished(Scope(0, 1, 1))
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "0-1-2/thumbnail.webp" in page and "0-1-1" not in page
    assert (tmp_path / "out" / "0-1-2" / "thumbnail.webp").is_file()


def test_frames_are_kept_though_the_state_folder_is_removed(tmp_path: Path, packet) -> None:
    """What is confirmed is on disk: also what was written before the folder vanished."""
    frames = frames_of(packet)
    pictures = ReceivedPictures(tmp_path / "state" / "frames", lambda scope: None)
    pictures.take(frames[:3])
    shutil.rmtree(tmp_path / "state")
    pictures.take(frames[3:])
    pictures.close()
    again = ReceivedPictures(tmp_path / "state" / "frames", lambda scope: None)
    assert again.replayed == len(frames) and [picture.complete for picture in again.to_write(-1)] == [True]
    again.close()


def test_a_picture_of_which_nothing_can_be_shown_is_finished_all_the_same(tmp_path: Path, packet) -> None:
    header = packet.layers[0]
    results = ResultFolders(tmp_path)
    result = results.write(ReceivedPicture(Scope(0, 1, 1), {header.key: header.payload}, complete=True))
    assert result.outcome == "lost" and results.is_finished(Scope(0, 1, 1))
    assert "nothing can be shown" in (tmp_path / "0-1-1" / "report.html").read_text(encoding="utf-8")
    assert "0-1-1/report.html" in (tmp_path / "index.html").read_text(encoding="utf-8")
