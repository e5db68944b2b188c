"""What a generator starts from: the drawing, and beside it on a four times coarser grid what the maps and words say."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from semcom.semantic.layers import LayerKind
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.reconstruct import provenance as prov
from semcom.semantic.reconstruct.drawing import draw
from semcom.semantic.reconstruct.scene import scene_of
from semcom.semantic.vocabulary import NO_LABEL

GRID = 4
"""Pixels of the drawing per cell of the planes, along a side."""
SIDE_STEP = 8
"""Sides of what a generator works on are multiples of this."""
NUM_PLANES = 5
VOCABULARY = "everyday"
NUM_CATEGORIES = 50
"""Categories of all its versions so far. Other labels, and those of other vocabularies, count as boundaries only."""
_REACH_CELLS = 2.0


@dataclass(frozen=True)
class Canvas:
    """Everything that arrived, as arrays of fixed meaning.

    Attributes
    ----------
    drawing : uint8 [H, W, 3]
    provenance : uint8 [H, W]
    planes : float32 [NUM_PLANES, h, w]
        Per cell (h = ceil(H / GRID) and so on, up to a multiple of `SIDE_STEP` pixels): log2 of the reduction at which
        pixels were received, over 4; whether they were; nearness of a boundary of the detail map, 0..1; whether
        there is such a map; whether there is a class map.
    labels : uint8 [h, w]
        Categories of `VOCABULARY`, `NO_LABEL` where none is known.
    caption : str
        Empty where none arrived.
    """

    drawing: np.ndarray
    provenance: np.ndarray
    planes: np.ndarray
    labels: np.ndarray
    caption: str


def prepare(packet: SemanticPacket, max_pixels: int) -> Canvas:
    """The canvas of a packet, of any subset of layers that tells the picture's size."""
    drawing, provenance = draw(packet, max_pixels)
    height, width = provenance.shape
    rows, columns = (-(-side // SIDE_STEP) * SIDE_STEP // GRID for side in (height, width))
    planes = np.zeros((NUM_PLANES, rows, columns), np.float32)
    centres = np.ix_(_centres(rows, height), _centres(columns, width))

    level = (provenance & prov.RESOLUTION_MASK)[centres].astype(np.float32)
    planes[1] = level > 0
    planes[0] = np.where(level > 0, (level - 1) / 4, 0)
    scene = scene_of(packet)
    if scene is not None:
        reduction = scene.reduction * math.sqrt(height * width / math.prod(packet.size))
        planes[0][level == prov.resolution_level(scene.reduction)] = math.log2(max(reduction, 1)) / 4

    detail_map = packet.content(LayerKind.DETAIL_MAP)
    if detail_map is not None:
        planes[2] = _nearness(detail_map.shown(width, height), rows, columns)
        planes[3] = 1
    class_map = packet.content(LayerKind.CLASS_MAP)
    labels = np.full((rows, columns), NO_LABEL, np.uint8)
    if class_map is not None:
        planes[4] = 1
        if class_map.vocabulary.name == VOCABULARY:
            shown = class_map.shown(width, height)[centres]
            labels = np.where(shown < NUM_CATEGORIES, shown, np.uint8(NO_LABEL))
    caption = packet.content(LayerKind.CAPTION)
    return Canvas(drawing, provenance, planes, labels, caption.text if caption is not None else "")


def _centres(cells: int, side: int) -> np.ndarray:
    """Pixel at the centre of each cell; the last one for cells beyond the picture."""
    return np.minimum(np.arange(cells) * GRID + GRID // 2, side - 1)


def _nearness(edges: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """float32 [rows, columns]: 1 in cells that a boundary crosses, falling to 0 within a few cells."""
    height, width = edges.shape
    padded = np.zeros((rows * GRID, columns * GRID), bool)
    padded[:height, :width] = edges
    crossed = padded.reshape(rows, GRID, columns, GRID).any((1, 3))
    if not crossed.any():
        return np.zeros((rows, columns), np.float32)
    return np.exp(-ndimage.distance_transform_edt(~crossed) / _REACH_CELLS).astype(np.float32)
