import numpy as np
import pytest

from semcom.phy import channel
from semcom.phy.frontend.dc_removal import dc_offset, remove_dc, steady_dc_offset


@pytest.mark.parametrize("level_dbc", [-20.0, 0.0, 10.0])
def test_a_dc_offset_is_removed(level_dbc, rng):
    clean = channel.complex_noise(4000, 1.0, rng)
    out = remove_dc(channel.dc_offset(clean, level_dbc, phase=2.0))
    assert abs(out.mean()) < 1e-4
    assert np.mean(np.abs(out - clean) ** 2) < 2.5 / 4000  # the mean of the clean samples goes along


def test_a_mean_that_chance_explains_is_left_alone(rng):
    """|mean|² n / power is exponential with mean one: above 9 once in 8000 draws."""
    changed = 0
    for _ in range(300):
        samples = channel.complex_noise(512, 1.0, rng)
        changed += remove_dc(samples) is not samples
    assert changed <= 2


@pytest.mark.parametrize(("factor", "removed"), [(8.9, False), (9.1, True)])
def test_the_threshold_is_nine_times_the_power_of_a_mean_by_chance(factor, removed):
    count = 1000
    samples = np.exp(2j * np.pi * np.arange(count) / count)  # no mean, power one
    offset = np.sqrt(factor / count / (1 - factor / count))  # |offset|² n = factor (1 + |offset|²)
    out = remove_dc((samples + offset).astype(np.complex64))
    assert abs(out.mean()) == pytest.approx(0 if removed else offset, abs=1e-4)


def test_silence_and_nothing_are_no_trouble():
    assert not remove_dc(np.zeros(10, np.complex64)).any()


def test_a_steady_offset_is_there_from_the_first_part_to_the_last(rng):
    noise = channel.complex_noise(4096, 1.0, rng)
    assert steady_dc_offset(noise) == 0 == dc_offset(noise)
    everywhere = (noise + np.complex64(2 - 1j)).astype(np.complex64)
    assert steady_dc_offset(everywhere) == dc_offset(everywhere) == np.complex128(everywhere.mean(dtype=np.complex128))
    for keep in (slice(0, 3000), slice(700, None)):
        sometimes = noise.copy()
        sometimes[keep] += np.complex64(2 - 1j)
        assert steady_dc_offset(sometimes) == 0 != dc_offset(sometimes)
