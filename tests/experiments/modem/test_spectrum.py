"""What leaves the band, as a flowgraph would send it and by the windows alone."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from semcom.experiments.modem import spectrum
from semcom.phy.waveform import Waveform


@pytest.mark.parametrize("name", ["ofdm64", "ofdm256", "narrow"])
@pytest.mark.parametrize("peak_limit_db", [None, 8.0])
def test_neighbours_see_nothing_of_what_is_sent(name, peak_limit_db, rng):
    """Beyond +-0.6 of the nominal rate, at twice the rate: asked for are -35 dB, with the filter of a flowgraph."""
    waveform = Waveform.load(name)
    samples = spectrum.interpolate(spectrum.bursts(waveform, 4, rng, peak_limit_db), waveform)
    total_db, highest_db = spectrum.out_of_band_db(*spectrum.density(samples, 2), waveform)
    assert total_db < -60 and highest_db < -60


def test_windows_lower_what_no_filter_takes_away(rng):
    """The same symbols made at eight times the rate: the ramps take 5 dB and more of the side lobes' power."""
    waveform = Waveform.load("ofdm64")
    powers = []
    for shape in (waveform, replace(waveform, window_length=0)):
        samples = spectrum.bursts(spectrum.finer(shape, 8), 4, rng)
        powers.append(spectrum.out_of_band_db(*spectrum.density(samples, 8, 16384), waveform)[0])
    assert powers[0] < -32 and powers[0] < powers[1] - 5


def test_a_finer_waveform_is_the_same_signal(rng):
    waveform = Waveform.load("ofdm64")
    coarse = spectrum.bursts(waveform, 1, np.random.default_rng(5))
    fine = spectrum.bursts(spectrum.finer(waveform, 4), 1, np.random.default_rng(5))[::4]
    inside = slice(waveform.window_length, waveform.preamble_length)
    assert np.allclose(fine[inside], coarse[inside], atol=1e-4)


def test_bandwidth_of_a_known_shape():
    frequency = np.linspace(-1, 1, 20_001)
    power = (np.abs(frequency) < 0.5).astype(float)
    assert spectrum.bandwidth(frequency, power) == pytest.approx(0.99, abs=1e-3)


def test_recipe_writes_what_it_says(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is needed: scripts/setup dev")
    spectrum.main(["--waveforms", "ofdm64", "--bursts", "2", "--out", str(tmp_path)])
    with (tmp_path / "spectrum.csv").open() as file:
        rows = {row["view"]: row for row in csv.DictReader(file)}
    assert float(rows["as sent"]["out_of_band_db"]) < -35
    assert float(rows["as sent, peaks limited to 8 dB"]["peak_db"]) < 8.5
    assert "| ofdm64 | as sent |" in (tmp_path / "spectrum.md").read_text()
    assert (tmp_path / "spectrum.png").stat().st_size > 1000
