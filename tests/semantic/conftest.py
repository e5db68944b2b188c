"""A packet with all five ES-ISC layers, made without any network: what the tests of this room share."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.coding.picture import decode_picture, encode_picture
from semcom.semantic.layers import (
    WHOLE_SCENE,
    Caption,
    ClassMap,
    DetailMap,
    LayerKey,
    LayerKind,
    Objects,
    SceneObject,
    SubImage,
    encode_layer,
)
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.vocabulary import Vocabulary

from ..stand_ins import street, street_labels

WIDTH, HEIGHT = 96, 64
IDENTITY = (3, 0, 7)


def sub_image(object_id: int, box: tuple[int, int, int, int], side: int, max_bytes: int) -> SubImage:
    x0, y0, x1, y1 = box
    step_x, step_y = max(1, (x1 - x0) // side), max(1, (y1 - y0) // side)
    small = np.ascontiguousarray(street()[y0:y1:step_y, x0:x1:step_x])
    coded = encode_picture(small, max_bytes)
    return SubImage(WIDTH, HEIGHT, object_id, box, decode_picture(coded, *small.shape[:2]), coded)


def make_packet() -> SemanticPacket:
    vocabulary = Vocabulary.load("everyday-1")
    labels = street_labels()[::2, ::2]
    edges = np.zeros(labels.shape, bool)
    edges[1:] |= labels[1:] != labels[:-1]
    edges[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    car = SceneObject(1, vocabulary["car"].id, (24, 40, 48, 56), 0.8)
    contents = [
        (LayerKind.CAPTION, Caption("A red car is on a road.", ((6, 9), (18, 22)))),
        (LayerKind.OBJECTS, Objects(WIDTH, HEIGHT, vocabulary, (car,))),
        (LayerKind.CLASS_MAP, ClassMap(WIDTH, HEIGHT, vocabulary, 2, labels)),
        (LayerKind.DETAIL_MAP, DetailMap(WIDTH, HEIGHT, 2, edges)),
        (LayerKind.SUB_IMAGE, sub_image(WHOLE_SCENE, (0, 0, WIDTH, HEIGHT), 24, 300)),
        (LayerKind.SUB_IMAGE, sub_image(1, (22, 38, 50, 58), 16, 300)),
    ]
    layers = [
        encode_layer(LayerKey(*IDENTITY, number), kind, content)
        for number, (kind, content) in enumerate(contents, start=1)
    ]
    return SemanticPacket.build((WIDTH, HEIGHT), "es-isc", layers, IDENTITY)


@pytest.fixture(scope="session")
def packet() -> SemanticPacket:
    return make_packet()
