from itertools import pairwise

import numpy as np
import pytest

from semcom.phy import channel
from semcom.phy.frontend.derotation import derotate


@pytest.mark.parametrize(("cfo", "first"), [(0.013, 0), (-0.2, 700), (0.4999, 123_456_789)])
def test_a_carrier_offset_is_removed(cfo, first, rng):
    samples = channel.complex_noise(2000, 1.0, rng)
    n = first + np.arange(2000)
    turned = samples * np.exp(2j * np.pi * ((cfo * n) % 1.0))
    out = derotate(turned.astype(np.complex64), cfo, first)
    assert out.dtype == np.complex64
    assert np.allclose(out, samples, atol=2e-5)


def test_pieces_of_a_stream_are_the_same_to_the_last_bit(rng):
    samples = channel.complex_noise(3000, 1.0, rng)
    whole = derotate(samples, 0.0371, 40)
    cuts = [0, 1, 255, 256, 257, 900, 2048, 3000]
    pieces = [derotate(samples[a:b], 0.0371, 40 + a) for a, b in pairwise(cuts)]
    assert np.array_equal(np.concatenate(pieces), whole)


def test_no_samples_and_strided_samples():
    assert len(derotate(np.zeros(0, np.complex64), 0.1)) == 0
    assert np.allclose(derotate(np.ones(8, np.complex64)[::2], 0.25), [1, -1j, -1, 1j], atol=1e-6)
