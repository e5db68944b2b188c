"""Semantic base, usage, compensation and residual: written as they are read, limits on both sides, hostile bytes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from semcom.semantic import registry
from semcom.semantic.coding.index_map import AS_EXPECTED
from semcom.semantic.errors import LayerError, PacketError
from semcom.semantic.layers import Layer, LayerKey, LayerKind, decode_layer, encode_layer
from semcom.semantic.layers.compensation import BlockCompensation, MotionField
from semcom.semantic.layers.residual import NOTHING, Residual
from semcom.semantic.layers.semantic_base import MAX_BASES, PIXEL_COST, SemanticBase
from semcom.semantic.layers.usage import Usage
from semcom.semantic.wire import PixelBudget

KEY = LayerKey(0, 3, 0, 128)


def base(count: int = 5, columns: int = 3) -> SemanticBase:
    rows = -(-count // columns)
    mosaic = np.random.default_rng(1).integers(60, 200, (rows * 2, columns * 2, 3), dtype=np.uint8)
    mosaic = mosaic.repeat(16, 0).repeat(16, 1)
    codec = registry.create("picture_codecs", "avif")
    data = codec.compress(Image.fromarray(mosaic), 60)
    pixels = codec.decode(data, (mosaic.shape[1], mosaic.shape[0]))
    return SemanticBase(count, columns, np.array([[0, 1, 5], [2, 3, 4]], np.int32), "avif", pixels, data)


def residual() -> Residual:
    picture = np.full((40, 56, 3), NOTHING, np.uint8)
    picture[10:20] += 30
    codec = registry.create("picture_codecs", "avif")
    data = codec.compress(Image.fromarray(picture), 50)
    return Residual(112, 80, "avif", codec.decode(data, (56, 40)), data)


def usage() -> Usage:
    return Usage(90, 60, 128, 5, True, np.array([[AS_EXPECTED, 4, 5], [0, 1, AS_EXPECTED]], np.int32))


def blocks() -> BlockCompensation:
    values = np.zeros((2, 3, 3), np.int32)
    values[1, 2] = 4, -3, 7
    return BlockCompensation(90, 60, values)


def field() -> MotionField:
    values = np.zeros((4, 6, 3), np.int32)
    values[1, 2], values[1, 3], values[3, 0] = (4, -3, 7), (5, -3, 0), (0, 0, -20)
    return MotionField(90, 60, 16, values)


def made() -> dict[str, Layer]:
    contents = {"semantic_base": base(), "usage": usage(), "compensation": blocks(), "residual": residual()}
    contents |= {"field": field()}
    kinds = {"residual": "compensation", "field": "compensation"}
    return {
        name: encode_layer(KEY, getattr(LayerKind, kinds.get(name, name).upper()), content)
        for name, content in contents.items()
    }


def test_each_comes_back_as_it_was_written() -> None:
    layers = made()
    read = {name: decode_layer(KEY, layer.payload).content for name, layer in layers.items()}
    for name in ("count", "columns", "codec", "coded"):
        assert getattr(read["semantic_base"], name) == getattr(base(), name)
    np.testing.assert_array_equal(read["semantic_base"].expected, base().expected)
    np.testing.assert_array_equal(read["semantic_base"].patches, base().patches)
    assert read["semantic_base"].patches.shape == (5, 32, 32, 3)
    assert (read["usage"].width, read["usage"].base, read["usage"].count, read["usage"].expecting) == (90, 128, 5, True)
    np.testing.assert_array_equal(read["usage"].cells, usage().cells)
    np.testing.assert_array_equal(read["compensation"].blocks, blocks().blocks)
    np.testing.assert_array_equal(read["field"].blocks, field().blocks)
    assert (read["field"].width, read["field"].height, read["field"].side) == (90, 60, 16)
    np.testing.assert_array_equal(read["residual"].pixels, residual().pixels)
    assert (read["residual"].width, read["residual"].height) == (112, 80)


def test_they_are_known_by_number_and_by_name() -> None:
    layers = made()
    assert [int(layer.kind) for layer in layers.values()] == [8, 9, 10, 10, 10]
    labels = ["semantic_base", "usage", "compensation", "residual", "compensation"]
    assert [layer.name for layer in layers.values()] == [f"{label}-128" for label in labels]
    assert [layer.kind.type.describe(layer.content) for layer in layers.values()] == [
        f"5 bases of 32 × 32 pixels by avif, {len(base().coded)} B",
        "3 × 2 patches, 4 numbers of bases, 33% as expected",
        "blocks of the reference: 17% moved, 17% brighter or darker by 2 or more",
        "residual by avif, coded at 56 × 40 of 112 × 80 pixels",
        "blocks of 16 pixels of the reference: 8% moved, 8% brighter or darker by 2 or more",
    ]
    for layer in layers.values():
        drawn, files = layer.kind.type.draw(layer.content, None), layer.kind.type.files(layer.content, 1)
        assert (drawn is None) == (files == {}) == (layer.label == "compensation")
        assert all(data[:4] == b"\x89PNG" for data in files.values())


def test_what_is_expected_is_filled_in() -> None:
    expected = np.array([[2, 3, 3], [3, 3, 1]], np.int32)
    np.testing.assert_array_equal(usage().resolved(expected), [[2, 4, 5], [0, 1, 1]])
    np.testing.assert_array_equal(usage().resolved(np.zeros((0, 0), np.int32)), [[5, 4, 5], [0, 1, 5]])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (replace(base(), count=0), r"number of bases must be in 1\.\.2048, got 0"),
        (replace(base(), count=7), "pixels must be 3 × 3 patches"),
        (replace(usage(), width=200), r"cells must be \[2, 7\], got \[2, 3\]"),
        (replace(usage(), count=MAX_BASES + 1), "number of bases must be in"),
        (replace(blocks(), height=20), r"blocks must be \[1, 3, 3\]"),
        (replace(field(), side=12), r"side of blocks must be one of \[8, 16, 32\], got 12"),
        (replace(field(), side=8), r"blocks must be \[8, 12, 3\], got \[4, 6, 3\]"),
        (replace(residual(), coded=b""), "coded bytes must be in 1"),
        (replace(residual(), width=3), "picture width must be in 16"),
    ],
)
def test_what_a_reader_would_refuse_is_not_written(content: object, message: str) -> None:
    kind = {"SemanticBase": 8, "Usage": 9}.get(type(content).__name__, 10)
    with pytest.raises(LayerError, match=message):
        encode_layer(KEY, LayerKind(kind), content)


@pytest.mark.parametrize("name", ["semantic_base", "usage", "compensation", "residual", "field"])
def test_hostile_bytes_end_in_an_error_or_in_content_within_the_limits(name: str) -> None:
    payload, rng, refused = made()[name].payload, np.random.default_rng(5), 0
    for number in range(250):
        data = bytearray(payload[: 1 + int(rng.integers(len(payload)))] if number % 2 else payload)
        for _ in range(int(rng.integers(1, 4))):
            data[1 + int(rng.integers(max(len(data) - 1, 1))) if len(data) > 1 else 0] = int(rng.integers(256))
        data[0] = payload[0]
        pixels = PixelBudget()
        try:
            content = decode_layer(KEY, bytes(data), pixels=pixels).content
            assert content.coded_pixels >= 0 and pixels.left >= 0
        except PacketError:
            refused += 1
    assert refused > 20


def test_a_claim_of_many_pixels_is_refused_before_it_is_decoded() -> None:
    payload = made()["semantic_base"].payload
    left = PixelBudget(64 * 96 // PIXEL_COST + 16 * 6 - 1)
    with pytest.raises(PacketError, match="bases must have at most"):
        decode_layer(KEY, payload, pixels=left)
    with pytest.raises(PacketError, match="cells must be in 1"):
        decode_layer(KEY, bytes([0x19, 0x80, 0x80, 0x01, 0x80, 0x1E, 128, 4]))
    with pytest.raises(PacketError, match=r"form must be in 0\.\.2, got 9"):
        decode_layer(KEY, bytes([0x1A, 9]))
    with pytest.raises(PacketError, match=r"size of blocks must be in 0\.\.2, got 3"):
        decode_layer(KEY, bytes([0x1A, 2, 90, 60, 3]))
    with pytest.raises(PacketError, match=r"blocks must be in 1\.\.16384"):
        decode_layer(KEY, bytes([0x1A, 2, 0x80, 0x80, 0x01, 0x80, 0x1E, 0]))
    with pytest.raises(PacketError, match="compensation must have at most"):
        decode_layer(KEY, made()["field"].payload, pixels=PixelBudget(16 * 24 - 1))
    with pytest.raises(PacketError, match="codec must be known here, got 200"):
        decode_layer(KEY, bytes([0x18, 200, 5, 3, 0]))


def test_compensation_of_earlier_packets_is_read_as_it_was_written() -> None:
    """Bytes made by gr-semcom of before there was a second form."""
    content = decode_layer(KEY, bytes.fromhex("1a005a3ce00072eca0171188fb0d")).content
    wanted = np.zeros((2, 3, 3), np.int32)
    wanted[1, 2], wanted[0, 1] = (4, -3, 7), (-15, 2, -63)
    np.testing.assert_array_equal(content.blocks, wanted)
    assert isinstance(content, BlockCompensation) and (content.width, content.height) == (90, 60)
