"""Soft text, alone and through the whole modem."""

import numpy as np
import pytest

from semcom.phy import soft_text
from semcom.phy.burst_layout import block_layout
from semcom.phy.channel import add_noise
from semcom.phy.channel.carrier_offset import carrier_offset
from semcom.phy.coding import signal_field
from semcom.phy.coding.signal_field import SignalField
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

MCS = MCS_TABLE["bpsk-1/3"]
HEAD = bytes(range(200, 216))
TEXT = b"A man riding a wave on top of a surfboard near the rocks."


def received(waveform, iq, snr_db, rng, cfo_subcarriers=0.4):
    silence = np.zeros(700, np.complex64)
    cfo_hz = cfo_subcarriers * waveform.subcarrier_spacing_hz
    signal = carrier_offset(np.concatenate([silence, iq, silence, silence]), cfo_hz, waveform.nominal_rate_hz)
    receiver = Receiver(waveform)
    return receiver.push(add_noise(signal, 10 ** (-snr_db / 10), rng)) + receiver.flush()


@pytest.mark.parametrize(("num_bytes", "num_places"), [(1, 48), (57, 480), (57, 456), (100, 960), (8192, 65664)])
def test_every_bit_has_a_place_and_comes_back(num_bytes, num_places, rng):
    payload = rng.bytes(num_bytes)
    places = soft_text.spread(payload, num_places)
    llr = soft_text.combine(1 - 2 * places.astype(np.float32), num_bytes)
    assert soft_text.decided(llr) == payload
    repeats = np.full(8 * num_bytes, num_places // (8 * num_bytes)) + (
        np.arange(8 * num_bytes) < num_places % (8 * num_bytes)
    )
    np.testing.assert_array_equal(np.abs(llr), np.minimum(8 * repeats, 127))  # repeats add up


def test_bits_of_a_character_lie_far_apart():
    """On 10 symbols of 48 carriers, two bits each."""
    places = np.empty(960, np.int64)
    places[soft_text._order(960)] = np.arange(960)
    carrier_of = {int(bit): place // 2 % 48 for place, bit in enumerate(places)}
    carriers = [carrier_of[bit] for bit in range(8)]
    assert min(abs(a - b) for i, a in enumerate(carriers) for b in carriers[:i]) >= 2


def test_values_are_bounded():
    llr = soft_text.combine(np.array([1e9, -1e9, np.nan, np.inf, -np.inf, 0.06, -0.07, 0], np.float32), 1)
    assert llr.dtype == np.int8 and set(np.abs(llr)) <= {0, 1, 127}


@pytest.mark.parametrize("bits_per_symbol", [1, 2, 4, 6])
def test_soft_text_arrives_whole_where_there_is_little_noise(waveform, bits_per_symbol, rng):
    block = TransportBlock(HEAD + TEXT, 3, 9, coded_bytes=16, soft_bits_per_symbol=bits_per_symbol)
    iq = Transmitter(waveform).modulate([block], MCS)
    layout = block_layout(waveform, MCS, block)
    assert layout.num_samples <= len(iq) <= layout.num_samples + waveform.window_length
    (burst,) = received(waveform, iq, 30, rng)
    (found,) = burst.blocks
    assert (found.payload, found.source, found.process, found.crc_ok) == (HEAD + TEXT, 3, 9, True)
    assert found.llr.dtype == np.int8 and found.llr.shape == (8 * len(TEXT),)
    assert burst.num_samples == layout.num_samples and burst.note == ""


def test_damaged_bits_come_as_what_they_are_worth(waveform, rng):
    """At 0 dB the coded part is whole, one soft bit in six is wrong, and those say little for themselves."""
    block = TransportBlock(HEAD + TEXT * 20, coded_bytes=16)
    (burst,) = received(waveform, Transmitter(waveform).modulate([block], MCS), -0.9, rng)
    (found,) = burst.blocks
    assert found.payload[:16] == HEAD
    llr = found.llr.astype(float) / soft_text.LLR_STEPS_PER_UNIT
    sent = np.unpackbits(np.frombuffer(TEXT * 20, np.uint8))
    wrong = (llr < 0) != sent.astype(bool)
    assert 0.13 < wrong.mean() < 0.19  # Q(1) = 0.159
    assert wrong.mean() == pytest.approx(np.mean(1 / (1 + np.exp(np.abs(llr)))), abs=0.01)  # as they say themselves


def test_without_its_coded_part_nothing_is_given_out(waveform, rng):
    block = TransportBlock(HEAD + TEXT, coded_bytes=16)
    for burst in received(waveform, Transmitter(waveform).modulate([block], MCS_TABLE["64qam-3/4"]), 4, rng):
        assert all(found.payload is None and found.llr is None for found in burst.blocks)


@pytest.mark.parametrize(("kind", "name"), [(3, "a payload of the reserved kind 3")])
def test_a_kind_that_is_not_received_is_named(waveform, kind, name, rng, monkeypatch):
    import semcom.phy.transmitter as transmitter

    def other_kind(**values):
        return SignalField(**{**values, "kind": kind})

    monkeypatch.setattr(transmitter, "SignalField", other_kind)
    iq = Transmitter(waveform).modulate([TransportBlock(bytes(40))], MCS_TABLE["qpsk-1/2"])
    (burst,) = received(waveform, iq, 20, rng)
    assert not burst.header_ok and burst.blocks == ()
    assert burst.note == f"the burst holds {name}, which this receiver does not receive"
    assert signal_field.KIND_NAMES[kind] == burst.refused_kind


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"coded_bytes": 0}, "coded_bytes must be 1 to 64, got 0"),
        ({"coded_bytes": 65}, "coded_bytes must be 1 to 64, got 65"),
        ({"payload": HEAD}, "soft text must be 1 to 8192 bytes, got 0"),
        ({"soft_bits_per_symbol": 8}, "soft_bits_per_symbol must be one of 1, 2, 4, 6, got 8"),
        ({"redundancy_version": 1}, "must be new data in redundancy version 0"),
        ({"new_data": False}, "must be new data in redundancy version 0"),
    ],
)
def test_blocks_that_cannot_be_are_refused(changed, rule):
    with pytest.raises(ConfigurationError, match=rule):
        TransportBlock(**{"payload": HEAD + TEXT, "coded_bytes": 16, **changed})


def test_soft_text_has_a_burst_of_its_own(waveform):
    block = TransportBlock(HEAD + TEXT, coded_bytes=16)
    with pytest.raises(ConfigurationError, match="burst of its own, got 2"):
        Transmitter(waveform).modulate([block, block], MCS)


def test_soft_text_longer_than_a_burst_is_refused():
    long = TransportBlock(bytes(8002), coded_bytes=2, soft_bits_per_symbol=1)
    with pytest.raises(ConfigurationError, match="2 bytes at bpsk-1/3 and 8000 of soft text"):
        block_layout(Waveform.load("narrow"), MCS, long)
