"""The account of pictures sent balances, whatever happens between two lines of the journal."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from semcom.apps.services.sending.sent_pictures import RESTARTED, SentPictures
from semcom.link import Item, Key, OutgoingFrame, Sender


def frames(group: int, number: int) -> list[OutgoingFrame]:
    return Sender(64).frames([Item(Key(0, group, number, 0), 7, bytes(200))])


@pytest.fixture
def sent_pictures(tmp_path: Path) -> SentPictures:
    return SentPictures(tmp_path / "journal")


def begin(sent_pictures: SentPictures, mark: str = "m"):
    group, number = sent_pictures.next_number()
    return sent_pictures.begin("a.png", mark, frames(group, number))


def test_a_picture_that_came_is_done_and_counted(sent_pictures: SentPictures) -> None:
    picture = begin(sent_pictures)
    names = list(picture.frames)
    assert sent_pictures.sent(names) and not sent_pictures.came(names[:-1])
    sent_pictures.failed(names[-1:], "block CRC failed")
    sent_pictures.sent(names[-1:])
    sent_pictures.came(names[-1:])
    closed = sent_pictures.close_picture(picture, "never")
    assert closed["complete"] and (closed["delivered"], closed["repaired"], closed["lost"]) == (len(names) - 1, 1, 0)
    assert sent_pictures.is_done("m") and sent_pictures.totals["complete"] == 1
    sent_pictures.check()


def test_receipts_of_strangers_change_nothing(sent_pictures: SentPictures) -> None:
    picture = begin(sent_pictures)
    sent_pictures.sent(picture.frames)
    strange = [frames(sent_pictures.group + 1, 1)[0].name, frames(sent_pictures.group, 2)[0].name]
    assert sent_pictures.came(strange) == strange
    closed = sent_pictures.close_picture(picture, "burst not detected")
    assert closed["lost_by_cause"] == {"burst not detected": len(picture.frames)} and not closed["complete"]
    sent_pictures.check()


def test_after_a_kill_at_any_line_the_account_matches_and_the_group_is_new(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    sent_pictures = SentPictures(path)
    copies = []

    def snapshot() -> None:
        copies.append(tmp_path / f"copy{len(copies)}")
        shutil.copy(path, copies[-1])

    first, second = begin(sent_pictures, "first"), begin(sent_pictures, "second")
    names = [*first.frames, *second.frames]
    snapshot()
    for name in names:
        sent_pictures.sent([name])
        snapshot()
        sent_pictures.came([name]) if name.piece else sent_pictures.failed([name], "block CRC failed")
        snapshot()
    sent_pictures.close_picture(first, "never")
    snapshot()
    sent_pictures.close()
    for copy in copies:
        again = SentPictures(copy)
        assert again.group == 2 and not again.open
        again.check()
        assert again.totals["sent"] <= len(names) and not again.is_done("second")
        assert set(again.lost_by_cause) <= {RESTARTED, "block CRC failed"}
        again.close()


def test_groups_go_on_and_start_again_after_the_last(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    for expected in (1, 2, 3):
        sent_pictures = SentPictures(path)
        assert sent_pictures.group == expected
        sent_pictures.close()
    sent_pictures = SentPictures(path)
    sent_pictures.group = 0xFFFF
    sent_pictures._compact()
    sent_pictures.close()
    sent_pictures = SentPictures(path)
    assert sent_pictures.group == 1
    sent_pictures.close()


def test_frames_that_cannot_be_written_down_must_not_leave(
    sent_pictures: SentPictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = begin(sent_pictures)
    names = list(picture.frames)

    def full(*entries: dict, durable: bool = False) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(sent_pictures._journal, "write", full)
        assert not sent_pictures.sent(names)
    assert picture.account.totals().sent == 0 and sent_pictures.disk_errors == 1
    assert sent_pictures.sent(names) and picture.account.totals().transmissions == len(names)
    sent_pictures.came(names)
    assert sent_pictures.close_picture(picture, "never")["complete"]


def test_a_layer_of_the_group_is_in_the_account_of_the_picture_it_was_sent_with(sent_pictures: SentPictures) -> None:
    shared = Item(Key(0, sent_pictures.group, 0, 5), 6, b"shared")

    def start(items):
        return sent_pictures.begin("a.png", "", Sender(64).frames(items))

    first = start([Item(Key(0, sent_pictures.group, 1, 0), 7, b"one"), shared])
    second = start([Item(Key(0, sent_pictures.group, 2, 0), 7, b"two")])
    sent_pictures.sent(first.frames)
    sent_pictures.sent(second.frames)
    (name,) = (name for name in first.frames if name.key.picture == 0)
    assert sent_pictures.picture_of(name) is first and not sent_pictures.came([*first.frames, *second.frames])
    assert (
        sent_pictures.close_picture(first, "never")["complete"]
        and sent_pictures.close_picture(second, "never")["complete"]
    )
    assert sent_pictures.came([name]) == [name]
    third = start([Item(Key(0, sent_pictures.group, 3, 0), 7, b"three"), shared])
    sent_pictures.sent(third.frames)
    assert not sent_pictures.came(third.frames) and sent_pictures.close_picture(third, "never")["complete"]
    sent_pictures.check()


def test_pictures_on_their_way_go_on_after_a_kill_at_any_line(tmp_path: Path) -> None:
    """Under their own names, with the same frames and the same account; so does a journal that was shortened."""
    path = tmp_path / "journal"
    sent_pictures = SentPictures(path)
    picture = begin(sent_pictures)
    names = list(picture.frames)
    copies: list[tuple[Path, int, int]] = []

    def snapshot(num_sent: int, num_came: int) -> None:
        copies.append((tmp_path / f"copy{len(copies)}", num_sent, num_came))
        shutil.copy(path, copies[-1][0])

    snapshot(0, 0)
    for count, name in enumerate(names, 1):
        sent_pictures.sent([name])
        snapshot(count, count - 1)
        sent_pictures.came([name])
        snapshot(count, count)
    sent_pictures.close()
    for copy, num_sent, num_came in copies:
        again = SentPictures(copy, 9, resume=True)
        again._compact()
        again.close()
        again = SentPictures(copy, 10, resume=True)
        (open_picture,) = again.open.values()
        assert open_picture.scope == picture.scope and open_picture.frames == picture.frames
        assert len(open_picture.missing) == len(names) - num_came
        assert open_picture.account.totals().sent == num_sent and again.group == 3
        again.sent(names[num_came:])
        assert not again.came(names[num_came:])
        closed = again.close_picture(open_picture, "never")
        assert closed["complete"] and closed["sent"] == len(names) and again.is_done("m")
        again.check()
        again.close()


def test_a_picture_too_long_for_the_journal_is_closed_by_a_restart(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("semcom.apps.services.records.sent_picture.MAX_KEPT_BYTES", 100)
    sent_pictures = SentPictures(tmp_path / "journal")
    sent_pictures.sent(begin(sent_pictures).frames)
    sent_pictures.close()
    again = SentPictures(tmp_path / "journal", resume=True)
    assert not again.open and set(again.lost_by_cause) == {RESTARTED} and not again.is_done("m")
    again.close()


def test_a_journal_is_shortened_though_pictures_are_always_open(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("semcom.apps.services.sending.sent_pictures._COMPACT_BYTES", 4000)
    sent_pictures = SentPictures(tmp_path / "journal")
    before = begin(sent_pictures, "0")
    for number in range(1, 200):
        picture = begin(sent_pictures, str(number))
        sent_pictures.sent(before.frames)
        sent_pictures.came(before.frames)
        sent_pictures.close_picture(before, "never")
        before = picture
    sent_pictures.close()
    assert (tmp_path / "journal").stat().st_size < 30_000
    again = SentPictures(tmp_path / "journal", resume=True)
    assert [picture.number for picture in again.open.values()] == [200] and again.totals["complete"] == 199
    assert all(again.is_done(str(number)) for number in range(199))
    again.close()


def test_files_that_are_there_are_remembered_however_many(sent_pictures: SentPictures, monkeypatch) -> None:
    monkeypatch.setattr("semcom.apps.services.sending.sent_pictures.MAX_DONE", 10)
    for number in range(30):
        sent_pictures.skip(str(number))
    there = {str(number) for number in range(0, 30, 2)}
    sent_pictures.prune(there)
    assert all(sent_pictures.is_done(mark) for mark in there) and not sent_pictures.is_done("1")
    sent_pictures.prune(set())
    assert sum(sent_pictures.is_done(str(number)) for number in range(30)) == 10 and sent_pictures.is_done("28")
