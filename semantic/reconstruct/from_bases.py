"""Semantic bases, their usage, compensation and residual → picture (Seb; Zheng et al., equations 2 and 4, figure 3).

```
bases ─┬─ usage ─► reference ─ compensation ─► + ─► picture
       └ what the bases expect, where no usage came   └ residual
```

Whatever did not arrive is left out: without bases the residual stands on grey, without it the reference is shown.
"""

from __future__ import annotations

import numpy as np

from semcom.semantic.coding.patches import grid_of, join
from semcom.semantic.layers import LayerKind
from semcom.semantic.layers.compensation import BlockCompensation, MotionField
from semcom.semantic.layers.residual import NOTHING, Residual
from semcom.semantic.layers.semantic_base import MAX_CELLS, PATCH_SIDE, SemanticBase
from semcom.semantic.layers.usage import Usage
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.reconstruct import provenance as prov

BASE_KINDS = ("semantic_base", "usage", "compensation")


def has_bases(packet: SemanticPacket) -> bool:
    """Whether a packet says its picture by semantic bases, or by what is left beside them."""
    return any(layer.kind.label in BASE_KINDS and layer.content is not None for layer in packet.layers)


def picture_from_bases(packet: SemanticPacket) -> tuple[np.ndarray, np.ndarray] | None:
    """Picture, uint8 [height, width, 3], and its provenance; None where the layers at hand say no pixel."""
    width, height = packet.size
    rows, columns = grid_of(width, height, PATCH_SIDE)
    usage = packet.content(LayerKind.USAGE)
    others = [layer.content for layer in packet.of_kind(LayerKind.COMPENSATION)]
    compensation = next((one for one in others if isinstance(one, BlockCompensation | MotionField)), None)
    residual = next((one for one in others if isinstance(one, Residual)), None)
    base = _base_of(packet, usage)
    cells = None if base is None else cells_of(base, usage, rows, columns)
    if (cells is None and residual is None) or rows * columns > MAX_CELLS:
        return None
    provenance = np.zeros((height, width), np.uint8)
    if residual is not None:
        provenance |= prov.resolution_level(residual.reduction)
    if cells is None:
        picture = np.full((height, width, 3), NOTHING, np.uint8)
    else:
        picture = reference_of(base, cells)
        if compensation is not None and (compensation.width, compensation.height) == (width, height):
            picture = compensation.applied(picture)
        picture = picture[:height, :width]
        used = np.kron(cells < base.count, np.ones((PATCH_SIDE, PATCH_SIDE), bool))[:height, :width]
        provenance[used] = prov.resolution_level(1.0)
    if residual is not None and (residual.width, residual.height) == (width, height):
        picture = np.clip(picture + residual.added(), 0, 255).astype(np.uint8)
    return picture, provenance


def cells_of(base: SemanticBase, usage: Usage | None, rows: int, columns: int) -> np.ndarray | None:
    """int32 [rows, columns] of base numbers, `count` for none; None where neither usage nor base layer tells."""
    if usage is not None:
        fits = usage.cells.shape == (rows, columns) and usage.count == base.count
        return usage.resolved(base.expected) if fits else None
    return base.expected if base.expected.shape == (rows, columns) else None


def reference_of(base: SemanticBase, cells: np.ndarray) -> np.ndarray:
    """uint8 [rows · PATCH_SIDE, columns · PATCH_SIDE, 3]: each place with its base, `NOTHING` where it has none."""
    grey = np.full((1, PATCH_SIDE, PATCH_SIDE, 3), NOTHING, np.uint8)
    return join(np.concatenate([base.patches, grey])[cells.ravel()], *cells.shape)


def _base_of(packet: SemanticPacket, usage: Usage | None) -> SemanticBase | None:
    """The base layer that the usage names; without one, the only one there is."""
    layers = packet.of_kind(LayerKind.SEMANTIC_BASE)
    if usage is not None:
        return next((layer.content for layer in layers if layer.key.layer == usage.base), None)
    return layers[0].content if len(layers) == 1 else None
