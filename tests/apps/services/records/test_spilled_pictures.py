"""Frames of unfinished pictures on the disk: known to the next process, bounded, never given up unshown."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from semcom.apps.services.records import spilled_pictures
from semcom.apps.services.records.spilled_pictures import SpilledPictures
from semcom.link import Scope


def test_frames_come_back_in_another_process(tmp_path: Path) -> None:
    spilled = SpilledPictures(tmp_path / "spilled", Counter())
    assert spilled.put(Scope(0, 7, 3), [b"one", b"", b"three"], shown=True)
    spilled.put(Scope(0, 7, 4), [b"four"], shown=False)
    again = SpilledPictures(tmp_path / "spilled", Counter())
    assert len(again) == 2 and again.frames(Scope(0, 7, 3)) == [b"one", b"", b"three"]
    assert again.unshown() == [(Scope(0, 7, 4), 8)]
    again.remove(Scope(0, 7, 4))
    assert again.unshown() == [] and Scope(0, 7, 4) not in again and len(list((tmp_path / "spilled").iterdir())) == 1


def test_of_too_many_the_oldest_shown_one_is_given_up(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(spilled_pictures, "MAX_SPILLED_PICTURES", 2)
    counts: Counter[str] = Counter()
    spilled = SpilledPictures(tmp_path, counts)
    for number, shown in ((1, False), (2, True), (3, True), (4, False), (5, False)):
        spilled.put(Scope(0, 1, number), [b"frame"], shown)
    assert [number for number in range(1, 6) if Scope(0, 1, number) in spilled] == [1, 4, 5]
    assert counts == {"spilled_pictures": 5, "abandoned_pictures": 2}


def test_what_the_disk_does_not_take_is_said_and_counted(tmp_path: Path, caplog) -> None:
    (tmp_path / "file").write_bytes(b"")
    counts: Counter[str] = Counter()
    spilled = SpilledPictures(tmp_path / "file" / "below", counts)
    assert not spilled.put(Scope(0, 1, 1), [b"frame"], shown=True)
    assert Scope(0, 1, 1) not in spilled and counts["disk_errors"] == 1 and "cannot be put aside" in caplog.text


def test_frames_that_are_there_already_stay_and_what_is_put_to_them_is_to_be_shown(tmp_path: Path) -> None:
    spilled = SpilledPictures(tmp_path, Counter())
    spilled.put(Scope(0, 1, 1), [b"one", b"two"], shown=True)
    spilled.put(Scope(0, 1, 1), [b"two", b"three"], shown=True)
    assert spilled.frames(Scope(0, 1, 1)) == [b"one", b"two", b"three"]
    assert spilled.unshown() == [(Scope(0, 1, 1), 23)] and len(list(tmp_path.iterdir())) == 1
