"""Two rays: notches of the frequency response."""

import numpy as np
import pytest

from semcom.phy import channel


def test_two_rays_make_notches_where_theory_puts_them():
    frequency = np.array([0.0, 0.1, 0.125, 0.25])  # echo 4 samples late, equally strong: notches at 1/8, 3/8
    for f in frequency:
        tone = np.exp(2j * np.pi * f * np.arange(400)).astype(np.complex64)
        received = channel.two_ray(tone, 4.0, 0.0)[100:300]
        assert np.abs(received).mean() == pytest.approx(abs(1 + np.exp(-8j * np.pi * f)) / np.sqrt(2), abs=1e-3)
