"""Analog block layer: bytes, limits, noise; a golden payload."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from semcom.phy import analog
from semcom.semantic.coding.linear_analog import AnalogCode
from semcom.semantic.errors import LayerError, PacketError
from semcom.semantic.layers import LayerKey, LayerKind, decode_layer, encode_layer
from semcom.semantic.layers import analog_block as layer

CODE = AnalogCode(768, 512, 196_608, 10, (-10, 5, 0, 1, 2, 3, -1, -2, -3, 4), 77)
KEY = LayerKey(0, 0, 1, 3)


def block(count=3, **changes):
    symbols = (np.arange(count) - 1.5j * np.arange(count)).astype(np.complex64) / 64
    return replace(layer.AnalogBlock(CODE, 8192, symbols, None, "deep"), **changes)


def read(payload):
    return decode_layer(KEY, payload).content


def test_it_comes_back_and_its_head_is_the_exact_part():
    made = encode_layer(KEY, LayerKind.ANALOG_BLOCK, block())
    assert len(made.payload) == layer.EXACT_BYTES + 12 and made.exact_bytes == layer.EXACT_BYTES and made.analog
    found = read(made.payload)
    assert (found.code, found.first, found.around, found.noise_var) == (CODE, 8192, "deep", None)
    np.testing.assert_array_equal(found.symbols, block().symbols)


def test_payload_is_frozen():
    made = encode_layer(KEY, LayerKind.ANALOG_BLOCK, block())
    assert made.payload.hex() == ("1d010300020000030000000020001e0fabcd987e104d000000000010ffe80020ffd0")


def test_noise_travels_with_the_layer():
    noise = np.array([0.1, 1.0, 10.0], np.float32)
    found = read(encode_layer(KEY, LayerKind.ANALOG_BLOCK, block(noise_var=noise)).payload)
    np.testing.assert_allclose(found.noise_var, noise, rtol=0.06)
    np.testing.assert_array_equal(found.symbols, block().symbols)


def test_rooms_mean_the_same_by_their_bytes(rng):
    """phy and semantic meet as bytes: symbols and noise are written alike."""
    symbols = (rng.normal(size=50) + 1j * rng.normal(size=50)).astype(np.complex64)
    made = encode_layer(KEY, LayerKind.ANALOG_BLOCK, block(symbols=symbols))
    assert made.payload[layer.EXACT_BYTES :] == analog.to_bytes(symbols)
    codes = bytes(range(256))
    np.testing.assert_array_equal(layer.noise_from_bytes(codes), analog.noise_from_bytes(codes))
    assert layer.noise_to_bytes(layer.noise_from_bytes(codes)) == codes
    assert (layer.STEPS_PER_UNIT, layer.SYMBOL_COST) == (analog.STEPS_PER_UNIT, 4)


def test_noise_that_nobody_told_is_what_the_gains_were_set_for():
    np.testing.assert_allclose(layer.with_noise(block(), b"").noise_var, 0.1, rtol=1e-6)
    np.testing.assert_allclose(layer.with_noise(block(), bytes([80, 120, 40])).noise_var, [1, 0.1, 10], rtol=1e-6)


@pytest.mark.parametrize(
    ("place", "value", "rule"),
    [
        (1, 0x13, "code must be in 0..2, got 19"),
        (2, 0, "picture width must be in 16.."),
        (2, 0x3F, "width × height must be in 1..4194304"),
        (6, 0xFF, "symbols must be in 1..589824"),
        (10, 0x10, "first symbol must be in 0..196605"),
        (14, 61, "design SNR must be in -20..40, got 41"),
        (20, 0xFF, "scale must be in -4096..4096"),
    ],
)
def test_hostile_fields_are_refused_by_name(place, value, rule):
    payload = bytearray(encode_layer(KEY, LayerKind.ANALOG_BLOCK, block()).payload)
    payload[place] = value
    with pytest.raises(PacketError, match=rule):
        read(bytes(payload))


def test_wrong_lengths_are_refused_by_name():
    payload = encode_layer(KEY, LayerKind.ANALOG_BLOCK, block()).payload
    with pytest.raises(PacketError, match="end must have nothing behind it, got 3 bytes"):
        read(payload[:-1])
    with pytest.raises(PacketError, match=r"symbols of the block must be in 1..8192, got 0"):
        read(payload[: layer.EXACT_BYTES])
    with pytest.raises(PacketError, match="scale needs"):
        read(payload[: layer.EXACT_BYTES - 1])


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"around": "deeper"}, "code must be one of linear, deep, deep-one-snr, got 'deeper'"),
        ({"first": 196_606}, "first symbol must be in 0..196605"),
        ({"code": replace(CODE, bands=(6, *CODE.bands[1:]))}, "band must be in -10..5, got 6"),
        ({"symbols": np.zeros(8193, np.complex64)}, "symbols of the block must be in 1..8192, got 8193"),
    ],
)
def test_what_a_reader_would_refuse_is_not_written(changes, rule):
    with pytest.raises(LayerError, match=rule):
        encode_layer(KEY, LayerKind.ANALOG_BLOCK, block(**changes))


def test_a_person_reads_what_it_is():
    kind = layer.KIND
    assert kind.describe(block()) == "symbols 8192 to 8194 of 196608 (deep code), gains for 10 dB"
    told = kind.describe(block(noise_var=np.full(3, 0.1, np.float32)))
    assert told == "symbols 8192 to 8194 of 196608 (deep code), received at 10.0 dB"
    assert kind.size(block()) == (768, 512)
