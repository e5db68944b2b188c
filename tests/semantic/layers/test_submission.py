"""Submission layer: layout, round trip, hostile bytes, names from outside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcom.semantic.errors import LayerError, PacketError
from semcom.semantic.layers import LayerKey, LayerKind, Submission, decode_layer, encode_layer
from semcom.semantic.layers.showing import describe, files
from semcom.semantic.layers.submission import MAX_NAME_BYTES, shortened

KEY = LayerKey(0, 0, 1, 9)


def payload_of(content: Submission) -> bytes:
    return encode_layer(KEY, LayerKind.PLAIN_TEXT, content).payload


def test_layout_of_the_documentation() -> None:
    assert payload_of(Submission(b"abcdefgh")) == b"\x1f\x10abcdefgh"
    assert payload_of(Submission(b"abcdefgh", "ü.png", 258)) == b"\x1f\x11abcdefgh\0\0\1\2" + "ü.png".encode()


@given(st.binary(min_size=8, max_size=8), st.text(max_size=200), st.integers(0, 0xFFFFFFFF))
def test_round_trip_of_any_name(identifier: bytes, name: str, at_s: int) -> None:
    name = shortened(name)
    sent = Submission(identifier, name, at_s if name else None)
    assert len(name.encode()) <= MAX_NAME_BYTES
    assert decode_layer(KEY, payload_of(sent)).content == sent


def test_a_name_from_outside_is_shown_without_control_characters() -> None:
    layer = decode_layer(KEY, b"\x1f\x11abcdefgh\0\0\0\0a\n\x1b[2Jb.png")
    assert layer.content.name == "a\ufffd\ufffd[2Jb.png" and "\n" not in describe(layer)
    assert shortened("a\nb.png") == "a\ufffdb.png" and shortened("x" * 200) == "x" * 80


def test_it_says_nothing_of_the_picture_and_has_no_file() -> None:
    layer = encode_layer(KEY, LayerKind.PLAIN_TEXT, Submission(b"abcdefgh"))
    assert not layer.kind.type.says_something(layer.content) and not list(files([layer]))


@pytest.mark.parametrize(
    ("payload", "rule"),
    [
        (b"\x1f\x12abcdefgh", "form of a submission must be in 0..1, got 2"),
        (b"\x1f\x10abcdefg", "identifier needs 8 bytes, got 7"),
        (b"\x1f\x10abcdefghi", "got 1"),
        (b"\x1f\x11abcdefgh\0\0\0", "time needs 4 bytes"),
        (b"\x1f\x11abcdefgh\0\0\0\0", "bytes of the name must be in 1..80, got 0"),
        (b"\x1f\x11abcdefgh\0\0\0\0" + bytes(81), "bytes of the name must be in 1..80, got 81"),
    ],
)
def test_hostile_bytes_are_refused_by_field(payload: bytes, rule: str) -> None:
    with pytest.raises(PacketError, match=rule):
        decode_layer(KEY, payload)


@pytest.mark.parametrize(
    "content", [Submission(b"short"), Submission(b"abcdefgh", "a\nb"), Submission(b"8" * 8, "é" * 41)]
)
def test_what_a_reader_would_refuse_is_not_written(content: Submission) -> None:
    with pytest.raises(LayerError):
        payload_of(content)
