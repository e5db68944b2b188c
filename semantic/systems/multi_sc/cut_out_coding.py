"""The main object as a layer of so many bytes: its mask, and its pixels with nothing of what is around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from semcom.semantic.coding.label_map import encode_label_map
from semcom.semantic.coding.picture_fitting import PictureFitter
from semcom.semantic.framing import framed_bytes
from semcom.semantic.layers import Layer, LayerKey, LayerKind, encode_layer
from semcom.semantic.layers.cut_out import MAX_MASK_SIDE, MAX_SUBJECT_BYTES, CutOut
from semcom.semantic.systems.multi_sc.main_object import MainObject
from semcom.semantic.wire import MAX_CODED_PIXELS

FRAMING_BYTES = 40
"""Most that a cut-out costs besides subject, mask and picture."""
MASK_SIDES = (16, 24, 32, 48, 64, 96, 128, 192, MAX_MASK_SIDE)
"""Cells of a mask's longer side, coarse to fine."""


@dataclass(frozen=True)
class CutOutRoom:
    """What a cut-out may take.

    Attributes
    ----------
    max_bytes : int
        Framing included.
    max_pixels : int
        Coded pixels of mask and picture, of the packet's decoding budget.
    mask_share : float
        Of the bytes for the mask, at most.
    """

    max_bytes: int
    max_pixels: int = MAX_CODED_PIXELS
    mask_share: float = 0.25


def cut_out_layer(
    image: np.ndarray, found: MainObject, reduction: int, room: CutOutRoom, key: LayerKey
) -> Layer | None:
    """The object as a layer; None where there is too little room.

    Parameters
    ----------
    image : uint8 [height, width, 3]
    found : MainObject
        Its mask is 1/`reduction` of the picture's size, rounded up.
    reduction : int
    room : CutOutRoom
    key : LayerKey
    """
    height, width = image.shape[:2]
    box = box_of(found, reduction, width, height)
    x0, y0, x1, y1 = found.box
    inside = found.mask[y0:y1, x0:x1]
    subject = short(found.subject)
    num_bytes = room.max_bytes - FRAMING_BYTES - len(subject.encode())
    mask, mask_bytes = mask_within(inside, num_bytes * room.mask_share)
    if mask is None or room.max_pixels <= mask.size:
        return None
    pixels = alone(image[box[1] : box[3], box[0] : box[2]], inside)
    fitted = PictureFitter(pixels).fit(num_bytes - mask_bytes, room.max_pixels - mask.size)
    if fitted is None:
        return None
    content = CutOut(width, height, subject, box, mask, fitted.pixels, fitted.coded)
    layer = encode_layer(key, LayerKind.CUT_OUT, content)
    return layer if framed_bytes(layer) <= room.max_bytes else None


def box_of(found: MainObject, reduction: int, width: int, height: int) -> tuple[int, int, int, int]:
    """(x0, y0, x1, y1) of an object, pixels of the whole picture, which is `reduction` times as large as its mask."""
    x0, y0, x1, y1 = (edge * reduction for edge in found.box)
    return x0, y0, min(x1, width), min(y1, height)


def alone(pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The object's pixels, and around it the nearest of them, smoothed: nothing of what was there, and cheap to code.

    Parameters
    ----------
    pixels : uint8 [height, width, 3]
    mask : bool [rows, columns]
        At any resolution.
    """
    size = (pixels.shape[1], pixels.shape[0])
    own = np.asarray(Image.fromarray(mask.astype(np.uint8) * 255).resize(size, Image.Resampling.NEAREST)) > 0
    if own.all() or not own.any():
        return pixels.copy()
    nearest = ndimage.distance_transform_edt(~own, return_distances=False, return_indices=True)
    spread = pixels[tuple(nearest)]
    smooth = ndimage.gaussian_filter(spread.astype(np.float32), (4, 4, 0))
    return np.where(own[..., None], pixels, np.rint(smooth).astype(np.uint8))


def mask_within(mask: np.ndarray, max_bytes: float) -> tuple[np.ndarray | None, int]:
    """The finest mask of at most so many bytes, and how many it takes."""
    best: tuple[np.ndarray | None, int] = (None, 0)
    for side in MASK_SIDES:
        scale = min(1.0, side / max(mask.shape))
        size = tuple(max(1, round(edge * scale)) for edge in mask.shape[::-1])
        share = Image.fromarray(mask.astype(np.uint8) * 255).resize(size, Image.Resampling.BOX)
        small = np.asarray(share) >= 128
        num_bytes = len(encode_label_map(small.astype(np.uint8), 2)) if small.any() else 0
        if num_bytes > max_bytes:
            break
        if small.any():
            best = small, num_bytes
        if scale == 1.0:
            break
    return best


def short(subject: str) -> str:
    """A subject that a layer can carry."""
    return subject.encode("utf-8")[:MAX_SUBJECT_BYTES].decode("utf-8", "ignore")
