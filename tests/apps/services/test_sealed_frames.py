"""`--frame-key`: pictures come whole over an air on which somebody forges, cuts and replays frames."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from semcom.apps.cli import app
from semcom.apps.report.result_folder import OutputError
from semcom.apps.services import sealed_frames
from semcom.apps.services.sealed_frames import SEQUENCE_FILE, OpeningClient, SealingClient, read_frame_key
from semcom.flowgraphs.live.air import ReceivedFrame
from semcom.link import frame_seal
from semcom.link.frame_seal import SEAL_BYTES
from semcom.link.messages import Role
from semcom.link.transports.client import Client

from . import one_process
from .one_process import Link
from .radio_bench import EchoAir

KEY = bytes(range(32))


class HostileAir(EchoAir):
    """Beside each frame comes one that was changed, one without its seal, a cut one, and the first one again."""

    _first = b""

    def send(self, number: int, frame: bytes, mcs: str, repeat: Mapping[str, Any] | None = None) -> None:
        self._first = self._first or frame
        changed = bytes([frame[0], frame[1] ^ 1]) + frame[2:]
        for forged in (changed, frame[:-SEAL_BYTES], frame[:10], self._first):
            self._mailbox.put(ReceivedFrame(forged, True, 10.0, 1.0, -10.0, mcs, self.sent, 0, 0))
        super().send(number, frame, mcs, repeat)


@pytest.fixture
def hostile(monkeypatch) -> None:
    monkeypatch.setattr(one_process, "EchoAir", HostileAir)


@pytest.fixture
def sealed(tmp_path: Path, monkeypatch) -> Link:
    """A link whose hosts share a key."""

    def client(address: str, keys: Any, server: str, role: Role, window: int = 1, name: str = "") -> Client:
        kind = SealingClient if role is Role.TX else OpeningClient
        to_radio = {"address": address, "keys": keys, "server": server, "role": role, "window": window, "name": name}
        return kind(KEY, tmp_path / name, **to_radio)

    monkeypatch.setattr(one_process, "Client", client)
    monkeypatch.setattr(frame_seal, "WINDOW", 8)
    monkeypatch.setattr(sealed_frames, "WINDOW", 8)
    return Link(tmp_path)


def test_what_is_forged_cut_or_replayed_is_counted_and_changes_nothing(hostile, sealed: Link, tmp_path: Path) -> None:
    try:
        sealed.put(20)
        sealed.start_tx(), sealed.start_rx()
        sealed.until(lambda: len(sealed.results.shown) == 20 and not sealed.tx.sent_pictures.open)
        assert sealed.results.numbers == list(range(20)) and set(sealed.results.times.values()) == {1}
        counts = sealed.rx.client.counts
        assert counts["refused_forged"] == 80 and counts["refused_cut"] == 40  # two frames a picture
        assert counts["refused_replayed"] == 39 - 8
        assert sealed.radio.status()["queues"]["for_rx"] == 0  # they do not fill the window
        assert int((tmp_path / "host rx" / SEQUENCE_FILE).read_text()) > 0
    finally:
        sealed.close()


def test_without_the_key_nothing_of_it_can_be_read(sealed: Link, monkeypatch) -> None:
    try:
        sealed.put(2)
        sealed.start_tx()
        monkeypatch.setattr(one_process, "Client", Client)
        sealed.start_rx()
        sealed.until(lambda: sealed.rx.pictures.receiver.counts["refused"] >= 2)
        assert not sealed.results.shown
    finally:
        sealed.close()


def numbers_of(tmp_path: Path, monkeypatch, clock_s: float) -> list[int]:
    """First numbers that a sender uses at this time."""
    monkeypatch.setattr(sealed_frames.time, "time", lambda: clock_s)
    monkeypatch.setattr(Client, "__init__", lambda self, **to_radio: None)
    client = SealingClient(KEY, tmp_path)
    sealed = [client._sealed({"frame": bytes([number]) * 20})["frame"] for number in range(3)]
    return [int.from_bytes(frame[20:26], "big") for frame in sealed]


def test_no_number_is_used_twice_whatever_the_clock_and_the_state_folder_do(tmp_path: Path, monkeypatch) -> None:
    first = numbers_of(tmp_path, monkeypatch, 1000.0)
    assert first == [1_000_000, 1_000_001, 1_000_002]
    back = numbers_of(tmp_path, monkeypatch, 400.0)  # started again, an hour's step back
    assert min(back) > max(first)
    (tmp_path / SEQUENCE_FILE).unlink()
    assert min(numbers_of(tmp_path, monkeypatch, 100_000.0)) > max(back)


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        (None, 0o600, "cannot be read.*openssl rand -hex 32"),
        ("ab" * 32, 0o644, r"mode 600\), got mode 644"),
        ("ab" * 31, 0o600, "must hold 64 hexadecimal digits"),
        ("xy" * 32, 0o600, "must hold 64 hexadecimal digits"),
    ],
)
def test_a_key_that_is_none_or_that_others_can_read_is_refused(tmp_path: Path, content, mode: int, said: str) -> None:
    file = tmp_path / "frame.key"
    if content is not None:
        file.write_text(content)
        file.chmod(mode)
    with pytest.raises(OutputError, match=said):
        read_frame_key(file)


def test_both_hosts_take_the_key_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "frame.key"
    file.write_text("Ab" * 32 + "\n")
    file.chmod(0o600)
    assert read_frame_key(file) == b"\xab" * 32
    file.chmod(0o640)
    CliRunner().invoke(app, ["keygen", "--out", str(tmp_path / "keys")])
    for host in ("tx", "rx"):
        options = ("--keys", str(tmp_path / "keys"), "--frame-key", str(file))
        done = CliRunner().invoke(app, ["host", host, *options])
        assert done.exit_code == 2 and "frame.key: must be readable by its owner alone" in done.stderr
