"""A recording from the page is a SigMF recording, and taps disturb nothing: `recorder`, `loopback_taps`."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest

from semcom.apps.live.session import LiveSession
from semcom.apps.live.settings import LiveSettings
from semcom.sdr_configs.radio import load_loopback

LIMIT_S = 200.0


@pytest.fixture
def session(tmp_path):
    session = LiveSession(load_loopback("loopback-awgn"), LiveSettings(snr_db=20.0), tmp_path / "recordings")
    yield session
    session.close()


def test_what_the_receiver_hears_is_recorded_between_two_presses(session, tmp_path):
    assert session.record(True)["on"]
    picture = session.submit("a photo", np.full((48, 64, 3), 90, np.uint8))
    deadline = time.monotonic() + LIMIT_S
    while picture.about["stage"] != "sent":
        assert time.monotonic() < deadline, picture.about
        time.sleep(0.02)
    told = session.record(False)
    assert not told["on"] and told["bursts"] > 0
    (meta,) = (tmp_path / "recordings").glob("*.sigmf-meta")
    samples = np.fromfile(meta.with_suffix(".sigmf-data"), np.complex64)
    assert json.loads(meta.read_text())["global"]["core:datatype"] == "cf32_le" and len(samples) > 1000
    assert sorted(path.suffix for path in meta.parent.iterdir()) == [".sigmf-data", ".sigmf-meta"]
    assert not session.record(False)["on"]  # nothing to end: nothing happens
