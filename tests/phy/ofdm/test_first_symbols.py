"""Offset and phase of the first symbols, where the truth is known."""

import numpy as np
import pytest

from semcom.phy import channel
from semcom.phy.ofdm.first_symbols import join_preamble_and_pilots
from semcom.phy.sync.preamble import preamble


@pytest.mark.parametrize("offset", [-2e-4, 0.0, 1.3e-4])
def test_offset_and_phase_are_found_through_an_echo(waveform, offset, rng):
    length, lead, phase = waveform.preamble_length, 8, 0.7
    known = preamble(waveform)[:length].copy()
    taps = np.zeros(31, np.complex64)
    taps[[lead, lead + 5]] = 0.9, 0.4j
    echoed = taps[lead] * known
    echoed[5:] += taps[lead + 5] * known[:-5]
    turn = np.exp(1j * (phase + 2 * np.pi * offset * np.arange(length)))
    samples = channel.add_noise((echoed * turn).astype(np.complex64), 0.01, rng)
    times = length + 80.0 * np.arange(4) + 40
    pilots = (40 * np.exp(1j * (phase + 2 * np.pi * offset * times))).astype(np.complex64)
    found, phases = join_preamble_and_pilots(
        samples, known, waveform.preamble_period, taps, lead, pilots, times, 3.2e-4
    )
    assert found == pytest.approx(offset, abs=3e-6)
    difference = np.angle(np.exp(1j * (phases - phase - 2 * np.pi * offset * times)))
    assert phases.dtype == np.float32 and np.abs(difference).max() < 0.02
