"""Cut-outs laid over a picture: their pixels were received, whatever was made up around them."""

from __future__ import annotations

import numpy as np

from semcom.semantic.layers import LayerKind
from semcom.semantic.layers.cut_out import CutOut
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.reconstruct import provenance as prov

OPAQUE = 128
"""Alpha from which a pixel counts as received."""


def cut_outs_of(packet: SemanticPacket) -> list[CutOut]:
    """Those of a packet whose pixels came."""
    found = [layer.content for layer in packet.of_kind(LayerKind.CUT_OUT)]
    return [cut_out for cut_out in found if cut_out.has_pixels]


def paste_cut_out(picture: np.ndarray, provenance: np.ndarray, cut_out: CutOut) -> None:
    """Lay the object of a cut-out over a picture, where it is finer than what was received there.

    Parameters
    ----------
    picture : uint8 [height, width, 3]
        Changed in place, at any size of the picture's shape.
    provenance : uint8 [height, width]
        Changed in place: the object's pixels were received and not generated.
    cut_out : CutOut
    """
    height, width = provenance.shape
    x0, y0, x1, y1 = scaled_box(cut_out.box, cut_out.width, cut_out.height, width, height)
    pixels, alpha = cut_out.shown(x1 - x0, y1 - y0)
    level = prov.resolution_level(cut_out.reduction)
    there = provenance[y0:y1, x0:x1]
    received = there & prov.RESOLUTION_MASK
    finer = (received == 0) | (received >= level) | (there & prov.GENERATED > 0)
    alpha = np.where(finer, alpha, 0)
    weight = alpha.astype(np.float32)[..., None] / 255
    part = picture[y0:y1, x0:x1]
    part[:] = np.rint(part + weight * (pixels.astype(np.float32) - part)).astype(np.uint8)
    kept = there & np.uint8(prov.SHAPE_RECEIVED)
    provenance[y0:y1, x0:x1] = np.where(alpha >= OPAQUE, kept | prov.SHAPE_RECEIVED | level, there)


def scaled_box(
    box: tuple[int, int, int, int], from_width: int, from_height: int, width: int, height: int
) -> tuple[int, int, int, int]:
    """A box of the picture on a drawing of it, never empty."""
    x0, y0 = min(box[0] * width // from_width, width - 1), min(box[1] * height // from_height, height - 1)
    return x0, y0, max(x0 + 1, -(-box[2] * width // from_width)), max(y0 + 1, -(-box[3] * height // from_height))
