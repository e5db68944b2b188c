"""The receiver's side of the disk: frames outlive the process, results are whole, old ones make room."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest

from semcom.apps.delivery.packet_items import items_of
from semcom.apps.delivery.submissions import with_submission
from semcom.apps.report import index
from semcom.apps.services.journal import RecordFile
from semcom.apps.services.receiving import received_pictures
from semcom.apps.services.receiving.received_pictures import ReceivedPicture, ReceivedPictures
from semcom.apps.services.receiving.result_folders import ResultFolders
from semcom.apps.services.receiving.retention import Keep
from semcom.apps.services.records import frame_record
from semcom.link import Scope, Sender
from semcom.semantic import LayerKey, SemanticPacket, encode
from semcom.semantic.layers import Submission

from ...stand_ins import stand_ins, street  # noqa: F401

pytestmark = pytest.mark.usefixtures("stand_ins")
QUALITY = {"snr_db": 10.0}
BEFORE_SCHEMA_1 = '{"complete": true, "shown": true, "caption": "A <b>bus</b>.", "at": 0.5}'


@pytest.fixture
def packet() -> SemanticPacket:
    return encode(street(240, 160))


def frames_of(packet: SemanticPacket, number: int = 1, frame_bytes: int = 256) -> list[tuple[bytes, dict[str, float]]]:
    return [(frame.data, QUALITY) for frame in Sender(frame_bytes).frames(items_of(packet, 1, number))]


def folders(results: Path) -> list[Path]:
    return sorted(path for path in results.iterdir() if path.is_dir() and not path.name.startswith("."))


def told(folder: Path) -> dict:
    return json.loads((folder / "result.json").read_text())


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
    monkeypatch.setattr(frame_record, "COMPACT_BYTES", 4 * len(packet.to_bytes()))
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


def test_finished_pictures_stay_finished_however_many_of_their_frames_are_read_again(tmp_path, packet, monkeypatch):
    """The process is killed before it has shortened its record: pieces of layers open finished pictures for a moment,
    more of them than fit the memory, and some go to the disk and back."""
    monkeypatch.setattr(received_pictures, "MAX_PICTURES", 2)
    results = ResultFolders(tmp_path / "out")
    pictures = ReceivedPictures(tmp_path / "frames", results.payloads)
    frames = [frames_of(packet, number, frame_bytes=64) for number in range(1, 7)]
    for own in frames:
        pictures.take(own)
        (picture,) = pictures.to_write(quiet_s=60)
        results.write(picture)
        pictures.forget(picture)
    pictures.close()
    mixed = [entry for entries in zip(*frames, strict=True) for entry in entries]  # no picture is whole before all are
    record = RecordFile(tmp_path / "frames")
    record.replace([data for data, _ in mixed])
    record.close()
    again = ResultFolders(tmp_path / "out")
    pictures = ReceivedPictures(tmp_path / "frames", again.payloads)
    assert pictures.replayed == len(mixed)
    for picture in pictures.to_write(quiet_s=-1):
        again.write(picture)
    assert again.counts()["complete"] == again.counts()["pictures"] == len(frames)
    assert all(picture.complete for picture in pictures.pictures.values())
    pictures.close()


def test_results_that_made_room_do_not_come_back_when_the_process_starts_anew(tmp_path: Path, packet) -> None:
    """Their frames are no longer in the record: they would take the room of newer results."""
    keep = Keep(results=2)
    results = ResultFolders(tmp_path / "out", keep)
    pictures = ReceivedPictures(tmp_path / "frames", results.payloads, results.to_disk)
    for number in range(1, 6):
        pictures.take(frames_of(packet, number))
        (picture,) = pictures.to_write(quiet_s=60)
        results.write(picture)
        pictures.forget(picture)
        pictures.results_removed(results.take_removed())
    pictures.close()
    there = folders(tmp_path / "out")
    assert [path.name[-5:] for path in there] == ["0-1-4", "0-1-5"]
    results = ResultFolders(tmp_path / "out", keep)
    pictures = ReceivedPictures(tmp_path / "frames", results.payloads, results.to_disk)
    for picture in pictures.to_write(quiet_s=-1):
        results.write(picture)
    assert folders(tmp_path / "out") == there
    pictures.close()


def test_a_finished_picture_of_which_pieces_come_again_is_left_once_they_are_put_together(tmp_path, packet) -> None:
    results = ResultFolders(tmp_path / "out")
    pictures = ReceivedPictures(tmp_path / "frames", results.payloads)
    frames = frames_of(packet, frame_bytes=64)
    pictures.take(frames)
    (picture,) = pictures.to_write(quiet_s=60)
    results.write(picture)
    pictures.close()  # killed before the record was shortened
    pictures = ReceivedPictures(tmp_path / "frames", results.payloads)
    assert pictures.replayed == len(frames) and not pictures.pictures and not pictures.assembler.scopes()
    pictures.close()


def test_a_part_never_takes_the_place_of_a_complete_result(tmp_path: Path, packet) -> None:
    results, scope = ResultFolders(tmp_path), Scope(5, 1, 1)
    results.write(sent_as(packet, scope, Submission(b"abcdefgh")))
    (folder,) = folders(tmp_path)
    results.write(sent_as(packet, scope, Submission(b"abcdefgh"), complete=False))
    results.write(ReceivedPicture(scope, {LayerKey(*scope, 7): b"a piece"}))
    assert told(folder)["complete"] and results.is_finished(scope) and folders(tmp_path) == [folder]


def test_a_photo_that_comes_again_is_shown_again_where_its_result_was_removed_by_hand(tmp_path: Path, packet) -> None:
    results, submission = ResultFolders(tmp_path), Submission(b"abcdefgh")
    results.write(sent_as(packet, Scope(5, 1, 1), submission))
    (folder,) = folders(tmp_path)
    shutil.rmtree(folder)
    results.write(sent_as(packet, Scope(900, 1, 1), submission))
    assert [told(path)["complete"] for path in folders(tmp_path)] == [True]


def test_a_partial_picture_is_shown_and_replaced_as_a_whole(tmp_path: Path, packet) -> None:
    results = ResultFolders(tmp_path)
    pictures = ReceivedPictures(tmp_path / ".state" / "frames", results.payloads)
    frames = frames_of(packet)
    pictures.take(frames[:-1])
    (picture,) = pictures.to_write(quiet_s=-1)
    results.write(picture)
    (folder,) = folders(tmp_path)
    (folder / "stale.txt").write_text("of the first version")
    before = told(folder)
    assert not before["complete"] and before["times"]["complete"] is None
    pictures.take(frames[-1:])
    results.write(picture)
    assert folders(tmp_path) == [folder] and told(folder)["complete"]
    assert told(folder)["times"]["first_burst"] == before["times"]["first_burst"] <= told(folder)["times"]["complete"]
    assert not (folder / "stale.txt").exists() and not list(tmp_path.glob(".semcom-*"))
    assert "complete" in (tmp_path / "index.html").read_text()
    pictures.close()


def test_the_oldest_results_make_room_and_folders_of_others_stay(tmp_path: Path, packet) -> None:
    (tmp_path / "my-own-folder").mkdir()
    (tmp_path / "my-own-folder" / "result.json").write_text(BEFORE_SCHEMA_1)
    results = ResultFolders(tmp_path, Keep(2))
    payloads = {layer.key: layer.payload for layer in packet.layers}
    for number in range(1, 5):
        results.write(ReceivedPicture(Scope(0, 1, number), dict(payloads), complete=True))
    names = [path.name[-5:] for path in folders(tmp_path)]
    assert names == ["0-1-3", "0-1-4", "older"] and results.counts()["pictures"] == 2
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
    assert page.index("_0-1-1/report.html") < page.index("0-9-9/report.html")  # latest first
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
    assert [path.is_file() for path in (tmp_path / "out").glob("*_0-1-2/thumbnail.webp")] == [True]


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
    (folder,) = folders(tmp_path)
    assert "nothing can be shown" in (folder / "report.html").read_text(encoding="utf-8")
    assert "0-1-1/report.html" in (tmp_path / "index.html").read_text(encoding="utf-8")


def sent_as(packet: SemanticPacket, scope: Scope, submission: Submission, complete: bool = True) -> ReceivedPicture:
    layers = with_submission(packet, submission).layers
    payloads = {LayerKey(*scope, layer.key.layer): layer.payload for layer in layers}
    return ReceivedPicture(scope, payloads, complete=complete)


def test_a_result_is_named_by_time_and_photo_and_tells_its_sender(tmp_path: Path, packet) -> None:
    results = ResultFolders(tmp_path)
    picture = sent_as(packet, Scope(5, 1, 1), Submission(b"abcdefgh", "street <1>.jpg", 1_700_000_000))
    picture.heard_at_s = 1795922107.0
    picture.completed_at_s = time.time()
    result = results.write(picture)
    folder = tmp_path / "2026-11-29_03-15-07_street_1"
    assert folders(tmp_path) == [folder] and result.image == "street <1>.jpg"
    assert told(folder)["sender"] == {"stream": 5, "submission": b"abcdefgh".hex(), "photo": "street <1>.jpg"}
    times = told(folder)["times"]
    assert (times["sent"], times["first_burst"]) == ("2023-11-14T22:13:20.000Z", "2026-11-29T03:15:07.000Z")
    assert times["complete"] > times["sent"] and "sender" in times["clock"]
    assert "street &lt;1&gt;.jpg" in (tmp_path / "index.html").read_text(encoding="utf-8")
    twice = sent_as(packet, Scope(5, 1, 2), Submission(b"ABCDEFGH", "street <1>.jpg", 1_700_000_000))
    twice.heard_at_s = picture.heard_at_s
    results.write(twice)  # the same photo, put in again: two results
    assert [path.name for path in folders(tmp_path)] == [folder.name, f"{folder.name}-2"]


def test_a_photo_that_is_sent_again_under_other_numbers_is_one_result(tmp_path: Path, packet) -> None:
    results, submission = ResultFolders(tmp_path), Submission(b"abcdefgh")
    first, again, third = Scope(5, 1, 1), Scope(900, 1, 1), Scope(901, 1, 7)
    results.write(sent_as(packet, first, submission, complete=False))
    (folder,) = folders(tmp_path)
    results.write(sent_as(packet, again, submission))  # more of it than before: it takes the place
    assert folders(tmp_path) == [folder] and told(folder)["complete"] and told(folder)["identity"]["stream"] == 900
    written = (folder / "result.json").stat().st_ino
    results = ResultFolders(tmp_path)  # a restart
    results.write(sent_as(packet, third, submission, complete=False))
    assert not results.is_finished(third)  # the rest of it is still to be confirmed
    results.write(sent_as(packet, third, submission))
    assert (
        results.is_finished(third)
        and results.payloads(third).keys() == sent_as(packet, third, submission).payloads.keys()
    )
    assert (folder / "result.json").stat().st_ino == written and results.counts()["pictures"] == results.counts()[
        "complete"
    ] == 1
    assert folders(tmp_path) == [folder]


def test_a_picture_whose_submission_comes_late_gives_up_its_own_folder(tmp_path: Path, packet) -> None:
    results, submission, again = ResultFolders(tmp_path), Submission(b"abcdefgh"), Scope(900, 1, 1)
    results.write(sent_as(packet, Scope(5, 1, 1), submission))
    (folder,) = folders(tmp_path)
    results.write(ReceivedPicture(again, {LayerKey(*again, la.key.layer): la.payload for la in packet.layers}))
    assert len(folders(tmp_path)) == 2
    results.write(sent_as(packet, again, submission))
    assert folders(tmp_path) == [folder] and results.counts()["pictures"] == 1


def test_10_000_results_are_pages_and_a_new_one_writes_few_of_them(tmp_path: Path, packet, monkeypatch) -> None:
    lean = {
        "schema": 1,
        "command": "host rx",
        "outcome": "complete",
        "caption": None,
        "bytes_packet": 9,
        "provenance": {},
    }
    for number in range(10_000):
        folder = tmp_path / f"2026-01-01_00-00-00_0-{number // 5000}-{number % 5000 + 1}"
        folder.mkdir()
        entry = {**lean, "time": f"2026-01-01T00:00:00.{number:06d}Z", "image": folder.name}
        identity = {"stream": 0, "group": number // 5000, "picture": number % 5000 + 1}
        (folder / "result.json").write_text(json.dumps({**entry, "identity": identity}))
    results = ResultFolders(tmp_path)
    assert results.counts()["pictures"] == results.counts()["complete"] == 10_000 and results.is_finished(
        Scope(0, 1, 17)
    )
    submission = Submission(b"abcdefgh")
    results.write(sent_as(packet, Scope(7, 1, 1), submission))
    pages = {path.name for path in tmp_path.glob("index*.html")}
    assert len(pages) == 52 and not (tmp_path / "2026-01-01_00-00-00_0-0-1").exists()
    written: list[str] = []
    write = index.write_file_whole
    monkeypatch.setattr(index, "write_file_whole", lambda path, data: (written.append(path.name), write(path, data)))
    results.write(sent_as(packet, Scope(7, 1, 2), Submission(b"ABCDEFGH")))
    assert len(written) <= 4 and results.counts()["pictures"] == 10_000
    page = (tmp_path / "index-25.html").read_text(encoding="utf-8")
    assert page.count("/report.html") >= 200 and "0-0-5000/report.html" in page
