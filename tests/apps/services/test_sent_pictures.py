"""The sender's books balance, whatever happens between two lines of the journal."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from semcom.apps.services.sent_pictures import RESTARTED, Books
from semcom.link import Item, Key, OutgoingFrame, Sender


def frames(group: int, number: int) -> list[OutgoingFrame]:
    return Sender(64).frames([Item(Key(0, group, number, 0), 7, bytes(200))])


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(tmp_path / "journal")


def begin(books: Books, mark: str = "m"):
    group, number = books.next_number()
    return books.begin("a.png", mark, frames(group, number))


def test_a_picture_that_came_is_done_and_counted(books: Books) -> None:
    picture = begin(books)
    names = list(picture.frames)
    assert books.sent(names) and not books.came(names[:-1])
    books.failed(names[-1:], "block CRC failed")
    books.sent(names[-1:])
    books.came(names[-1:])
    closed = books.close_picture(picture, "never")
    assert closed["complete"] and (closed["delivered"], closed["repaired"], closed["lost"]) == (len(names) - 1, 1, 0)
    assert books.is_done("m") and books.totals["complete"] == 1
    books.check()


def test_receipts_of_strangers_change_nothing(books: Books) -> None:
    picture = begin(books)
    books.sent(picture.frames)
    strange = [frames(books.group + 1, 1)[0].name, frames(books.group, 2)[0].name]
    assert books.came(strange) == strange
    closed = books.close_picture(picture, "burst not detected")
    assert closed["lost_by_cause"] == {"burst not detected": len(picture.frames)} and not closed["complete"]
    books.check()


def test_after_a_kill_at_any_line_the_account_matches_and_the_group_is_new(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    books = Books(path)
    copies = []

    def snapshot() -> None:
        copies.append(tmp_path / f"copy{len(copies)}")
        shutil.copy(path, copies[-1])

    first, second = begin(books, "first"), begin(books, "second")
    names = [*first.frames, *second.frames]
    snapshot()
    for name in names:
        books.sent([name])
        snapshot()
        books.came([name]) if name.piece else books.failed([name], "block CRC failed")
        snapshot()
    books.close_picture(first, "never")
    snapshot()
    books.close()
    for copy in copies:
        again = Books(copy)
        assert again.group == 2 and not again.open
        again.check()
        assert again.totals["sent"] <= len(names) and not again.is_done("second")
        assert set(again.lost_by_cause) <= {RESTARTED, "block CRC failed"}
        again.close()


def test_groups_go_on_and_start_again_after_the_last(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    for expected in (1, 2, 3):
        books = Books(path)
        assert books.group == expected
        books.close()
    books = Books(path)
    books.group = 0xFFFF
    books._compact()
    books.close()
    books = Books(path)
    assert books.group == 1
    books.close()


def test_frames_that_cannot_be_written_down_must_not_leave(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = begin(books)
    names = list(picture.frames)

    def full(*entries: dict) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(books._journal, "write", full)
        assert not books.sent(names)
    assert picture.account.totals().sent == 0 and books.disk_errors == 1
    assert books.sent(names) and picture.account.totals().transmissions == len(names)
    books.came(names)
    assert books.close_picture(picture, "never")["complete"]


def test_a_layer_of_the_group_is_in_the_account_of_the_picture_it_was_sent_with(books: Books) -> None:
    shared = Item(Key(0, books.group, 0, 5), 6, b"shared")

    def start(items):
        return books.begin("a.png", "", Sender(64).frames(items))

    first = start([Item(Key(0, books.group, 1, 0), 7, b"one"), shared])
    second = start([Item(Key(0, books.group, 2, 0), 7, b"two")])
    books.sent(first.frames)
    books.sent(second.frames)
    (name,) = (name for name in first.frames if name.key.picture == 0)
    assert books.picture_of(name) is first and not books.came([*first.frames, *second.frames])
    assert books.close_picture(first, "never")["complete"] and books.close_picture(second, "never")["complete"]
    assert books.came([name]) == [name]
    third = start([Item(Key(0, books.group, 3, 0), 7, b"three"), shared])
    books.sent(third.frames)
    assert not books.came(third.frames) and books.close_picture(third, "never")["complete"]
    books.check()
