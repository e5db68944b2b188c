"""What was received is laid over what was made up: full resolution, and close-ups finer than the scene."""

from __future__ import annotations

import numpy as np
from PIL import Image

from semcom.semantic import SemanticPacket
from semcom.semantic.backends.generation.received_pixels import with_received_pixels
from semcom.semantic.coding.picture import decode_picture, encode_avif
from semcom.semantic.layers import WHOLE_SCENE, LayerKey, LayerKind, SubImage, encode_layer
from semcom.semantic.reconstruct import provenance as prov

from ....stand_ins import street


def laid(levels: list[int], packet: SemanticPacket) -> tuple[list[bool], list[bool]]:
    """Of one row of pixels received at these levels: which are the drawing's, which are marked as generated."""
    provenance = np.array([levels], np.uint8)
    made, drawing = np.full((1, len(levels), 3), 9, np.uint8), np.full((1, len(levels), 3), 200, np.uint8)
    picture, where = with_received_pixels(made, drawing, provenance, packet)
    assert (where & prov.RESOLUTION_MASK == provenance).all()
    return (picture[0, :, 0] == 200).tolist(), (where[0] & prov.GENERATED > 0).tolist()


def test_without_a_scene_only_full_resolution_stays() -> None:
    packet = SemanticPacket.build((16, 16), "multi-sc", [], (0, 0, 1))
    assert laid([0, 1, 2, 4], packet) == ([False, True, False, False], [True, False, True, True])


def test_close_ups_stay_that_are_much_finer_than_the_scene() -> None:
    frame, flags = encode_avif(Image.fromarray(street(24, 16)), 20, 8)
    data = bytes((flags,)) + frame
    scene = SubImage(192, 128, WHOLE_SCENE, (0, 0, 192, 128), decode_picture(data, 16, 24), data)
    layer = encode_layer(LayerKey(0, 0, 1, 5), LayerKind.SUB_IMAGE, scene)
    packet = SemanticPacket.build((192, 128), "es-isc", [layer], (0, 0, 1))
    coarsest = prov.resolution_level(scene.reduction)
    assert scene.is_scene and coarsest > 2
    kept, generated = laid([0, coarsest, coarsest - 1, coarsest - 2], packet)
    assert kept == [False, False, False, True] and generated == [True, True, True, False]
