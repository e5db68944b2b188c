"""Old results make room by count, bytes, age and free space; the newest always stays."""

from __future__ import annotations

import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from semcom.apps.services.receiving.received_pictures import ReceivedPicture
from semcom.apps.services.receiving.result_folders import ResultFolders
from semcom.apps.services.receiving.retention import Keep, Retention
from semcom.link import Scope
from semcom.semantic import SemanticPacket

BLOCK = 4096
NOW_S = 1_000_000.0


def kept(tmp_path: Path, keep: Keep, count: int = 5) -> list[str]:
    """Which of some results stay: each one block, written an hour apart, the last one now."""
    retention = Retention(tmp_path, keep, lambda: NOW_S)
    for number in range(count):
        folder = tmp_path / str(number)
        folder.mkdir()
        file = folder / "packet.sem"
        file.write_bytes(bytes(BLOCK))
        os.sync()  # a file has its blocks when it is on the disk
        os.utime(file, (0, NOW_S - 3600 * (count - 1 - number)))
        retention.put(folder.name)
    while (name := retention.beyond()) is not None:
        shutil.rmtree(tmp_path / name)
        retention.remove(name)
    assert retention.num_bytes == sum(512 * path.stat().st_blocks for path in tmp_path.glob("*/*"))
    return sorted(path.name for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("keep", "names"),
    [
        (Keep(), "01234"),
        (Keep(results=2), "34"),
        (Keep(num_bytes=3 * BLOCK), "234"),
        (Keep(num_bytes=3 * BLOCK - 1), "34"),
        (Keep(age_s=3600), "34"),
        (Keep(age_s=3599), "4"),
        (Keep(results=4, num_bytes=3 * BLOCK, age_s=3600), "34"),
        (Keep(num_bytes=0), "4"),
        (Keep(free_bytes=1 << 60), "4"),
        (Keep(free_bytes=0), "01234"),
    ],
)
def test_the_oldest_go_as_far_as_a_limit_asks_and_the_newest_never(tmp_path: Path, keep: Keep, names: str) -> None:
    assert "".join(kept(tmp_path, keep)) == names


def test_results_go_until_enough_of_the_disk_is_free(tmp_path: Path, monkeypatch) -> None:
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(100 - 10 * len(list(folder.iterdir()))))
    assert "".join(kept(tmp_path, Keep(free_bytes=70))) == "234"


def test_a_result_that_is_written_again_is_the_newest_and_counts_once(tmp_path: Path) -> None:
    retention = Retention(tmp_path, Keep(results=1))
    for name in ("a", "b", "a"):
        retention.put(name)
    assert retention.beyond() == "b"
    retention.remove("b")
    assert retention.beyond() is None and retention.num_bytes == 0


def test_what_is_confirmed_and_not_shown_yet_is_no_result_and_stays(tmp_path: Path, packet: bytes) -> None:
    """The frames of pictures lie in the state folder, which is in the folder of the results."""
    frames = tmp_path / ".state" / "frames"
    frames.parent.mkdir()
    frames.write_bytes(bytes(100 * BLOCK))
    results = ResultFolders(tmp_path, Keep(num_bytes=1))
    payloads = {layer.key: layer.payload for layer in SemanticPacket.from_bytes(packet).layers}
    for number in (1, 2):
        results.write(ReceivedPicture(Scope(0, 1, number), dict(payloads), complete=True))
        assert list(tmp_path.glob(f"*_0-1-{number}/result.json"))  # each was shown
    results.tidy()
    assert frames.stat().st_size == 100 * BLOCK
    assert [path.name[-5:] for path in tmp_path.glob("*-*-*")] == ["0-1-2"]
    assert results.counts()["bytes"] > 0


def test_results_that_grew_old_go_while_nothing_comes(tmp_path: Path, packet: bytes) -> None:
    payloads = {layer.key: layer.payload for layer in SemanticPacket.from_bytes(packet).layers}
    results = ResultFolders(tmp_path)
    for number in (1, 2):
        results.write(ReceivedPicture(Scope(0, 1, number), dict(payloads), complete=True))
    for path in tmp_path.glob("*-*-1/*"):
        os.utime(path, (0, 1000))
    again = ResultFolders(tmp_path, Keep(age_s=86400))
    assert again.counts()["pictures"] == 2
    again.tidy()
    assert again.counts()["pictures"] == 1
    assert "0-1-1" not in (tmp_path / "index.html").read_text(encoding="utf-8")
