"""The modem's recipes run and write what they say, on a handful of frames."""

import csv

import numpy as np
import pytest

from semcom.experiments.modem import (
    detection,
    fading_curves,
    modem_speed,
    offsets,
    per_curves,
    recording_speed,
    two_cores,
)
from semcom.experiments.modem.bicm_limit import bicm_limit_esno_db
from semcom.phy import channel
from semcom.phy.mcs import find_mcs
from semcom.phy.waveform import Waveform


@pytest.mark.parametrize(
    ("bits", "rate", "esno_db"), [(1, 0.5, -2.82), (2, 0.5, 0.19), (4, 0.75, 9.31), (6, 2 / 3, 12.72), (8, 0.75, 19.25)]
)
def test_bicm_limits_are_the_known_ones(bits, rate, esno_db):
    """Reference values from an independent integration (density of the information, 3001 points an axis)."""
    assert bicm_limit_esno_db(bits, rate) == pytest.approx(esno_db, abs=0.02)


def test_wilson_interval_by_hand():
    """20 failures in 1000: 1.30 % to 3.07 % (Wilson score, z = 1.96)."""
    low, high = per_curves.wilson(20, 1000)
    assert (low, high) == (pytest.approx(0.0130, abs=1e-4), pytest.approx(0.0307, abs=1e-4))
    assert per_curves.wilson(0, 100)[0] == 0.0


def test_per_curves_counts_and_writes(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is needed: scripts/setup dev")
    per_curves.main(
        ["--mcs", "qpsk-1/2", "--frame-bytes", "40", "--snr-db", "-8", "8", "--frames", "12", "--out", str(tmp_path)]
    )
    with (tmp_path / "per_awgn.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["per"]) for row in rows] == [1.0, 0.0]
    assert "| qpsk-1/2 | 40 B | 8 dB | 0 " in (tmp_path / "per_awgn.md").read_text()
    assert (tmp_path / "per_awgn.png").stat().st_size > 1000


def test_detection_counts_and_writes(tmp_path):
    detection.main(["--snr-db", "-30", "3", "--preambles", "5", "--noise-samples", "1e5", "--out", str(tmp_path)])
    with (tmp_path / "detection.csv").open() as file:
        assert [row["missed"] for row in csv.DictReader(file)] == ["5", "0"]
    assert "| white noise; nominal rate, ±1 subcarriers |" in (tmp_path / "detection.md").read_text()


def test_speed_is_of_bursts_that_arrive():
    row = modem_speed.measure(Waveform.load("ofdm64"), "qpsk-1/2", 40, 1, 6.0, 1, np.random.default_rng(1))
    assert row["delivered"] == 1.0 and row["receiver_msps"] > 0


def test_two_cores_receive_what_one_does(tmp_path):
    two_cores.main(["--bursts", "30", "--pairs", "2", "--out", str(tmp_path)])
    with (tmp_path / "two_cores.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["mcs"] for row in rows] == [mcs for mcs, _ in two_cores.CASES]
    assert all(float(row["delivered"]) == 1.0 and float(row["faster"]) > 0 for row in rows)
    assert "| qpsk-1/2 | 2 dB | 30 | 1 |" in (tmp_path / "two_cores.md").read_text()


def test_a_recording_at_an_rtl_sdrs_rate_is_received_whole(tmp_path):
    path = tmp_path / "rtl.cu8"
    number = recording_speed.make_recording(path, 1, "64qam-2/3", 4000, 25.0, np.random.default_rng(1))
    row = recording_speed.measure(path, 1, number, 0.0)
    assert row["delivered"] == 1.0 and number > 50 and row["received_at_msps"] == 1.0
    assert path.stat().st_size == 2 * recording_speed.RATE_HZ


def test_offsets_lose_nothing_where_there_is_signal_enough():
    waveform, mcs = Waveform.load("ofdm64"), find_mcs("qpsk-1/2")
    for group in offsets.conditions(longest=2):
        for condition in group:
            count = 2 * condition.num_blocks
            assert offsets.packet_errors(waveform, condition, mcs, 60, 8.0, count, seed=1) == 0, condition.name
    assert offsets.packet_errors(waveform, offsets.Condition("in tune"), mcs, 60, -12.0, 3, seed=1) == 3
    assert offsets.threshold_db([0.0, 1.0, 2.0], [100, 10, 0], 1000) == pytest.approx(1.0)
    assert offsets.threshold_db([0.0, 1.0], [500, 100], 1000) is None


def test_fading_counts_every_frame_once():
    waveform = Waveform.load("ofdm64")
    fading = channel.profile("EVA70")
    good = fading_curves.measure(waveform, find_mcs("qpsk-1/2"), 120, fading, 25.0, 6, seed=3)
    assert good.per == 0 and good.per_known_channel == 0
    bad = fading_curves.measure(waveform, find_mcs("qpsk-1/2"), 120, fading, -15.0, 4, seed=3)
    assert bad.per == 1 and bad.missed + bad.header_failures + bad.block_failures == 4
