"""Perturbed decoding of short blocks: more are decoded, and what is decoded is right."""

import numpy as np

from semcom.phy.coding.ldpc import perturbed_decoding
from semcom.phy.coding.transport_block_coding import TransportBlockCoder


def test_copies_differ_a_little_are_repeatable_and_leave_gaps_alone(rng):
    soft = (rng.normal(0, 200, 1500)).astype(np.int16)
    soft[:300] = 0
    copies = perturbed_decoding.perturbed_copies(soft)
    assert copies.dtype == np.int16
    assert np.array_equal(copies, perturbed_decoding.perturbed_copies(soft))
    assert not copies[:, :300].any()
    assert len({copy.tobytes() for copy in copies}) == len(copies)
    differences = copies[:, 300:].astype(np.int32) - soft[300:]
    assert 0.05 < np.std(differences) / np.abs(soft[300:].astype(np.int32)).mean() < 0.2


def test_extreme_values_stay_in_range():
    soft = np.array([32767, -32767] * 100, dtype=np.int16)
    copies = perturbed_decoding.perturbed_copies(soft)
    assert np.all(np.sign(copies) == np.sign(soft))


def test_fewer_short_blocks_are_lost(rng, monkeypatch):
    coder = TransportBlockCoder(20, 2, 0.5, 352)
    noise_var = 10 ** (-1.8 / 10)
    payloads = [rng.bytes(20) for _ in range(800)]
    llrs = []
    for payload in payloads:
        received = 1.0 - 2.0 * coder.encode(payload) + np.sqrt(noise_var) * rng.standard_normal(352)
        llrs.append((2 * received / noise_var).astype(np.float32))
    with_it = [coder.decode(llr).payload for llr in llrs]
    monkeypatch.setattr(perturbed_decoding, "MAX_CODE_BLOCK_BITS", 0)
    without = [coder.decode(llr).payload for llr in llrs]
    assert all(found in (payload, None) for found, payload in zip(with_it, payloads, strict=True))
    assert without.count(None) >= 12
    assert with_it.count(None) <= 0.8 * without.count(None)


def test_noise_alone_is_never_a_payload(rng):
    coder = TransportBlockCoder(20, 2, 0.5, 352)
    for _ in range(300):
        assert coder.decode(rng.standard_normal(352).astype(np.float32)).payload is None
