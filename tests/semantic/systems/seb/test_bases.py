"""Bases of pictures: their number, their order, what is expected where, and what serves nobody twice."""

from __future__ import annotations

import numpy as np

from semcom.semantic.coding.patches import divide
from semcom.semantic.systems.seb.bases import bases_of_picture, find_bases, nearest_bases, number_of_bases

from .sets import camera


def test_k_is_a_twenty_fifth_of_the_patches_within_the_limit() -> None:
    assert [number_of_bases(n, 25) for n in (24, 25, 74, 75, 10**6)] == [0, 1, 2, 3, 2048]


def test_a_fixed_scene_is_expected_in_its_place() -> None:
    pictures = camera(26)
    found = find_bases(pictures, 25, np.random.default_rng(1))
    assert found.count <= 26 * 20 // 25 and found.expected.shape == (4, 5)
    scene = np.median(np.stack(pictures), 0)
    shown = np.concatenate([found.patches, np.full((1, 32, 32, 3), 128.0)])[found.expected.ravel()]
    error = np.abs(shown - divide(scene, 32)).mean((1, 2, 3))
    assert np.median(error) < 1.0
    told = found.expected[found.expected < found.count]
    assert list(dict.fromkeys(told.tolist())) == [*range(len(set(told.tolist())))]
    assert found.mosaic().shape == (32 * -(-found.count // 5), 160, 3)


def test_no_bases_where_k_is_0_or_nothing_occurs_twice() -> None:
    rng = np.random.default_rng(2)
    assert find_bases(camera(1), 25, rng) is None
    noise = rng.integers(0, 256, (32, 160, 3), dtype=np.uint8)
    assert find_bases([noise], 1, rng) is None


def test_a_patch_gets_the_base_that_serves_or_none() -> None:
    rng = np.random.default_rng(3)
    bases = rng.integers(0, 256, (3, 4, 4, 3), dtype=np.uint8).repeat(8, 1).repeat(8, 2)
    other = rng.integers(0, 256, (1, 4, 4, 3), dtype=np.uint8).repeat(8, 1).repeat(8, 2)
    brighter = np.clip(bases[1:2].astype(int) + 3, 0, 255).astype(np.uint8)
    assert nearest_bases(np.concatenate([brighter, other, bases[2:]]), bases).tolist() == [1, 3, 2]


def test_a_picture_is_its_own_reference() -> None:
    image = camera(1)[0]
    found = bases_of_picture(image)
    assert found.count == 20 and found.expected.tolist() == np.arange(20).reshape(4, 5).tolist()
    np.testing.assert_array_equal(found.mosaic(), image)
    assert bases_of_picture(np.zeros((32 * 46, 32 * 46, 3), np.uint8)) is None
