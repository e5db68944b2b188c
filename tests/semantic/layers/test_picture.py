"""The picture layer: what comes back, what is bounded before it is decoded, whose codec it names."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic import registry
from semcom.semantic.coding.picture_codecs.codec import MAX_CODED_PIXELS
from semcom.semantic.errors import PacketError
from semcom.semantic.layers import LayerKey, LayerKind, Picture, decode_layer, encode_layer
from semcom.semantic.wire import PixelBudget

from ...stand_ins import street

KEY = LayerKey(0, 0, 1, 1)
HEAD = bytes([1 << 4 | 12, 96, 64])


def coded(name: str = "webp", width: int = 96, height: int = 64) -> Picture:
    codec = registry.create("picture_codecs", name)
    data = codec.encode(street(width, height), 900)
    pixels = codec.decode(data.data, (data.width, data.height))
    return Picture(96, 64, name, "lanczos", pixels, data.data)


@pytest.mark.parametrize("name", registry.own_names("picture_codecs"))
def test_the_picture_comes_back_with_its_codec_and_filter(name: str) -> None:
    sent = coded(name)
    layer = encode_layer(KEY, LayerKind.PICTURE, sent)
    assert layer.importance == 4 and layer.kind == 12
    got = decode_layer(KEY, layer.payload).content
    assert (got.width, got.height, got.codec, got.enlarged_by) == (96, 64, name, "lanczos")
    np.testing.assert_array_equal(got.pixels, sent.pixels)
    assert got.coded == sent.coded


def test_numbers_of_codecs_and_filters_are_what_the_page_says() -> None:
    """docs/semantic_packet.md: 1 avif, 2 heic, 3 jpeg2000, 4 webp; 16 more for Lanczos."""
    numbers = {name: encode_layer(KEY, LayerKind.PICTURE, coded(name)).payload[3] for name in ("avif", "webp")}
    assert numbers == {"avif": 16 + 1, "webp": 16 + 4}
    assert registry.create("picture_codecs", "heic").number == 2
    assert registry.create("picture_codecs", "jpeg2000").number == 3


def test_it_is_enlarged_by_its_filter_and_tells_its_reduction() -> None:
    small = Picture(96, 64, "webp", "bicubic", street(48, 16), b"x")
    assert small.reduction == 4.0
    assert small.shown(96, 64).shape == (64, 96, 3)
    other = Picture(96, 64, "webp", "lanczos", street(48, 16), b"x")
    assert (small.shown(96, 64) != other.shown(96, 64)).any()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (bytes([9, 16, 16]) + b"data", r"codec must be one of \[1, 2, 3, 4, 5\], got 9"),
        (bytes([4 + 32, 16, 16]) + b"data", r"codec and filter must be in 0\.\.31, got 36"),
        (bytes([4, 0, 16]) + b"data", "coded width must be in 1"),
        (bytes([4, 0x80, 0x40, 0x80, 0x40]) + b"data", f"at most {MAX_CODED_PIXELS} coded pixels, got 8192 × 8192"),
        (bytes([4, 16, 16]), "length must be 1 to"),
        (bytes([4, 16, 16]) + b"no frame", "webp of 8 bytes must decode"),
        (bytes([2, 16, 16]) + b"\x00slice", "heic needs sides from 64"),
        (bytes([1, 16, 16]) + b"\x09frame", "AV1 tools must be 0 to 7, got 9"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_name(body: bytes, said: str) -> None:
    with pytest.raises(PacketError, match=said):
        decode_layer(KEY, HEAD + body)


def test_coded_pixels_are_taken_from_the_packets_budget_before_decoding() -> None:
    payload = encode_layer(KEY, LayerKind.PICTURE, coded()).payload
    rows, columns = decode_layer(KEY, payload).content.pixels.shape[:2]
    left = PixelBudget(-(-rows * columns // 4))
    decode_layer(KEY, payload, pixels=left)
    assert left.left == 0
    with pytest.raises(PacketError, match="picture must have at most 0 pixels"):
        decode_layer(KEY, payload, pixels=left)


def test_a_codec_that_takes_another_ones_number_is_named_and_left_out() -> None:
    class Thief:
        name, number = "thief", 4

        def encode(self, image, max_bytes):
            return None

        def decode(self, data, size):
            return np.zeros((size[1], size[0], 3), np.uint8)

    payload = encode_layer(KEY, LayerKind.PICTURE, coded()).payload
    with registry.override("picture_codecs", "thief", Thief()):
        assert decode_layer(KEY, payload).content.codec == "webp"
        assert ("thief", "picture codec 'thief': number must be free and 1..15, got 4") in registry.problems(
            "picture_codecs"
        )
    registry.clear_cache()
