"""Binary maps: round trips, a third of 1-bit PNG on contours, hostile bytes."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from semcom.semantic.coding.binary_map import MAX_MAP_PIXELS, decode_binary_map, encode_binary_map
from semcom.semantic.errors import LayerError, PacketError

from .maps import outlines, rings, scene


def png_bytes(mask):
    buffer = io.BytesIO()
    Image.fromarray(mask).convert("1").save(buffer, "PNG", optimize=True)
    return len(buffer.getvalue())


def round_trip(mask):
    coded = encode_binary_map(mask)
    decoded = decode_binary_map(coded, *mask.shape)
    assert decoded.dtype == np.bool_
    assert np.array_equal(decoded, mask)
    return coded


@settings(max_examples=60, deadline=None)
@given(arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=30)))
def test_any_map_returns(mask):
    round_trip(mask)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (3, 2), (65, 33)])
def test_shapes(shape):
    round_trip(outlines(rings(*shape, 4)))


def test_noise_returns_at_about_its_entropy(rng):
    mask = rng.random((200, 300)) < 0.5
    assert len(round_trip(mask)) < mask.size / 8 * 1.08


def test_empty_and_full_maps_cost_a_handful_of_bytes():
    assert len(round_trip(np.zeros((400, 600), dtype=bool))) <= 4
    assert len(round_trip(np.ones((400, 600), dtype=bool))) <= 100


def test_largest_map():
    assert len(round_trip(outlines(scene(1024, 1024)))) < 4000


@pytest.mark.parametrize("size", [(120, 160), (320, 480)])
def test_less_than_a_third_of_png_on_drawn_outlines(size):
    mask = outlines(scene(*size))
    assert len(round_trip(mask)) < 0.35 * png_bytes(mask)


@pytest.mark.parametrize("step", [1, 2])
def test_at_most_35_percent_of_png_on_human_boundaries(shared_dir, step):
    paths = sorted((shared_dir / "data/bsds500/val/segments").glob("*.png"))[::20]
    regions = [np.array(Image.open(path)).astype(np.int64)[step // 2 :: step, step // 2 :: step] for path in paths]
    masks = [outlines(labels) for labels in regions]
    assert sum(len(round_trip(mask)) for mask in masks) <= 0.35 * sum(png_bytes(mask) for mask in masks)


def test_wrong_maps_are_refused():
    with pytest.raises(LayerError, match=r"bool \[height, width\], got uint8 \[3, 3\]"):
        encode_binary_map(np.zeros((3, 3), dtype=np.uint8))
    with pytest.raises(LayerError, match="width must be 1 to"):
        encode_binary_map(np.zeros((3, 0), dtype=bool))
    with pytest.raises(PacketError, match=f"height × width must be at most {MAX_MAP_PIXELS}"):
        decode_binary_map(b"", 1 << 12, 1 << 12)
    with pytest.raises(PacketError, match="height must be 1 to"):
        decode_binary_map(b"", -4, 8)


def test_cut_and_changed_bytes_end_in_a_map_or_a_packet_error(rng):
    coded = encode_binary_map(outlines(scene(48, 64)))
    for length in range(len(coded)):
        assert_map_or_packet_error(coded[:length])
    for _ in range(300):
        changed = bytearray(coded)
        changed[rng.integers(len(coded))] = rng.integers(256)
        assert_map_or_packet_error(bytes(changed))
    for _ in range(100):
        assert_map_or_packet_error(rng.bytes(rng.integers(0, 200)))


def assert_map_or_packet_error(coded):
    try:
        mask = decode_binary_map(coded, 48, 64)
    except PacketError:
        return
    assert mask.shape == (48, 64) and mask.dtype == np.bool_


def test_data_that_ends_early_is_named():
    with pytest.raises(PacketError, match="must not end early, got 12 bytes"):
        decode_binary_map(b"\x55" * 12, 512, 512)
