from dataclasses import replace

import numpy as np
import pytest

from semcom.phy.channel import add_noise
from semcom.phy.coding import signal_field
from semcom.phy.coding.signal_field import SignalField
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_TABLE

FIELD = SignalField(MCS_TABLE["64qam-5/6"], 64, 8192, source=255, process=63, redundancy_version=3, new_data=False)


def test_fields_go_round():
    small = SignalField(MCS_TABLE["bpsk-1/8"], 1, 1)
    for field in (FIELD, small):
        assert SignalField.from_bits(field.to_bits()) == field


def test_layout_on_the_air():
    """The bits of the drawing in signal_field.py, written out."""
    field = SignalField(MCS_TABLE["qpsk-1/2"], 3, 120, source=0xA5, process=0b10011, redundancy_version=2)
    text = "".join(map(str, field.to_bits()[:48]))
    assert text == "001010100101010011110001010000100000001110111000"


GOLDEN = {
    "2fffdb7ffff87a96": FIELD,
    "200020000000fdb9": SignalField(MCS_TABLE["bpsk-1/8"], 1, 1),
    "2a54f14203b83975": SignalField(MCS_TABLE["qpsk-1/2"], 3, 120, 0xA5, 0b10011, 2),
}


@pytest.mark.parametrize("coded", GOLDEN)
def test_fields_of_blocks_keep_their_bytes(coded):
    """Written before the kind had a second bit."""
    assert np.packbits(GOLDEN[coded].to_bits()).tobytes().hex() == coded
    assert SignalField.from_bits(np.unpackbits(np.frombuffer(bytes.fromhex(coded), np.uint8))) == GOLDEN[coded]


SOFT = SignalField(
    MCS_TABLE["bpsk-1/3"], 1, 64, 7, 12, kind=signal_field.KIND_SOFT_TEXT, soft_bytes=8192, soft_bits_per_symbol=6
)


def test_soft_text_on_the_air():
    """As the drawing has it: kind 2, constellation 3, 64 coded bytes, 8192 soft ones."""
    text = "".join(map(str, SOFT.to_bits()[:48]))
    assert text == "001" + "0" + "00000111" + "001100" + "1" + "11" + "00010" + "111111" + "1" * 13 + "1" + "00"
    assert SignalField.from_bits(SOFT.to_bits()) == SOFT


@pytest.mark.parametrize("count", [1, 4000, 8192])
def test_analog_symbols_are_counted_by_the_field(count):
    field = SignalField(MCS_TABLE["bpsk-1/3"], 1, 34, 5, 9, kind=signal_field.KIND_ANALOG, analog_symbols=count)
    assert SignalField.from_bits(field.to_bits()) == field and signal_field.KIND_ANALOG in signal_field.RECEIVED_KINDS
    with pytest.raises(ConfigurationError, match="analog_symbols of a signal field must be 1 to 8192, got 0"):
        SignalField(MCS_TABLE["bpsk-1/3"], 1, 34, kind=signal_field.KIND_ANALOG)


@pytest.mark.parametrize("kind", [signal_field.KIND_RESERVED])
def test_kinds_that_are_not_received_keep_their_name(kind):
    field = SignalField(MCS_TABLE["qpsk-1/2"], 4, 100, kind=kind)
    assert SignalField.from_bits(field.to_bits()) == field
    assert kind not in signal_field.RECEIVED_KINDS and signal_field.KIND_NAMES[kind]


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"soft_bytes": 0}, "soft_bytes of a signal field must be 1 to 8192"),
        ({"soft_bytes": 8193}, "soft_bytes of a signal field must be 1 to 8192"),
        ({"block_bytes": 65}, "block_bytes of a signal field must be 1 to 64"),
        ({"num_blocks": 2}, "num_blocks of a signal field must be 1 to 1"),
        ({"soft_bits_per_symbol": 3}, "soft_bits_per_symbol must be one of 1, 2, 4, 6"),
        ({"kind": signal_field.KIND_BLOCKS}, "soft_bytes of a signal field must be 0 to 0"),
    ],
)
def test_soft_text_out_of_range_is_refused(changed, rule):
    with pytest.raises(ConfigurationError, match=rule):
        replace(SOFT, **changed)


def test_any_two_changed_bits_are_noticed():
    bits = FIELD.to_bits()
    for first in range(64):
        for second in range(first, 64):
            damaged = bits.copy()
            damaged[first] ^= 1
            damaged[second] ^= first != second
            assert SignalField.from_bits(damaged) is None


def test_silence_is_no_field():
    assert SignalField.from_bits(np.zeros(64, np.uint8)) is None
    assert SignalField.from_bits(np.ones(64, np.uint8)) is None


def test_random_bits_are_hardly_ever_a_field(rng):
    """CRC-16, version, kind and reserved bits: 2^-23 and less each."""
    assert not any(SignalField.from_bits(bits) for bits in rng.integers(0, 2, (50_000, 64)).astype(np.uint8))


@pytest.mark.parametrize(("name", "esno_db"), [("qpsk-1/2", 1.0), ("bpsk-1/3", -4.0), ("bpsk-1/8", -8.0)])
def test_field_survives_below_the_threshold_of_its_payload(name, esno_db, waveform, rng):
    """Each form at an Es/N0 where the most robust MCS that uses it still fails often."""
    field = SignalField(MCS_TABLE[name], 2, 77, source=1)
    symbols = signal_field.encode(field, waveform)
    noise_var = 10 ** (-esno_db / 10)
    failures = 0
    for _ in range(300):
        received = add_noise(symbols.ravel(), noise_var, rng).reshape(symbols.shape)
        variance = np.full(symbols.shape, noise_var, np.float32)
        failures += signal_field.decode(received, variance, field.mcs.header_form) != field
    assert failures == 0


def test_field_of_the_other_form_is_refused(waveform):
    symbols = signal_field.encode(SignalField(MCS_TABLE["qpsk-1/2"], 1, 10), waveform)
    repeated = np.resize(symbols, (signal_field.num_symbols(waveform, "robust"), waveform.num_data))
    assert signal_field.decode(repeated, np.full(repeated.shape, 0.1, np.float32), "robust") is None


def test_forms_have_their_lengths(waveform):
    assert [signal_field.num_symbols(waveform, form) for form in ("short", "medium", "robust")] == [3, 8, 24]


def test_overhead_of_a_kilobyte_is_small(waveform):
    """Preamble and signal field within 15 % of the airtime of 1000 bytes up to 16qam-1/2."""
    from semcom.phy.burst_layout import channel_uses

    for name in list(MCS_TABLE)[: list(MCS_TABLE).index("16qam-1/2") + 1]:
        mcs = MCS_TABLE[name]
        rows = signal_field.num_symbols(waveform, mcs.header_form)
        overhead = waveform.preamble_length + rows * waveform.symbol_length
        assert overhead <= 0.15 * channel_uses(waveform, mcs, 1, 1000), name


@pytest.mark.parametrize(("name", "form"), [("qpsk-2/3", "medium"), ("bpsk-1/3", "robust"), ("bpsk-1/8", "robust")])
def test_a_repeat_takes_the_next_more_robust_form(name, form, waveform):
    field = SignalField(MCS_TABLE[name], 1, 10, new_data=False, redundancy_version=2)
    symbols = signal_field.encode(field, waveform)
    variance = np.full(symbols.shape, 0.1, np.float32)
    assert field.form == form and len(symbols) == signal_field.num_symbols(waveform, form)
    assert signal_field.decode(symbols, variance, form) == field
    assert MCS_TABLE[name].header_form == form or signal_field.decode(symbols, variance, "short") is None
