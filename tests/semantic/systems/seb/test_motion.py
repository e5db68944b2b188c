"""Motion fields are chosen by what they leave and cost: known shifts are found, and a network finds large ones."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy import ndimage

from semcom.semantic import RequestError, SemanticPacket, registry
from semcom.semantic.coding.motion_field import MAX_SHIFT, QUARTERS, compensated, encode_field
from semcom.semantic.errors import ModelError
from semcom.semantic.layers import LayerKey, LayerKind, encode_layer
from semcom.semantic.layers.compensation import MotionField
from semcom.semantic.layers.semantic_base import SemanticBase
from semcom.semantic.reconstruct.from_bases import picture_from_bases
from semcom.semantic.systems.seb.motion import choose, find_fields, flow_candidates
from semcom.semantic.systems.seb.picture_coding import PictureCoder
from semcom.semantic.systems.seb.preset import Preset

SIDE = 16
NONE = np.zeros((8, 10, 0, 2), int)


def texture(height: int = 128, width: int = 160, seed: int = 1, size: float = 2.5) -> np.ndarray:
    """A smooth picture of strong contrast."""
    rng = np.random.default_rng(seed)
    made = ndimage.gaussian_filter(rng.normal(size=(height, width, 3)), (size, size, 0), mode="wrap")
    return (128 + 60 * made / made.std()).clip(0, 255).astype(np.uint8)


def test_the_best_candidate_is_taken_and_refined_to_a_quarter() -> None:
    reference, blocks = texture(), np.zeros((8, 10, 3), int)
    blocks[2:6, 3:7] = 6, -9, 4
    picture = compensated(reference, blocks, SIDE)
    near = np.full((8, 10, 1, 2), (8, -8))
    chosen, cost = choose(picture, reference, near, SIDE, 5)
    np.testing.assert_array_equal(chosen, blocks)
    assert cost < 0.02 * np.abs(picture.astype(int) - reference).mean(2).sum() + 5 * 80
    assert (choose(picture, reference, near, SIDE, 5, refining=0)[0][2:6, 3:7, :2] != (6, -9)).any()


def test_a_shift_that_is_not_worth_its_bits_is_not_taken() -> None:
    rng = np.random.default_rng(1)
    reference = np.full((128, 160, 3), 90, np.uint8)
    picture = (90 + rng.integers(-1, 2, reference.shape)).astype(np.uint8)
    every = rng.integers(-40, 40, (8, 10, 5, 2))
    assert not choose(picture, reference, every, SIDE, 5)[0].any()
    assert choose(texture(), texture(seed=2), every, SIDE, 0)[0][..., :2].any()


def test_candidates_beyond_the_limits_and_smaller_pictures_are_no_matter() -> None:
    far = np.full((8, 10, 1, 2), MAX_SHIFT + 1)
    assert np.abs(choose(texture(), texture(seed=2), far, SIDE, 5)[0][..., :2]).max() <= MAX_SHIFT
    assert choose(texture()[:100, :130], texture(), NONE, SIDE, 5)[0].shape == (8, 10, 3)


def test_candidates_of_a_flow_are_mean_and_median_of_each_block() -> None:
    flow = np.zeros((2, 8, 12), np.float32)
    flow[0, :4, :4], flow[1, 4:, 8:] = 2.3, -900.0
    flow[0, 0, 0] = 2.3 + 16 * 0.25
    made = flow_candidates(flow, 4)
    assert made.shape == (2, 3, 2, 2)
    np.testing.assert_array_equal(made[0, 0], [[10, 0], [9, 0]])
    np.testing.assert_array_equal(made[1, 2], [[0, -MAX_SHIFT]] * 2)


def test_the_network_finds_what_moved_far() -> None:
    pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
    reference = texture(192, 256, 3)
    picture = np.roll(reference, (-7, 11), (0, 1))  # content lies 11 to the left and 7 below of where it is wanted
    side, blocks = find_fields(picture, reference)[0]
    inner = blocks[2:-2, 2:-2]
    near = np.abs(inner[..., :2] - (-11 * QUARTERS, 7 * QUARTERS)).max(2) <= 1
    assert near.mean() > 0.95
    left = np.abs(compensated(reference, blocks, side)[48:-48, 48:-48].astype(int) - picture[48:-48, 48:-48]).mean()
    assert left < 3


def test_the_dearer_a_bit_the_fewer_are_taken() -> None:
    rng, blocks = np.random.default_rng(7), np.zeros((8, 10, 3), int)
    blocks[..., :2] = rng.integers(-6, 7, (8, 10, 2))
    picture = compensated(texture(), blocks, SIDE)
    made = [choose(picture, texture(), NONE, SIDE, weight)[0] for weight in (5, 50, 500)]
    sizes = [len(encode_field(found)) for found in made]
    left = [np.abs(compensated(texture(), found, SIDE).astype(int) - picture).mean() for found in made]
    assert sizes[0] > sizes[1] > sizes[2] and left[0] < left[1] < left[2]


def test_without_torch_flow_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "semcom.semantic.nets.flow_running", raising=False)
    with pytest.raises(ModelError, match="torch"):
        find_fields(texture(), texture())


def test_a_moving_camera_is_followed_within_the_budget_and_better_than_by_small_shifts() -> None:
    pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
    scene, error = texture(160, 256, 5, size=12), {}
    bases, picture = scene[:128, :192], scene[6:134, 7:199]
    grid = np.arange(24, dtype=np.int32).reshape(4, 6)
    base, key = SemanticBase(24, 6, grid, "avif", bases, b"\0"), LayerKey(0, 0, 0, 128)
    for motion in ("search", "flow"):
        preset = Preset.load().configured({"motion": motion})
        coder = PictureCoder(registry.create("picture_codecs", "avif"), base, key, preset)
        coded = coder.code(picture, 300, (0, 0, 2))
        assert sum(len(layer.payload) for layer in coded.layers) <= 300
        kinds = {type(layer.content).__name__ for layer in coded.layers}
        assert ("MotionField" in kinds) == (motion == "flow")
        error[motion] = coded.squared_error
        whole = [*coded.layers, encode_layer(key, LayerKind.SEMANTIC_BASE, base)]
        shown = picture_from_bases(SemanticPacket.build((192, 128), "seb", whole, (0, 0, 2)))[0]
        assert ((picture - shown.astype(float)) ** 2).sum() == pytest.approx(coded.squared_error)
    assert error["flow"] < 0.5 * error["search"]


def test_a_motion_field_that_leaves_no_room_is_not_sent() -> None:
    pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
    rng, key = np.random.default_rng(3), LayerKey(0, 0, 0, 128)
    base = SemanticBase(24, 6, np.arange(24, dtype=np.int32).reshape(4, 6), "avif", texture(128, 192, 5), b"\0")
    blocks = np.zeros((8, 12, 3), int)
    blocks[..., :2] = rng.integers(-20, 20, (8, 12, 2))
    picture, preset = compensated(base.pixels, blocks, SIDE), Preset.load().configured({"motion": "flow"})
    coder = PictureCoder(registry.create("picture_codecs", "avif"), base, key, preset)
    for max_bytes, sent in ((30, False), (600, True)):
        coded = coder.code(picture, max_bytes, (0, 0, 2))
        assert sum(len(layer.payload) for layer in coded.layers) <= max_bytes
        assert any(isinstance(layer.content, MotionField) for layer in coded.layers) == sent


def test_other_ways_are_refused() -> None:
    with pytest.raises(RequestError, match="motion must be search or flow, got 'guess'"):
        Preset.load().configured({"motion": "guess"})
