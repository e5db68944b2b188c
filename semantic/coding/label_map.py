"""Label map ⇄ bytes: one category a pixel, coded by how the boundaries of its neighbourhood go on.

First come the labels that occur, then the pixels row by row, each predicted by `label_model`. Layout: docs/coding.md.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from semcom.semantic.coding import range_coder
from semcom.semantic.coding.label_model import code_map, code_used, new_model
from semcom.semantic.coding.label_shapes import PAD
from semcom.semantic.coding.mixing import Mixer, fresh
from semcom.semantic.coding.prior import load_prior
from semcom.semantic.errors import LayerError, PacketError

MAX_MAP_PIXELS = 1 << 20
MAX_MAP_SIDE = 1 << 14
NO_LABEL = 255
MAX_LABELS = 255
"""Labels are 0..num_labels-1, and NO_LABEL."""


def encode_label_map(labels: np.ndarray, num_labels: int) -> bytes:
    """Code a label map without loss.

    Parameters
    ----------
    labels : uint8 [height, width]
        0..num_labels-1, or NO_LABEL.
    num_labels : int
        1..MAX_LABELS; the decoder must be given the same.

    Raises
    ------
    LayerError : shape, size or a label outside the rules
    """
    labels = np.asarray(labels)
    if labels.ndim != 2 or labels.dtype != np.uint8:
        raise LayerError(f"label map must be uint8 [height, width], got {labels.dtype} {list(labels.shape)}")
    height, width = labels.shape
    _check(height, width, num_labels, LayerError)
    present = np.bincount(labels.ravel(), minlength=256) > 0
    wrong = np.flatnonzero(present[:NO_LABEL])
    if wrong.size and wrong[-1] >= num_labels:
        raise LayerError(f"label must be less than num_labels ({num_labels}) or {NO_LABEL}, got {wrong[-1]}")
    return code_with(_model, labels, num_labels)


def code_with(begin: Callable[[], Mixer], labels: np.ndarray, num_labels: int) -> bytes:
    """Code a checked map with the model that `begin` gives; the recipe of the prior gives one from map to map."""
    present = np.bincount(labels.ravel(), minlength=256)
    used = (np.append(present[:num_labels], present[NO_LABEL]) > 0).astype(np.int64)
    palette = _palette(used)
    number = np.zeros(256, dtype=np.int64)
    number[palette] = np.arange(palette.size)
    grid = _new_grid(*labels.shape)

    def model(coder: np.ndarray, data: np.ndarray) -> None:
        mixer = begin()
        grid[:] = 0
        grid[PAD:, PAD : PAD + labels.shape[1]] = number[labels]
        code_used(coder, data, mixer, used)
        if palette.size > 1:
            code_map(coder, data, mixer, grid, palette.size)

    return range_coder.encode(model, 4096 + labels.size // 8)


def decode_label_map(data: bytes, height: int, width: int, num_labels: int) -> np.ndarray:
    """Read back what `encode_label_map` wrote.

    Returns
    -------
    uint8 [height, width]

    Raises
    ------
    PacketError : size or number of labels outside the rules, data cut or left over, no label used
    """
    _check(height, width, num_labels, PacketError)
    used = np.zeros(num_labels + 1, dtype=np.int64)
    grid = _new_grid(height, width)

    def model(coder: np.ndarray, coded: np.ndarray) -> None:
        mixer = _model()
        code_used(coder, coded, mixer, used)
        num_used = int(used.sum())
        if num_used > 1:
            code_map(coder, coded, mixer, grid, num_used)

    range_coder.decode(model, data, "label map")
    palette = _palette(used)
    if palette.size == 0:
        raise PacketError("label map: at least one label must be used, got none")
    return palette[grid[PAD:, PAD : PAD + width]]


@cache
def _primed() -> Mixer:
    return load_prior("label_map", new_model())


def _model() -> Mixer:
    """A model that knows shapes and has seen no labels."""
    return fresh(_primed())


def _palette(used: np.ndarray) -> np.ndarray:
    """Labels that occur, ascending, uint8 [num_used]."""
    return np.append(np.arange(used.size - 1), NO_LABEL)[used > 0].astype(np.uint8)


def _new_grid(height: int, width: int) -> np.ndarray:
    return np.zeros((height + PAD, width + 2 * PAD), dtype=np.int64)


def _check(height: int, width: int, num_labels: int, error: type[Exception]) -> None:
    for name, side in (("height", height), ("width", width)):
        if not 1 <= side <= MAX_MAP_SIDE:
            raise error(f"label map: {name} must be 1 to {MAX_MAP_SIDE}, got {side}")
    if height * width > MAX_MAP_PIXELS:
        raise error(f"label map: height × width must be at most {MAX_MAP_PIXELS}, got {height * width}")
    if not 1 <= num_labels <= MAX_LABELS:
        raise error(f"label map: num_labels must be 1 to {MAX_LABELS}, got {num_labels}")
