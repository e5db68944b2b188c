import numpy as np
import pytest

from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.transport_block import TransportBlock

QPSK = MCS_TABLE["qpsk-1/2"]


def test_sections_of_a_burst_have_mean_power_one(transmitter, waveform, rng):
    sections = []
    for _ in range(40):
        iq = transmitter.modulate([TransportBlock(rng.bytes(300))], MCS_TABLE["16qam-1/2"])
        cuts = [waveform.preamble_length, waveform.preamble_length + 3 * waveform.symbol_length]
        sections.append([np.mean(np.abs(part) ** 2) for part in np.split(iq, cuts)])
    assert np.allclose(np.mean(sections, axis=0), 1, atol=0.04)


def test_payloads_of_zeros_make_no_peaks(transmitter):
    iq = transmitter.modulate([TransportBlock(bytes(1000))], QPSK)
    assert 10 * np.log10(np.max(np.abs(iq) ** 2)) < 12


def test_power_stays_in_the_band(transmitter, rng):
    """At the nominal rate all there is to see is the edge of the band, which the windows make steeper."""
    iq = transmitter.modulate([TransportBlock(rng.bytes(1000))], QPSK)
    spectrum = np.abs(np.fft.fft(iq)) ** 2
    frequency = np.abs(np.fft.fftfreq(len(iq)))
    inside = spectrum[frequency < 26.5 / 64].mean()
    outside = spectrum[frequency > 31 / 64].mean()
    assert 10 * np.log10(outside / inside) < -15


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ([], "at least one transport block"),
        ([TransportBlock(b"ab"), TransportBlock(b"abc")], "equal length .2 bytes., got 3 for blocks.1."),
        ([TransportBlock(b"a"), TransportBlock(b"a", source=1)], "same source .0., got 1 for blocks.1."),
        ([TransportBlock(b"a"), TransportBlock(b"a", new_data=False)], "same new_data"),
        ([TransportBlock(b"a"), TransportBlock(b"a", redundancy_version=1)], "same redundancy_version"),
        ([TransportBlock(b"a"), TransportBlock(b"a", process=2)], "consecutive processes from 0"),
        ([TransportBlock(b"a")] * 65, "num_blocks of a signal field must be 1 to 64, got 65"),
    ],
)
def test_blocks_that_do_not_go_together_are_refused(blocks, message, transmitter):
    with pytest.raises(ConfigurationError, match=message):
        transmitter.modulate(blocks, QPSK)


def test_too_long_a_burst_is_refused(transmitter):
    with pytest.raises(ConfigurationError, match="data symbols of a burst must be at most 2048"):
        transmitter.modulate([TransportBlock(bytes(8192))], MCS_TABLE["bpsk-1/8"])
