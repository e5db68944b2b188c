from dataclasses import replace

import numpy as np
import pytest

from semcom.phy import channel
from semcom.phy.frontend.sample_buffer import SampleBuffer
from semcom.phy.sync.burst_detector import BurstDetector, _cfo_centres
from semcom.phy.sync.preamble import preamble
from semcom.phy.sync.synchronisation import Synchroniser


@pytest.fixture(scope="module")
def stretch(waveform):
    """Function that puts one preamble at 1000 + fraction into 4096 samples of noise."""

    def place(rng, snr_db, cfo_subcarriers, fraction=0.0):
        known = np.concatenate([np.zeros(40), preamble(waveform), np.zeros(40)]).astype(np.complex64)
        samples = np.zeros(4096, np.complex64)
        moved = channel.delay(known, fraction)
        samples[960 : 960 + len(moved)] = moved
        samples = channel.carrier_offset(samples, cfo_subcarriers / 64, 1.0, rng.uniform(0, 6.28))
        return channel.add_noise(samples, channel.noise_var_for(snr_db), rng)

    return place


def find(detector, samples):
    """All detections in samples, with silence behind them, and the buffer they lie in."""
    detector.reset()
    buffer = SampleBuffer(len(samples) + 3 * 4096)
    buffer.append(samples)
    buffer.append(np.zeros(2 * 4096, np.complex64))
    return detector.process(buffer), buffer


def test_preambles_far_below_the_noise_are_found_and_placed(waveform, stretch, rng):
    detector, synchroniser = BurstDetector(waveform), Synchroniser(waveform)
    errors = []
    for _ in range(200):
        cfo = rng.uniform(-1, 1)
        fraction = rng.uniform(0, 1)
        detections, buffer = find(detector, stretch(rng, -7.0, cfo, fraction))
        found = [synchroniser.synchronise(buffer, detection) for detection in detections]
        (sync,) = [sync for sync in found if sync is not None]
        assert abs(sync.start_sample - 1000 - fraction) <= 3
        errors.append(sync.cfo * 64 - cfo)
    # Cramér-Rao: sqrt(6 / (4 pi^2 N^3 SNR)) cycles per sample, here 0.0048 subcarriers.
    assert np.sqrt(np.mean(np.square(errors))) < 1.4 * 0.0048


def test_false_alarms_on_noise_are_as_rare_as_stated(waveform, rng):
    detector, synchroniser = BurstDetector(waveform), Synchroniser(waveform)
    detections, buffer = find(detector, channel.complex_noise(1_000_000, 1.0, rng))
    assert len(detections) <= 200
    assert sum(synchroniser.synchronise(buffer, detection) is not None for detection in detections) <= 1


@pytest.mark.parametrize("kind", ["tone", "square", "constant", "impulses"])
def test_other_signals_are_not_bursts(kind, waveform, rng):
    n = np.arange(40_000)
    signal = {
        "tone": np.exp(2j * np.pi * 0.0937 * n),
        "square": np.sign(np.sin(2 * np.pi * n / 32 + 0.1)),
        "constant": np.ones(len(n)),
        "impulses": (n % 32 == 0) * 5.0,
    }[kind].astype(np.complex64)
    signal = channel.add_noise(signal, 1e-4, rng)
    detector, synchroniser = BurstDetector(waveform), Synchroniser(waveform)
    detections, buffer = find(detector, signal)
    assert not any(synchroniser.synchronise(buffer, detection) for detection in detections)


def test_level_does_not_change_the_detections(waveform, stretch, rng):
    samples = stretch(rng, 0.0, 0.3)
    detector = BurstDetector(waveform)
    reference = find(detector, samples)[0]
    assert any(abs(detection.start_sample - 1000) <= 2 for detection in reference)
    for level in (2.0**-12, 2.0**6):
        found = find(detector, samples * np.float32(level))[0]
        assert [d.start_sample for d in found] == [d.start_sample for d in reference]
        assert [d.statistic for d in found] == pytest.approx([d.statistic for d in reference], rel=1e-4)


@pytest.mark.parametrize("cfo", [-0.9, -0.4, 0.4, 0.9])
def test_a_detection_knows_its_carrier_offset_within_the_range(cfo, waveform, stretch, rng):
    detections, _ = find(BurstDetector(waveform), stretch(rng, 20.0, cfo))
    best = max(detections, key=lambda detection: detection.statistic)
    assert abs(best.start_sample - 1000) <= 1
    assert best.cfo * 64 == pytest.approx(cfo, abs=0.05)


@pytest.mark.parametrize(("max_cfo", "count"), [(1.0, 2), (1.01, 3), (4.0, 8), (0.1, 1)])
def test_hypotheses_lie_at_most_half_a_cycle_per_period_apart(max_cfo, count, waveform):
    """And are no more than that takes: each of them costs a correlation of all samples."""
    centres = _cfo_centres(replace(waveform, max_cfo_subcarriers=max_cfo)) * waveform.fft_size
    assert len(centres) == count
    edges = np.concatenate([[-max_cfo], (centres[1:] + centres[:-1]) / 2, [max_cfo]])
    np.testing.assert_allclose(centres, (edges[1:] + edges[:-1]) / 2)
    assert np.ptp(edges) == pytest.approx(2 * max_cfo) and np.diff(edges).max() <= 1.0 + 1e-9


def test_captured_wlan_frames_are_not_bursts(waveform, shared_dir):
    """Real OFDM signals with preambles of their own, through a receiver that does not know them."""
    files = sorted((shared_dir / "data/radio/ofdm_captures").glob("*/*.dat"))
    assert files
    detector, synchroniser = BurstDetector(waveform), Synchroniser(waveform)
    for file in files:
        samples = (np.fromfile(file, "<i2").astype(np.float32) / 32768).view(np.complex64)
        detections, buffer = find(detector, samples)
        assert not any(synchroniser.synchronise(buffer, detection) for detection in detections), file.name
