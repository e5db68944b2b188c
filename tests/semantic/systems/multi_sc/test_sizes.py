"""Multi-SC of the smallest and of very large pictures: captions that fit them, bounded time, the same cut-out."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic import EncodeRequest, LayerKind, SemanticPacket, decode, encode

from ....stand_ins import street, street_parts

MULTI = EncodeRequest(system="multi-sc")


def sent(image: np.ndarray) -> SemanticPacket:
    with street_parts():
        return SemanticPacket.from_bytes(encode(image, request=MULTI).to_bytes())


@pytest.mark.parametrize(("width", "height", "fields"), [(16, 16, 1), (16, 40, 2), (31, 64, 2), (32, 32, 4)])
def test_small_ones_have_as_many_fields_as_make_sense(width: int, height: int, fields: int) -> None:
    packet = sent(street(width, height))
    captions = [layer.content.caption.text for layer in packet.of_kind(LayerKind.REGION_CAPTION)]
    assert len(captions) == fields and all(captions)
    assert decode(packet, "drawing").picture.shape == (height, width, 3)


def test_forty_eight_megapixels() -> None:
    packet = sent(street(8000, 6000))
    assert len(packet.of_kind(LayerKind.REGION_CAPTION)) == 4 and packet.size == (8000, 6000)
    cut_out = packet.content(LayerKind.CUT_OUT)
    small = sent(street(800, 600)).content(LayerKind.CUT_OUT)
    assert cut_out.subject == small.subject == "car"
    np.testing.assert_allclose(np.array(cut_out.box) / 10, small.box, atol=2)
    made = decode(packet, "drawing")
    assert made.picture.shape[0] * made.picture.shape[1] <= 16_000_000 and made.picture.shape[2] == 3
