import numpy as np
import pytest

from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_TABLE, find_mcs
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
        ([TransportBlock(b"a")] * 65, "blocks of a burst must number 1 to 64, got 65"),
    ],
)
def test_blocks_that_do_not_go_together_are_refused(blocks, message, transmitter):
    with pytest.raises(ConfigurationError, match=message):
        transmitter.modulate(blocks, QPSK)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"payload": b""}, "payload must be 1 to 8192 bytes, got 0"),
        ({"payload": bytes(8193)}, "payload must be 1 to 8192 bytes, got 8193"),
        ({"payload": "text"}, "payload must be bytes, got str"),
        ({"payload": b"a", "source": 256}, "source must be 0 to 255, got 256"),
        ({"payload": b"a", "process": 64}, "process must be 0 to 63, got 64"),
        ({"payload": b"a", "redundancy_version": -1}, "redundancy_version must be 0 to 3, got -1"),
    ],
)
def test_impossible_blocks_are_refused(arguments, message):
    with pytest.raises(ConfigurationError, match=message):
        TransportBlock(**arguments)


def test_too_long_a_burst_is_refused(transmitter):
    with pytest.raises(ConfigurationError, match="data symbols of a burst must be at most 2048"):
        transmitter.modulate([TransportBlock(bytes(8192))], MCS_TABLE["bpsk-1/8"])


def test_an_unknown_mcs_is_refused_with_the_known_ones():
    assert find_mcs("qpsk-1/2") is QPSK
    with pytest.raises(ConfigurationError, match=r"mcs must be one of bpsk-1/8, .*, got 'qpsk'"):
        find_mcs("qpsk")


def test_mcs_table_rises_and_numbers_are_those_on_the_air():
    steps = list(MCS_TABLE.values())
    assert [step.number for step in steps] == list(range(16))
    efficiencies = [step.efficiency for step in steps]
    assert efficiencies == sorted(efficiencies) and len(set(efficiencies)) == 16
    assert QPSK.number == 5 and QPSK.code_rate == 0.5 and QPSK.modulation == "qpsk"
