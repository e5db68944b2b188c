"""Which files are ready: by what changes, not by what clocks say; what cannot be read is tried again."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from semcom.apps.services.sending.picture_source import Encoded, PictureSource
from semcom.apps.services.sending.watched_files import LONGEST_PAUSE_S, SETTLED_S, WatchedFiles

from ..one_process import packet_of


def ready(files: WatchedFiles, now_s: float) -> list[str]:
    return [file.path.name for file in files.look(now_s) if files.is_ready(file, now_s)]


@pytest.mark.parametrize("of_the_file_s", [0.0, 1e9, 4e9])
def test_a_file_is_ready_when_it_has_not_changed_whatever_its_time_says(tmp_path: Path, of_the_file_s: float) -> None:
    path = tmp_path / "a.sem"
    path.write_bytes(b"half")
    os.utime(path, (of_the_file_s, of_the_file_s))
    files = WatchedFiles([(tmp_path, False)])
    assert ready(files, 10.0) == []
    path.write_bytes(b"half and more")
    os.utime(path, (of_the_file_s, of_the_file_s))
    assert ready(files, 10.0 + SETTLED_S) == [], "it has grown since"
    assert ready(files, 10.0 + 2.5 * SETTLED_S) == ["a.sem"]


def test_pushed_files_are_ready_at_once_hidden_and_strange_ones_never(tmp_path: Path) -> None:
    for name in (".a.sem", "b.txt", "c.sem"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder.sem").mkdir()
    assert ready(WatchedFiles([(tmp_path, True)]), 0.0) == ["c.sem"]


def test_what_cannot_be_read_is_tried_again_ever_less_often_and_said_once(tmp_path: Path, caplog) -> None:
    (tmp_path / "a.sem").write_bytes(b"x")
    files, now_s, pauses = WatchedFiles([(tmp_path, True)]), 0.0, []
    for _ in range(9):
        (file,) = files.look(now_s)
        assert files.is_ready(file, now_s)
        files.try_again_later(file, "Permission denied", now_s)
        began_s = now_s
        while not files.is_ready(file, now_s):
            now_s += 0.5
        pauses.append(now_s - began_s)
    assert pauses == [1, 2, 4, 8, 16, 32, LONGEST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
    assert caplog.text.count("a.sem: cannot be read: Permission denied; trying again") == 1


def test_a_folder_that_cannot_be_read_for_a_while_is_said_once(tmp_path: Path, caplog, monkeypatch) -> None:
    (tmp_path / "a.sem").write_bytes(b"x")
    files, scandir = WatchedFiles([(tmp_path, True)]), os.scandir

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    assert ready(files, 0.0) == ready(files, 1.0) == []
    monkeypatch.setattr(os, "scandir", scandir)
    assert ready(files, 2.0) == ["a.sem"]
    assert caplog.text.count(f"{tmp_path} cannot be read: Permission denied; trying again") == 1
    assert ready(WatchedFiles([(tmp_path / "not there", True)]), 0.0) == []


def test_what_was_taken_and_sent_stays_so_while_its_folder_is_away(tmp_path: Path) -> None:
    """Not unlike a disk that is mounted again: its photos are the same ones."""
    folder, requests = tmp_path / "photos", tmp_path / "requests"
    folder.mkdir()
    (folder / "a.sem").write_bytes(packet_of(1))
    source = PictureSource(folder, requests, lambda mark: False)
    assert source.present == set() and not source.knows_all
    taken(source, 1)
    assert source.knows_all and len(source.present) == 1, "a folder of requests that is not made yet has none"
    folder.rename(tmp_path / "elsewhere")
    source._look_into_folders(time.monotonic())
    assert not source.knows_all
    (tmp_path / "elsewhere").rename(folder)
    source._look_into_folders(time.monotonic())
    assert source.knows_all and source.is_empty()


def taken(source: PictureSource, count: int) -> list[Encoded]:
    found: list[Encoded] = []
    deadline = time.monotonic() + 20
    while len(found) < count:
        assert time.monotonic() < deadline
        source.look()
        found += source.take()
        time.sleep(0.01)
    return found


def test_a_photo_that_becomes_readable_is_sent(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("semcom.apps.services.sending.watched_files.TRY_AGAIN_S", 0.05)
    path, opened = tmp_path / "a.sem", Path.open
    path.write_bytes(packet_of(1))
    locked = [True]

    def open_unless_locked(self: Path, *options, **more):
        if self == path and locked:
            raise PermissionError(13, "Permission denied")
        return opened(self, *options, **more)

    monkeypatch.setattr(Path, "open", open_unless_locked)
    source = PictureSource(tmp_path, tmp_path / "requests", lambda mark: False)
    deadline = time.monotonic() + 20
    while not source._files._pauses:
        assert time.monotonic() < deadline and not list(source.take())
        source.look()
        time.sleep(0.01)
    assert not source.is_empty()
    locked.clear()
    (encoded,) = taken(source, 1)
    assert encoded.packet is not None and encoded.file.path == path


def test_a_packet_without_a_picture_of_its_own_is_refused_by_name(tmp_path: Path) -> None:
    from semcom.semantic import SemanticPacket
    from semcom.semantic.layers import Layer, LayerKey

    layers = (Layer(LayerKey(0, 0, 0, 1), 15, 5, None, b"\x1f" + bytes(60)),)
    (tmp_path / "a.sem").write_bytes(SemanticPacket(0, 0, 0, layers).to_bytes())
    source = PictureSource(tmp_path, tmp_path / "requests", lambda mark: False)
    (encoded,) = taken(source, 1)
    assert encoded.packet is None and encoded.reason.startswith("picture of a packet must be 1 to 65535, got 0")


def test_20_000_files_are_taken_without_looking_again_for_each(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("semcom.apps.services.sending.watched_files.SETTLED_S", 0.0)
    packet = packet_of(1)
    for number in range(20_000):
        (tmp_path / f"{number:05d}.sem").write_bytes(packet)
    source = PictureSource(tmp_path, tmp_path / "requests", lambda mark: False)
    looks, look = [], source._files.look
    monkeypatch.setattr(source._files, "look", lambda now_s: looks.append(now_s) or look(now_s))
    found = taken(source, 1000)
    assert len(looks) == 1 and [encoded.file.path.name for encoded in found[:2]] == ["00000.sem", "00001.sem"]
