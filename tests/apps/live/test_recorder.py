"""A recording from the page is a SigMF recording, whatever ends it, and taps disturb nothing."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from semcom.apps.live import recorder
from semcom.apps.live.recorder import Recorder
from semcom.apps.live.session import LiveSession
from semcom.apps.live.settings import LiveSettings
from semcom.phy.receiver import Receiver
from semcom.phy.recording.written_metadata import About
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.radio import load_loopback
from semcom.semantic import SemanticError

LIMIT_S = 200.0


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "recordings"


@pytest.fixture
def session(folder):
    session = LiveSession(load_loopback("loopback-awgn"), LiveSettings(snr_db=20.0), folder)
    yield session
    session.close()


def until(condition) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def send(session) -> None:
    picture = session.submit("a photo", np.full((48, 64, 3), 90, np.uint8))
    until(lambda: picture.about["stage"] == "sent")


def bursts_in(data: Path) -> int:
    """Bursts that a receiver finds in the samples."""
    receiver = Receiver(Waveform.load("ofdm64"))
    bursts = receiver.push(np.fromfile(data, np.complex64)) + receiver.flush()
    return sum(burst.header_ok for burst in bursts)


def test_what_the_receiver_hears_is_recorded_between_two_presses(session, folder):
    assert session.record(True)["on"]
    (meta,), (data,) = folder.glob("*.sigmf-meta"), folder.glob("*.sigmf-data")
    about = json.loads(meta.read_text())["global"]  # there before the first sample: a killed process leaves a recording
    assert about["core:datatype"] == "cf32_le" and about["core:sample_rate"] == 1e6
    send(session)
    until(lambda: bursts_in(data) == session.recorder.told()["bursts"])
    told = session.record(False)
    assert not told["on"] and told["file"] == str(meta) and told["bursts"] == bursts_in(data) > 0
    assert not session.record(False)["on"]  # nothing to end: nothing happens
    send(session)
    assert bursts_in(data) == told["bursts"]  # after its end nothing is added
    assert len(list(folder.iterdir())) == 2


def test_a_recording_without_a_sample_is_taken_away(session, folder):
    session.record(True)
    assert session.record(False)["file"] == "" and list(folder.iterdir()) == []


@pytest.mark.parametrize(("limit", "said"), [("MOST_BYTES", "after 0 MiB"), ("LEAST_FREE_BYTES", "the disk is nearly")])
def test_one_that_would_become_too_long_ends_by_itself_and_it_is_said(session, folder, monkeypatch, limit, said):
    session.record(True)
    monkeypatch.setattr(recorder, limit, 0 if limit == "MOST_BYTES" else 1 << 62)
    send(session)
    until(lambda: not session.recorder.told()["on"])
    assert said in session.recorder.told()["trouble"] and session.failure is None
    send(session)  # the link goes on


def test_a_disk_that_is_nearly_full_is_told_before_anything_is_written(session, folder, monkeypatch):
    monkeypatch.setattr(recorder, "LEAST_FREE_BYTES", 1 << 62)
    with pytest.raises(SemanticError, match="failed: the disk is nearly full"):
        session.record(True)
    assert list(folder.iterdir()) == [] and not session.recorder.told()["on"]


def test_a_folder_that_is_removed_ends_the_recording_and_not_the_link(session, folder):
    session.record(True)
    shutil.rmtree(folder)
    send(session)
    until(lambda: not session.recorder.told()["on"])
    assert "The recording has ended by itself" in session.recorder.told()["trouble"] and session.failure is None
    send(session)
    assert session.record(True)["on"]  # it is made anew


class OtherProcess:
    """Stands in for the samples of a radio elsewhere: writes some at once, and can be gone."""

    recording, is_there = "", True

    def record(self, path: Path) -> None:
        self.recording = str(path)
        path.write_bytes(bytes(80))

    def stop_recording(self) -> None:
        self.recording = ""
        if not self.is_there:
            raise OSError("the radio did not end to write")


@pytest.mark.parametrize("is_there", [True, False])
def test_a_radio_that_is_lost_ends_its_recording_which_stays(folder, is_there):
    samples, told = OtherProcess(), []
    here = Recorder(samples, lambda: About(1e6), folder, told.append)
    here.record(True)
    samples.recording, samples.is_there = "", is_there  # it was started anew, and knows nothing of it
    until(lambda: told[-1]["trouble"])
    assert told[0]["on"] and not told[-1]["on"] and len(told) == 2
    assert "by itself: the radio was lost, or started anew" in told[-1]["trouble"]
    assert ("did not end to write" in told[-1]["trouble"]) is not is_there
    assert Path(told[-1]["file"]).exists() and len(list(folder.iterdir())) == 2
    here.close()


def test_who_stops_and_begins_again_at_once_has_two_recordings(folder):
    here = Recorder(OtherProcess(), lambda: About(1e6), folder, lambda told: None)
    for _ in range(2):
        assert here.record(True)["on"] and here.record(True)["on"]
        assert not here.record(False)["on"]
    assert len(list(folder.glob("*.sigmf-meta"))) == len(list(folder.glob("*.sigmf-data"))) == 2
