"""Coherent synchronisation: what it makes of a detection that is a little off, or of none."""

from dataclasses import replace

import numpy as np
import pytest

from semcom.phy import channel
from semcom.phy.frontend.sample_buffer import SampleBuffer
from semcom.phy.sync.burst_detector import Detection
from semcom.phy.sync.preamble import preamble
from semcom.phy.sync.synchronisation import COHERENT_THRESHOLD, Synchroniser

START = 900


def buffer_with(samples):
    buffer = SampleBuffer(len(samples))
    buffer.append(samples.astype(np.complex64))
    return buffer


def received(waveform, cfo_subcarriers, noise_var, rng, keep=slice(None)):
    """A preamble at START, of which only the part `keep` arrives, in noise."""
    known = preamble(waveform)[: waveform.preamble_length]
    samples = np.zeros(2400, np.complex64)
    part = np.zeros_like(known)
    part[keep] = known[keep]
    samples[START : START + len(part)] = part
    samples = channel.carrier_offset(samples, cfo_subcarriers / waveform.fft_size, 1.0)
    return buffer_with(channel.add_noise(samples, noise_var, rng))


@pytest.mark.parametrize("lag", [-24, -3, 0, 24])
@pytest.mark.parametrize("error", [-0.3, 0.0, 0.3])
def test_start_and_offset_are_exact_however_far_the_detection_is_off(waveform, lag, error, rng):
    truth = 0.4
    detection = Detection(START + lag, (truth + error) / waveform.fft_size, 20.0)
    sync = Synchroniser(waveform).synchronise(received(waveform, truth, 0.01, rng), detection)
    assert sync.start_sample == START
    assert sync.cfo * waveform.fft_size == pytest.approx(truth, abs=2e-3)


@pytest.mark.parametrize("cycles", [-1, 1])
def test_an_offset_wrong_by_whole_cycles_of_the_basic_sequence_is_put_right(waveform, cycles, rng):
    wrong = 0.2 / waveform.fft_size + cycles / waveform.preamble_period
    sync = Synchroniser(waveform).synchronise(received(waveform, 0.2, 0.01, rng), Detection(START, wrong, 20.0))
    assert sync.start_sample == START
    assert sync.cfo * waveform.fft_size == pytest.approx(0.2, abs=2e-3)


def test_noise_silence_and_half_a_preamble_are_refused(waveform, rng):
    synchroniser, detection = Synchroniser(waveform), Detection(START, 0.0, 20.0)
    assert synchroniser.synchronise(buffer_with(channel.complex_noise(2400, 1.0, rng)), detection) is None
    assert synchroniser.synchronise(buffer_with(np.zeros(2400)), detection) is None
    half = waveform.preamble_length // 2
    for keep in (slice(0, half), slice(half, None)):
        assert synchroniser.synchronise(received(waveform, 0.0, 1e-4, rng, keep), detection) is None


def test_the_samples_it_says_it_needs_are_those_it_reads(waveform, rng):
    synchroniser = Synchroniser(waveform)
    reads = []

    class Recorder:
        def read(self, start, stop):
            reads.append((start, stop))
            return np.zeros(stop - start, np.complex64)

    synchroniser.synchronise(Recorder(), Detection(START, 0.0, 20.0))
    first, last = min(start for start, _ in reads), max(stop for _, stop in reads)
    assert (START - first, last - START) == (synchroniser.samples_before, synchroniser.samples_after)


def test_a_wider_search_raises_the_threshold_by_the_logarithm_of_its_trials(waveform):
    """ofdm64 searches one cycle per two periods of the basic sequence; 4 subcarriers make four times the trials."""
    wide = replace(waveform, max_cfo_subcarriers=4.0)
    assert Synchroniser(waveform)._threshold == pytest.approx(COHERENT_THRESHOLD)
    assert Synchroniser(wide)._threshold == pytest.approx(COHERENT_THRESHOLD + np.log(4))
