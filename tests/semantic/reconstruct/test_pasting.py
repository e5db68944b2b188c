"""A cut-out laid over a picture: only the object, only where it is finer, and marked as received."""

from __future__ import annotations

import numpy as np

from semcom.semantic.coding.picture import decode_picture, encode_picture
from semcom.semantic.layers.cut_out import CutOut
from semcom.semantic.reconstruct import provenance as prov
from semcom.semantic.reconstruct.pasting import paste_cut_out, scaled_box

BOX = (24, 8, 56, 40)


def left_half_red() -> CutOut:
    """Received at half resolution: 16 × 16 pixels for a box of 32 × 32."""
    mask = np.zeros((32, 32), bool)
    mask[:, :16] = True
    coded = encode_picture(np.full((16, 16, 3), (200, 20, 20), np.uint8), 300)
    return CutOut(96, 64, "box", BOX, mask, decode_picture(coded, 16, 16), coded)


def test_only_the_object_is_laid_over_and_it_counts_as_received() -> None:
    picture = np.full((64, 96, 3), 90, np.uint8)
    provenance = np.full((64, 96), prov.GENERATED, np.uint8)
    paste_cut_out(picture, provenance, left_half_red())
    inside = picture[8:40, 24:39]
    assert (inside[..., 0] > 180).all() and (inside[..., 1] < 60).all()
    assert (provenance[8:40, 24:39] == prov.SHAPE_RECEIVED | 2).all()
    changed = np.zeros((64, 96), bool)
    changed[8:40, 24:42] = True
    assert (picture[~changed] == 90).all() and (provenance[~changed] == prov.GENERATED).all()


def test_what_was_received_finer_stays() -> None:
    picture = np.full((64, 96, 3), 90, np.uint8)
    provenance = np.full((64, 96), 1, np.uint8)
    paste_cut_out(picture, provenance, left_half_red())
    assert (picture == 90).all() and (provenance == 1).all()
    provenance[:] = 4
    paste_cut_out(picture, provenance, left_half_red())
    assert (provenance[8:40, 24:39] & prov.RESOLUTION_MASK == 2).all()


def test_it_lands_at_its_place_on_a_smaller_picture() -> None:
    picture = np.zeros((32, 48, 3), np.uint8)
    paste_cut_out(picture, np.zeros((32, 48), np.uint8), left_half_red())
    assert picture[4:20, 12:19, 0].min() > 150 and picture[:, :12].max() == picture[20:].max() == 0
    assert scaled_box(BOX, 96, 64, 48, 32) == (12, 4, 28, 20)
    assert scaled_box((95, 63, 96, 64), 96, 64, 3, 2) == (2, 1, 3, 2)
