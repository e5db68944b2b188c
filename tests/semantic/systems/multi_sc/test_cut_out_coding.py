"""The cut-out in so many bytes, with nothing of what is around the object."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.framing import framed_bytes
from semcom.semantic.layers import LayerKey, decode_layer
from semcom.semantic.systems.multi_sc.cut_out_coding import CutOutRoom, alone, cut_out_layer
from semcom.semantic.systems.multi_sc.main_object import MainObject

KEY = LayerKey(0, 0, 1, 66)


def disc_in_noise(rng: np.random.Generator, width: int = 241, height: int = 160) -> tuple[np.ndarray, np.ndarray]:
    """Blue noise around a red disc, and the disc's mask."""
    y, x = np.mgrid[:height, :width]
    mask = np.hypot(x - 120, y - 80) < 50
    image = np.zeros((height, width, 3), np.uint8)
    image[..., 2] = rng.integers(100, 255, mask.shape)
    image[mask] = (200, 40, 30)
    return image, mask


@pytest.mark.parametrize("max_bytes", [200, 500, 2000])
def test_it_keeps_within_its_bytes_and_comes_back(rng: np.random.Generator, max_bytes: int) -> None:
    image, mask = disc_in_noise(rng)
    layer = cut_out_layer(image, MainObject("ball", mask), 1, CutOutRoom(max_bytes), KEY)
    assert framed_bytes(layer) <= max_bytes
    got = decode_layer(KEY, layer.payload).content
    assert got.subject == "ball" and got.box == (71, 31, 170, 130)
    pixels, alpha = got.shown(99, 99)
    disc = mask[31:130, 71:170]
    assert ((alpha >= 128) == disc).mean() > 0.9
    assert pixels[..., 2][disc].mean() < 90


def test_more_bytes_give_a_finer_mask(rng: np.random.Generator) -> None:
    image, mask = disc_in_noise(rng)
    few, many = (cut_out_layer(image, MainObject("", mask), 1, CutOutRoom(budget), KEY) for budget in (110, 3000))
    assert few.content.mask.size < many.content.mask.size


def test_coded_pixels_are_kept_too(rng: np.random.Generator) -> None:
    image, mask = disc_in_noise(rng)
    layer = cut_out_layer(image, MainObject("", mask), 1, CutOutRoom(5000, 12000), KEY)
    assert 9801 < layer.coded_pixels <= 12000
    assert cut_out_layer(image, MainObject("", mask), 1, CutOutRoom(5000, 9801), KEY) is None


def test_too_few_bytes_are_none(rng: np.random.Generator) -> None:
    image, mask = disc_in_noise(rng)
    assert cut_out_layer(image, MainObject("ball", mask), 1, CutOutRoom(45), KEY) is None
    assert cut_out_layer(image, MainObject("ball", mask), 1, CutOutRoom(-5), KEY) is None


def test_a_mask_of_the_working_picture_cuts_the_whole_one(rng: np.random.Generator) -> None:
    image, mask = disc_in_noise(rng)
    layer = cut_out_layer(image, MainObject("ball", mask[::2, ::2]), 2, CutOutRoom(900), KEY)
    assert layer.content.box == (72, 32, 170, 130)


def test_nothing_of_the_surroundings_is_left(rng: np.random.Generator) -> None:
    image, mask = disc_in_noise(rng)
    left = alone(image, mask)
    np.testing.assert_array_equal(left[mask], image[mask])
    assert left[..., 2].max() == 30
    np.testing.assert_array_equal(alone(image, np.ones((4, 4), bool)), image)
