"""Reception at the rates that radios and recordings have."""

import numpy as np
import pytest
import scipy.signal

from semcom.phy.any_rate_receiver import AnyRateReceiver, lowest_rate_hz
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

LEAD = 3000


@pytest.fixture(scope="module")
def waveform():
    return Waveform.load("ofdm64")


def bursts_at(waveform, rate_hz, rng, number=4, cfo_hz=0.0, snr_db=20.0):
    """Samples at a rate, made by a Fourier transform, independent of our filters; payloads and exact starts."""
    payloads = [rng.bytes(80) for _ in range(number)]
    parts, starts, at = [], [], 0
    for payload in payloads:
        burst = Transmitter(waveform).modulate([TransportBlock(payload)], MCS_TABLE["qpsk-1/2"])
        starts.append(at + LEAD)
        parts += [np.zeros(LEAD), burst]
        at += LEAD + len(burst)
    signal = np.concatenate([*parts, np.zeros(LEAD)])
    length = 2 ** int(np.ceil(np.log2(len(signal))))
    signal = np.pad(signal, (0, length - len(signal)))
    count = round(length * rate_hz / waveform.nominal_rate_hz)
    samples = scipy.signal.resample(signal, count)
    true_rate_hz = count / length * waveform.nominal_rate_hz
    noise_var = 10 ** (-snr_db / 10) * max(1.0, true_rate_hz / waveform.nominal_rate_hz)
    samples = samples * np.exp(2j * np.pi * cfo_hz / true_rate_hz * np.arange(count))
    samples = samples + rng.normal(scale=np.sqrt(noise_var / 2), size=(count, 2)) @ np.array([1, 1j])
    return samples.astype(np.complex64), payloads, [start * count / length for start in starts], true_rate_hz


RATES_HZ = (2.4e6, 2.048e6, 3.2e6, 61.44e6, 1.2345678e6)


@pytest.mark.parametrize(
    ("rate_hz", "cfo_subcarriers"), [(0.9e6, 0.5), *((rate, cfo) for rate in RATES_HZ for cfo in (0.5, -5.5))]
)
def test_bursts_are_received_at_the_rate_of_any_radio(waveform, rng, rate_hz, cfo_subcarriers):
    """Positions are those of the input, to a sample of the reception."""
    reach = 1.0 if abs(cfo_subcarriers) < 1 else 6.0
    cfo_hz = cfo_subcarriers * waveform.subcarrier_spacing_hz
    samples, payloads, starts, true_rate_hz = bursts_at(waveform, rate_hz, rng, cfo_hz=cfo_hz)
    receiver = AnyRateReceiver(waveform, true_rate_hz, reach)
    assert receiver.sample_rate_hz == (1e6 if reach == 1 else 2e6)
    bursts = receiver.push(samples) + receiver.flush()
    assert [block.payload for burst in bursts for block in burst.blocks] == payloads
    tolerance = 1.5 * max(1.0, true_rate_hz / 1e6)
    for burst, start in zip(bursts, starts, strict=True):
        assert abs(burst.start_sample - start) <= tolerance
        assert abs(burst.cfo_hz - cfo_hz) < 150 and 18 < burst.snr_db < 22


def test_workers_change_nothing_at_any_rate(waveform, rng):
    samples, payloads, *_ = bursts_at(waveform, 2.4e6, rng)
    came = []
    for num_workers in (0, 1):
        receiver = AnyRateReceiver(waveform, 2.4e6, num_workers=num_workers)
        bursts = receiver.push(samples) + receiver.flush()
        receiver.close()
        # Single-precision sums round by how samples lie in memory: 1e-6 dB was seen.
        came.append([(burst.start_sample, pytest.approx(burst.snr_db, abs=1e-4), burst.blocks) for burst in bursts])
        assert [(burst.start_sample, burst.snr_db, burst.blocks) for burst in bursts] == came[0]
    assert [block.payload for *_, blocks in came[0] for block in blocks] == payloads


def test_the_waveforms_own_rates_pass_through_untouched(waveform, rng):
    """At the nominal rate and a few millionths beside it every figure is the receiver's own, bit for bit."""
    samples, *_ = bursts_at(waveform, 1e6, rng)
    reference = Receiver(waveform)
    expected = reference.push(samples) + reference.flush()
    for rate_hz in (1e6, 1.00001e6):
        receiver = AnyRateReceiver(waveform, rate_hz)
        found = receiver.push(samples) + receiver.flush()
        assert [repr(burst) for burst in found] == [repr(burst) for burst in expected]
        assert all(np.array_equal(a.constellation, b.constellation) for a, b in zip(found, expected, strict=True))


def test_a_reset_begins_a_new_stream_at_position_0(waveform, rng):
    samples, payloads, starts, _ = bursts_at(waveform, 2.4e6, rng, number=2)
    receiver = AnyRateReceiver(waveform, 2.4e6)
    receiver.push(samples[: int(starts[0]) + 700])
    receiver.reset()
    cut = int(starts[1]) - 1200
    bursts = receiver.push(samples[cut:]) + receiver.flush()
    assert [block.payload for burst in bursts for block in burst.blocks] == payloads[1:]
    assert abs(bursts[0].start_sample - (starts[1] - cut)) < 4


@pytest.mark.parametrize("rate_hz", [-2e6, 0.0, 32e3, 500e3, 830e3, 2e9, float("nan"), float("inf")])
def test_a_rate_that_cannot_hold_the_band_is_refused_with_the_lowest_one(waveform, rate_hz):
    with pytest.raises(ConfigurationError, match=r"must be 844687\.5 to 1e\+09 .* ofdm64, .* 828125 Hz, got"):
        AnyRateReceiver(waveform, rate_hz)
    assert lowest_rate_hz(waveform) == pytest.approx(1.02 * 828125)
