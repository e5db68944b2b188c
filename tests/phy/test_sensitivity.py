"""Thresholds against the packet error curves they were read from."""

import csv
import math
from dataclasses import replace
from itertools import pairwise

import pytest

from semcom.phy.mcs import MCS_TABLE
from semcom.phy.sensitivity import ES_N0_DB, thresholds_db

TOLERANCE_DB = 0.05
"""A curve has a point every 0.2 or 0.4 dB, and PER falls tenfold within about 0.3 dB."""
CURVES = {"bpsk-1/8": "per_bpsk_eighth_1000.csv"}
"""Measured with more frames than the common file has."""


def snr_of_one_percent(path, mcs):
    """SNR of PER 1 %, the logarithm of PER interpolated; no loss in n frames counts as 0.3 losses."""
    with path.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["mcs"] == mcs and row["frame_bytes"] == "1000"]
    points = sorted((float(row["snr_db"]), max(float(row["per"]), 0.3 / int(row["frames"]))) for row in rows)
    for (left_db, left), (right_db, right) in pairwise(points):
        if left > 0.01 >= right:
            return left_db + (right_db - left_db) * math.log(left / 0.01) / math.log(left / right)
    raise AssertionError(f"{path.name} does not enclose PER 1 % of {mcs}")


@pytest.mark.parametrize("mcs", list(MCS_TABLE))
def test_every_threshold_is_where_its_curve_crosses_one_percent(mcs, waveform, repository):
    path = repository / "docs/results" / CURVES.get(mcs, "per_awgn_1000.csv")
    assert thresholds_db(waveform)[mcs] == pytest.approx(snr_of_one_percent(path, mcs), abs=TOLERANCE_DB)


def test_thresholds_rise_with_the_table_and_name_every_mcs(waveform):
    thresholds = thresholds_db(waveform)
    assert list(thresholds) == list(ES_N0_DB) == list(MCS_TABLE)
    assert list(thresholds.values()) == sorted(thresholds.values())


def test_snr_is_es_n0_spread_over_unused_carriers(waveform):
    """Half the carriers in use: the same Es/N0 takes 3 dB less SNR."""
    half = replace(waveform, used_carriers=tuple(range(-16, 0)) + tuple(range(1, 17)), pilot_carriers=(-7, 7))
    for name, snr_db in thresholds_db(half).items():
        assert snr_db == pytest.approx(ES_N0_DB[name] - 10 * math.log10(2), abs=0.006)
