"""Frames stay in the file until the results of finished pictures are on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcom.apps.services.records.frame_record import COMPACT_BYTES, FrameRecord
from semcom.link import Scope


def test_only_what_is_needed_stays_and_finished_pictures_are_known_until_then(tmp_path: Path) -> None:
    synced: list[int] = []
    record = FrameRecord(tmp_path / "frames", lambda: synced.append(1))
    record.append([b"one", b"two"])
    record.finished(Scope(0, 1, 1))
    assert record.has_finished([Scope(0, 1, 2), Scope(0, 1, 1)]) and not record.has_finished([Scope(0, 1, 2)])
    record.shorten([b"two"])
    assert synced == [1] and not record.has_finished([Scope(0, 1, 1)]) and list(record.replay()) == [b"two"]
    record.close()


def test_where_results_do_not_get_to_the_disk_it_is_tried_again_after_as_much_more(tmp_path: Path) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    record = FrameRecord(tmp_path / "frames", full)
    record.append([bytes(COMPACT_BYTES)])
    assert record.is_long(0) and not record.is_long(100)
    with pytest.raises(OSError, match="No space"):
        record.shorten([])
    assert not record.is_long(0) and list(record.replay()) == [bytes(COMPACT_BYTES)]
    record.append([bytes(COMPACT_BYTES)])
    assert record.is_long(0)
    record.close()
