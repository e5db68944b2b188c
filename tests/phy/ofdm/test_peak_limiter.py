import numpy as np
import pytest

from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.ofdm import modulation as ofdm
from semcom.phy.ofdm.constellation import constellation
from semcom.phy.ofdm.peak_limiter import PeakLimiter, preamble_peak_db
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform


def _peak_db(iq):
    """Highest power over the mean, on a grid sixteen times as fine."""
    spectrum = np.fft.fft(iq)
    wide = np.zeros(16 * len(iq), complex)
    wide[np.round(np.fft.fftfreq(len(iq), 1 / len(iq))).astype(int)] = spectrum
    power = np.abs(np.fft.ifft(wide) * 16) ** 2
    return 10 * np.log10(power.max() / np.mean(np.abs(iq) ** 2))


@pytest.mark.parametrize("limit_db", [8.0, 6.0])
@pytest.mark.parametrize("name", ["ofdm64", "ofdm256"])
def test_peaks_of_whole_bursts_stay_below_the_limit(name, limit_db, rng):
    waveform = Waveform.load(name)
    blocks = [TransportBlock(rng.bytes(1500))]
    free = Transmitter(waveform).modulate(blocks, MCS_TABLE["16qam-1/2"])
    iq = Transmitter(waveform, peak_limit_db=limit_db).modulate(blocks, MCS_TABLE["16qam-1/2"])
    assert _peak_db(free) > 9.5
    assert _peak_db(iq) < limit_db + (0.25 if limit_db == 8 else 0.5)
    assert np.isclose(np.mean(np.abs(iq) ** 2), np.mean(np.abs(free) ** 2), rtol=0.02)
    assert iq.dtype == np.complex64 and len(iq) == len(free)
    length = waveform.preamble_length
    assert np.array_equal(iq[:length], free[:length])


def test_only_data_carriers_bear_it(waveform, rng):
    data = constellation(2).map(rng.integers(0, 2, 300 * waveform.num_data * 2).astype(np.uint8))
    carriers = ofdm.with_pilots(data.reshape(300, -1), waveform)
    limited = PeakLimiter(waveform, 8.0).limit(carriers)
    assert np.array_equal(limited[:, waveform.is_pilot], carriers[:, waveform.is_pilot])
    noise_db = 10 * np.log10(np.mean(np.abs(limited - carriers) ** 2))
    assert -45 < noise_db < -32
    everything = np.fft.fft(ofdm.modulate(limited, waveform)[:, waveform.cp_length : waveform.symbol_length], axis=1)
    unused = np.setdiff1d(np.arange(waveform.fft_size), waveform.used_bins)
    assert np.max(np.abs(everything[:, unused])) < 1e-4 * np.max(np.abs(everything))


def test_symbols_below_the_limit_are_left_alone(waveform):
    carriers = ofdm.with_pilots(np.zeros((4, waveform.num_data), np.complex64), waveform)
    assert np.array_equal(PeakLimiter(waveform, 8.0).limit(carriers), carriers)


def test_limited_bursts_are_received(waveform, receiver, in_noise, rng):
    payload = rng.bytes(1000)
    for name, snr_db in (("qpsk-1/2", 1.5), ("256qam-3/4", 24.0)):
        iq = Transmitter(waveform, peak_limit_db=8.0).modulate([TransportBlock(payload)], MCS_TABLE[name])
        bursts = receiver.push(in_noise(iq, rng, snr_db)) + receiver.flush()
        assert [block.payload for burst in bursts for block in burst.blocks] == [payload]


@pytest.mark.parametrize("limit", [3.0, 5.2, float("nan"), float("inf"), "8", True])
def test_limits_that_cannot_hold_are_refused(limit, waveform):
    with pytest.raises(ConfigurationError, match="peak_limit_db must be"):
        Transmitter(waveform, peak_limit_db=limit)


def test_the_preamble_has_low_peaks(waveform):
    assert 5.0 < preamble_peak_db(waveform) < 5.6
