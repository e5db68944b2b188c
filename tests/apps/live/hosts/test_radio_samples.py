"""Samples of the radio in a child process: written to a file of this computer, until the child is told or gone."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from semcom.apps.live.hosts import radio_samples
from semcom.apps.live.hosts.own_radio import OwnRadio
from semcom.apps.live.recorder import Recorder
from semcom.semantic import SemanticError

pytest.importorskip("gnuradio", reason="GNU Radio is needed: apt-get install gnuradio")
pytestmark = pytest.mark.timeout(400)
LIMIT_S = 200.0


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def radio(tmp_path: Path) -> Iterator[OwnRadio]:
    """One that hears nothing."""
    file = tmp_path / "mine.yml"
    file.write_text(f"driver: zmq\nwaveform: ofdm64\nsample_rate_hz: 2.0e+6\naddress: ipc://{tmp_path}/air\n")
    radio = OwnRadio(str(file), "rx", False, lambda line: None)
    yield radio
    radio.close()


def test_the_child_writes_until_it_is_told_otherwise_or_gone(radio, tmp_path, monkeypatch):
    folder, told = tmp_path / "recordings", []
    recorder = Recorder(radio.samples, radio.about_samples, folder, told.append)
    until(lambda: "sample_rate_hz" in radio._air.status())
    assert recorder.record(True)["on"]
    (meta,), (data,) = folder.glob("*.sigmf-meta"), folder.glob("*.sigmf-data")
    about = json.loads(meta.read_text())["global"]
    assert about["core:sample_rate"] == 2e6 and about["semcom:waveform"] == "ofdm64"
    assert radio.samples.recording == str(data)
    assert recorder.record(False) == {"on": False, "bursts": 0, "file": "", "trouble": ""}  # no sample has come
    assert radio.samples.recording == "" and list(folder.iterdir()) == []

    monkeypatch.setattr(radio_samples, "ANSWER_S", 0.2)
    os.kill(radio._air.pid, signal.SIGSTOP)
    with pytest.raises(SemanticError, match=r"the radio did not begin to write within 0\.2 s"):
        recorder.record(True)
    assert list(folder.glob("*.sigmf-meta")) == [] and not recorder.told()["on"]
    os.kill(radio._air.pid, signal.SIGCONT)
    monkeypatch.undo()
    recorder.record(True)
    os.kill(radio._air.pid, signal.SIGKILL)
    until(lambda: not recorder.told()["on"])
    assert "the radio was lost, or started anew" in recorder.told()["trouble"]
    until(lambda: radio._air.is_up)  # and can be recorded again
    until(lambda: radio.samples.recording == "")
    assert recorder.record(True)["on"] and not recorder.record(False)["on"]
