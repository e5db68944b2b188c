from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcom.semantic.coding.priming_text import MARK
from semcom.semantic.coding.text import encode_text
from semcom.semantic.errors import PacketError
from semcom.semantic.layers import (
    Caption,
    Header,
    LayerEntry,
    LayerKey,
    LayerKind,
    Objects,
    SceneObject,
    decode_layer,
    encode_layer,
)
from semcom.semantic.layers.caption import word_spans
from semcom.semantic.layers.context import printable
from semcom.semantic.layers.objects import COORDINATE_BITS, _from_grid, quantise
from semcom.semantic.vocabulary import Vocabulary

KEY = LayerKey(0, 0, 1, 1)
VOCABULARY = Vocabulary.load("everyday-1")


def back(kind: LayerKind, content):
    return decode_layer(KEY, encode_layer(KEY, kind, content).payload).content


@given(st.integers(16, 4000), st.integers(16, 4000), st.data())
def test_boxes_hold_their_object_and_settle(width: int, height: int, data) -> None:
    x0, y0 = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    box = (x0, y0, data.draw(st.integers(x0 + 1, width)), data.draw(st.integers(y0 + 1, height)))
    objects = Objects(width, height, VOCABULARY, (SceneObject(1, 3, box, data.draw(st.floats(0, 1))),))
    seen = quantise(objects)
    x0, y0, x1, y1 = seen.items[0].box
    assert 0 <= x0 <= box[0] and 0 <= y0 <= box[1] and box[2] <= x1 <= width and box[3] <= y1 <= height
    assert max(box[0] - x0, x1 - box[2]) <= width / 255 + 1
    assert quantise(seen) == seen


@given(st.text(max_size=80).map(printable), st.data())
def test_captions_and_their_entities_come_back(text: str, data) -> None:
    spans = word_spans(text)
    entities, position = [], 0
    while position < len(spans) and data.draw(st.booleans()):
        first = data.draw(st.integers(position, len(spans) - 1))
        last = data.draw(st.integers(first, min(first + 3, len(spans) - 1)))
        entities.append((spans[first][0], spans[last][1]))
        position = last + 1
    caption = Caption(text, tuple(entities))
    assert back(LayerKind.CAPTION, caption) == caption


def test_entities_must_be_whole_words() -> None:
    with pytest.raises(ValueError, match="whole words"):
        encode_layer(KEY, LayerKind.CAPTION, Caption("a car", ((2, 4),)))
    with pytest.raises(ValueError, match="at most 4 words"):
        encode_layer(KEY, LayerKind.CAPTION, Caption("one two three four five", ((0, 23),)))


def test_marks_of_damaged_text_are_dropped_and_the_text_is_kept() -> None:
    payload = bytes([1 << 4 | LayerKind.CAPTION]) + encode_text(f"a{MARK}b {MARK * 9}big red car {MARK}")
    caption = decode_layer(KEY, payload).content
    assert caption.text == "ab big red car "
    assert caption.entity_words == ("big red car",)
    with pytest.raises(ValueError, match="must not contain control characters"):
        encode_layer(KEY, LayerKind.CAPTION, Caption(f"a {MARK}car"))


def test_header_lists_layers_with_gaps_and_foreign_systems() -> None:
    entries = (
        LayerEntry(1, LayerKind.CAPTION, 7),
        LayerEntry(5, LayerKind.SUB_IMAGE, 2, ((True, 9), (False, 1)), of_group=True),
    )
    for system in ("es-isc", "seb", "our own"):
        header = Header(640, 480, system, entries)
        assert back(LayerKind.HEADER, header) == header


def test_vocabulary_of_another_hash_is_refused() -> None:
    payload = bytearray(encode_layer(KEY, LayerKind.OBJECTS, Objects(100, 100, VOCABULARY, ())).payload)
    payload[4] ^= 1
    with pytest.raises(PacketError, match="vocabulary hash must be 0x"):
        decode_layer(KEY, bytes(payload))


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"", "length must be in 1.."),
        (b"\x21", "format version must be in 1..1, got 2"),
        (b"\x12\x05\x40", "picture width must be in 16..16384, got 5"),
        (b"\x14\x80\x80\x01\x80\x80\x01\x01", "width × height must be in 1..64000000"),
        (b"\x14\x40\x40\x00", "divisor must be in 1..64, got 0"),
        (b"\x12\x40\x40\x09\x00\x00", "vocabulary number must be one of"),
        (b"\x15\x40\x40\x01\x41\x00\x01\x01\x08\x08", "box left must be in 0..63, got 65"),
    ],
)
def test_errors_name_field_rule_and_value(payload: bytes, words: str) -> None:
    with pytest.raises(PacketError, match=words):
        decode_layer(KEY, payload)


def test_writers_refuse_what_readers_would() -> None:
    with pytest.raises(ValueError, match=r"importance must be in 0\.\.7, got 9"):
        encode_layer(KEY, LayerKind.CAPTION, Caption("a car"), importance=9)
    with pytest.raises(ValueError, match="system name must have 1 to 64 bytes, got 80"):
        encode_layer(KEY, LayerKind.HEADER, Header(64, 64, "x" * 80, ()))


def test_control_characters_from_outside_are_not_shown() -> None:
    payload = bytes([1 << 4 | LayerKind.CAPTION]) + encode_text("a \x1b[2Jcar\u202e")
    assert decode_layer(KEY, payload).content.text == "a \ufffd[2Jcar\ufffd"


def test_boxes_of_one_grid_step_hold_a_pixel_of_a_small_picture() -> None:
    """The grid is finer than such a picture: both edges of a box may fall on one row."""
    steps = (1 << COORDINATE_BITS) - 1
    for first in (0, 1, steps // 2, steps - 2, steps - 1):
        for width, height in ((16, 10), (1, 1), (5, 4096)):
            x0, y0, x1, y1 = _from_grid(first, first, first + 1, first + 1, width, height)
            assert 0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height
