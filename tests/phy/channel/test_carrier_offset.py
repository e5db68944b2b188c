"""Carrier offset: sense of rotation, start phase."""

import numpy as np

from semcom.phy import channel


def test_positive_carrier_offset_turns_anticlockwise():
    turned = channel.carrier_offset(np.ones(4, np.complex64), 250.0, 1000.0)
    assert np.allclose(turned, [1, 1j, -1, -1j], atol=1e-6)


def test_the_first_sample_has_the_start_phase():
    rotated = channel.carrier_offset(np.ones(3, np.complex64), -125.0, 1000.0, phase=np.pi / 2)
    assert np.allclose(rotated, np.exp(1j * (np.pi / 2 - np.pi / 4 * np.arange(3))), atol=1e-6)
