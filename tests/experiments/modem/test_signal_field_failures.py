"""The signal field is safer than the payload at every scheme's threshold, and the recipe writes it down."""

import numpy as np
import pytest

from semcom.experiments.modem import signal_field_failures as recipe
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.waveform import Waveform


@pytest.mark.parametrize(("name", "snr_db"), [("bpsk-1/8", -9.4), ("bpsk-1/3", -5.4), ("qpsk-1/2", -0.1)])
def test_fields_hold_where_one_frame_in_a_hundred_is_lost(name, snr_db, rng):
    """The hardest threshold of each form, that of 1000 bytes; 2 of 1500 is already more than a tenth of 1 %."""
    assert recipe.failures(Waveform.load("ofdm64"), MCS_TABLE[name], 1000, snr_db, 1500, rng) <= 2


def test_far_below_the_threshold_they_fail(rng):
    assert recipe.failures(Waveform.load("ofdm64"), MCS_TABLE["qpsk-1/2"], 120, -8.0, 50, rng) > 25


def test_recipe_writes_a_row_for_each_threshold(tmp_path, repository):
    recipe.main(["--fields", "2", "--thresholds", str(repository / "docs" / "results"), "--out", str(tmp_path)])
    text = (tmp_path / "signal_field.md").read_text()
    assert "| 16qam-1/2 | short | 1000 B |" in text and "| bpsk-1/8 | robust | 120 B |" in text
    assert np.genfromtxt(tmp_path / "signal_field.csv", delimiter=",", names=True)["fields"].tolist()[0] == 2
