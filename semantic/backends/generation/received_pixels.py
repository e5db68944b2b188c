"""What was received laid over what was made up, and said so place by place."""

from __future__ import annotations

import numpy as np

from semcom.semantic.layers import LayerKind
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.reconstruct import provenance as prov

_FINER_LEVELS = 2
"""Pixels received so many levels finer than the scene are close-ups: they are kept as they came."""


def with_received_pixels(
    picture: np.ndarray, drawing: np.ndarray, provenance: np.ndarray, packet: SemanticPacket
) -> tuple[np.ndarray, np.ndarray]:
    """Picture and provenance: pixels received at full resolution, or as close-ups, are the drawing's.

    Parameters
    ----------
    picture : uint8 [height, width, 3]
        As a model made it; changed in place.
    drawing : uint8 [height, width, 3]
    provenance : uint8 [height, width]
        Of the drawing.
    packet : SemanticPacket
    """
    scenes = [layer.content for layer in packet.of_kind(LayerKind.SUB_IMAGE) if layer.content.is_scene]
    received = provenance & prov.RESOLUTION_MASK
    coarsest = prov.resolution_level(max((scene.reduction for scene in scenes), default=1.0))
    kept = (received == 1) | ((received > 0) & (received + _FINER_LEVELS <= coarsest))
    picture[kept] = drawing[kept]
    return picture, provenance | np.where(kept, np.uint8(0), np.uint8(prov.GENERATED))
