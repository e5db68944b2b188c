"""Label maps: round trips, fewer bytes than PNG and lossless WebP, hostile bytes."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from semcom.semantic.coding.label_map import (
    MAX_MAP_PIXELS,
    MAX_MAP_SIDE,
    NO_LABEL,
    decode_label_map,
    encode_label_map,
)
from semcom.semantic.errors import LayerError, PacketError

from .maps import rings, scene


def png_bytes(labels):
    buffer = io.BytesIO()
    Image.fromarray(labels).save(buffer, "PNG", optimize=True)
    return len(buffer.getvalue())


def webp_bytes(labels):
    buffer = io.BytesIO()
    Image.fromarray(np.dstack([labels] * 3)).save(buffer, "WEBP", lossless=True, quality=100, method=6)
    return len(buffer.getvalue())


def round_trip(labels, num_labels):
    coded = encode_label_map(labels, num_labels)
    decoded = decode_label_map(coded, *labels.shape, num_labels)
    assert decoded.dtype == np.uint8
    assert np.array_equal(decoded, labels)
    return coded


@settings(max_examples=60, deadline=None)
@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=24), elements=st.sampled_from([0, 1, 2, 6, 255])))
def test_any_map_returns(labels):
    round_trip(labels, 7)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 3), (65, 33)])
@pytest.mark.parametrize("num_labels", [1, 2, 5, 255])
def test_shapes_and_vocabularies(shape, num_labels):
    round_trip(rings(*shape, num_labels), num_labels)


@pytest.mark.parametrize("num_labels", [2, 40, 255])
def test_noise_returns(rng, num_labels):
    labels = rng.integers(0, num_labels, (120, 90)).astype(np.uint8)
    coded = round_trip(labels, num_labels)
    assert len(coded) < labels.size * np.log2(num_labels) / 8 * 1.3 + 64


def test_all_256_values_return(rng):
    labels = rng.integers(0, 256, (64, 64)).astype(np.uint8)
    round_trip(labels, 255)


@pytest.mark.parametrize("label", [0, 11, NO_LABEL])
def test_one_label_costs_a_handful_of_bytes(label):
    coded = round_trip(np.full((300, 400), label, dtype=np.uint8), 50)
    assert len(coded) <= 4


def test_largest_maps():
    labels = np.zeros((1024, 1024), dtype=np.uint8)
    labels[300:, 200:] = 4
    assert len(round_trip(labels, 5)) < 100
    assert len(round_trip(labels[:64].repeat(1, axis=0).reshape(4, MAX_MAP_SIDE), 5)) < 200


@pytest.mark.parametrize("size", [(90, 120), (180, 240), (360, 480)])
def test_fewer_bytes_than_webp_and_png_on_a_drawn_scene(size):
    labels = scene(*size)
    coded = round_trip(labels, 50)
    assert len(coded) < 0.8 * webp_bytes(labels)
    assert len(coded) < 0.5 * png_bytes(labels)


@pytest.mark.parametrize("step", [1, 2, 4])
def test_at_most_half_of_webp_on_street_scenes(shared_dir, step):
    paths = sorted((shared_dir / "data/camvid/val/masks").glob("*.png"))[::25]
    maps = [np.ascontiguousarray(np.array(Image.open(path))[step // 2 :: step, step // 2 :: step]) for path in paths]
    ours = sum(len(round_trip(labels, 12)) for labels in maps)
    assert ours <= 0.5 * sum(webp_bytes(labels) for labels in maps)
    assert ours <= 0.5 * sum(png_bytes(labels) for labels in maps)


def test_wrong_maps_are_refused():
    good = np.zeros((4, 4), dtype=np.uint8)
    with pytest.raises(LayerError, match=r"uint8 \[height, width\], got int64 \[4, 4\]"):
        encode_label_map(good.astype(np.int64), 3)
    with pytest.raises(LayerError, match=r"label must be less than num_labels \(3\) or 255, got 3"):
        encode_label_map(good + 3, 3)
    with pytest.raises(LayerError, match="num_labels must be 1 to 255, got 256"):
        encode_label_map(good, 256)
    with pytest.raises(LayerError, match="height must be 1 to"):
        encode_label_map(good[:0], 3)
    with pytest.raises(LayerError, match=f"at most {MAX_MAP_PIXELS}"):
        encode_label_map(np.zeros((1025, 1024), dtype=np.uint8), 3)


@pytest.mark.parametrize(
    ("height", "width", "num_labels", "rule"),
    [
        (0, 4, 3, "height must be 1"),
        (4, -1, 3, "width must be 1"),
        (1 << 14, 1 << 14, 3, "height × width"),
        (4, 1 << 40, 3, "width"),
        (4, 4, 0, "num_labels must be 1 to 255, got 0"),
    ],
)
def test_sizes_are_checked_before_anything_is_made(height, width, num_labels, rule):
    with pytest.raises(PacketError, match=rule):
        decode_label_map(b"\x80", height, width, num_labels)


def test_no_label_at_all_is_refused():
    """Ten answers "does not occur" and nothing else."""
    with pytest.raises(PacketError, match="label map"):
        decode_label_map(b"\xff\xff\xff\xff\xff", 5, 5, 9)


def test_cut_and_changed_bytes_end_in_a_map_or_a_packet_error(rng):
    labels = scene(48, 64)
    coded = encode_label_map(labels, 6)
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
        labels = decode_label_map(coded, 48, 64, 6)
    except PacketError:
        return
    assert labels.shape == (48, 64)
    assert set(np.unique(labels).tolist()) <= {0, 1, 2, 3, 4, 5, NO_LABEL}


def test_short_data_for_a_large_map_is_given_up_early():
    """Bounded by what the data can say, not by the size it claims; counted in rows that were filled."""
    with pytest.raises(PacketError):
        decode_label_map(b"\x80\x12\x34\x56" * 10, 1024, 1024, 200)
