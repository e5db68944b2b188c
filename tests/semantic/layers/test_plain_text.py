from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcom.semantic.errors import LayerError, PacketError
from semcom.semantic.layers import Layer, LayerKey, LayerKind, PlainText, decode_layer, encode_layer
from semcom.semantic.layers.showing import describe, files

KEY = LayerKey(0, 0, 1, 1)
printable_latin = st.text(
    st.characters(codec="latin-1", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=80
)


def layer_of(content: PlainText) -> Layer:
    return encode_layer(KEY, LayerKind.PLAIN_TEXT, content)


def with_parity(text: str) -> bytes:
    return bytes(code | 128 * (bin(code).count("1") % 2) for code in text.encode("ascii"))


def test_layout_of_the_documentation():
    characters = with_parity("A dog.")
    payload = bytes([0x1F, 0, 3]) + (crc32(characters) & 0xFFFF).to_bytes(2, "big") + characters
    assert layer_of(PlainText("A dog.", 3)).payload == payload
    assert LayerKind.PLAIN_TEXT.type.exact_bytes == 5
    repaired = layer_of(PlainText("A dog.", 0, 0x1234, ((2, 5), (5, 6)))).payload
    assert repaired == bytes.fromhex("1f 04 00 1234 02 0203 0001") + characters
    latin = "Un chien à Nîmes"
    payload = layer_of(PlainText(latin)).payload
    assert payload[1] == 8 and payload[5:] == latin.encode("latin-1")


@given(printable_latin, st.integers(0, 255))
def test_round_trip(text, place):
    found = decode_layer(KEY, layer_of(PlainText(text, place)).payload).content
    assert (found.text, found.place, found.guessed, found.intact) == (text, place, (), True)
    assert found == PlainText(text, place)


def test_a_wrong_bit_changes_one_character_and_is_noticed(rng):
    payload = bytearray(layer_of(PlainText("A man riding a wave.")).payload)
    payload[7] ^= 2
    found = decode_layer(KEY, bytes(payload)).content
    assert (found.text, found.intact) == ("A oan riding a wave.", False)
    payload[7] ^= 0x80  # parity says nothing about which bit: the character is the same
    assert decode_layer(KEY, bytes(payload)).content.text == "A oan riding a wave."


def test_every_byte_is_some_character():
    found = decode_layer(KEY, bytes.fromhex("1f 00 00 0000") + bytes(range(256))).content
    assert len(found.text) == 256 and found.text.isprintable() and found.text[7] == "\ufffd"
    assert not found.is_latin  # what cannot be shown does not change how it was sent


@pytest.mark.parametrize(
    ("payload", "rule"),
    [
        ("1f", "form"),
        ("1f 01 00 0000 41", "form besides its flags must be in 0..0"),
        ("1f 00 00 00", "check"),
        ("1f 00 00 0000", "number of characters must be in 1..1024"),
        ("1f 00 00 0000" + "41" * 1025, "number of characters must be in 1..1024"),
        ("1f 04 00 0000 00 41", "number of guessed ranges must be in 1..1024"),
        ("1f 04 00 0000 01 00 00 41", "length of a guessed range must be in 1..1024"),
        ("1f 04 00 0000 01 01 01 41", "end of the guessed ranges must be in 0..1"),
    ],
)
def test_hostile_bytes_are_refused_by_field(payload, rule):
    with pytest.raises(PacketError, match=rule):
        decode_layer(KEY, bytes.fromhex(payload))


def test_forms_to_come_are_skipped():
    layer = decode_layer(KEY, bytes.fromhex("1f 20 00 0000 41"))
    assert layer.content is None and "unknown" in describe(layer)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (PlainText("x" * 1025, check=0), "1 to 1024 characters, got 1025"),
        (PlainText("", check=0), "1 to 1024 characters, got 0"),
        (PlainText("a\x1b[2J", check=0), "control characters"),
        (PlainText("\u4e2d", check=0), "must be Latin-1"),
        (PlainText("a dog", guessed=((2, 6),)), "guessed ranges must be in order within 5"),
        (PlainText("a dog", guessed=((2, 4), (3, 5))), "guessed ranges must be in order"),
        (PlainText("a dog", place=256), "place must be in 0..255"),
    ],
)
def test_what_its_reader_would_refuse_is_not_written(content, rule):
    with pytest.raises((LayerError, PacketError), match=rule):
        layer_of(content)


def test_people_see_what_was_repaired():
    sent = PlainText("A dog runs.")
    repaired = layer_of(PlainText("A dog runs.", 0, sent.check, ((2, 5),)))
    assert describe(repaired) == "“A dog runs.” repaired: “dog”; agrees with its check"
    wrong = layer_of(PlainText("A dot runs.", 2, sent.check, ((2, 5),)))
    assert describe(wrong) == "lower: “A dot runs.” repaired: “dot”; does not agree with its check"
    assert files([repaired, wrong]) == {"caption.txt": b"A dog runs.\n", "plain_texts/002.txt": b"A dot runs.\n"}


def test_parity_tells_any_single_wrong_bit():
    codes = np.frombuffer(layer_of(PlainText("".join(map(chr, range(32, 127))))).payload[5:], np.uint8)
    assert not (np.unpackbits(codes).reshape(-1, 8).sum(axis=1) % 2).any()
