"""Layers of meaning, packets and requests at and just beyond their limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

from semcom.experiments.robustness.random_values import Rng, near, picture_size, within, words
from semcom.semantic import SemanticPacket, registry
from semcom.semantic.coding.picture import decode_picture, encode_picture
from semcom.semantic.errors import SemanticError
from semcom.semantic.layers import (
    WHOLE_SCENE,
    Caption,
    ClassMap,
    DetailMap,
    Header,
    LayerEntry,
    LayerKey,
    LayerKind,
    Objects,
    Picture,
    SceneObject,
    SubImage,
    encode_layer,
)
from semcom.semantic.layers.caption import word_spans
from semcom.semantic.layers.cut_out import CutOut
from semcom.semantic.layers.objects import quantise
from semcom.semantic.layers.region_caption import RegionCaption
from semcom.semantic.refinement import RefinementRequest, Subject
from semcom.semantic.request import EncodeRequest, PartChoice
from semcom.semantic.vocabulary import Vocabulary

VOCABULARY = Vocabulary.load()


def label_map(rng: Rng, rows: int, columns: int, num_labels: int) -> np.ndarray:
    """A map of one label, of stripes, or of noise."""
    kind = rng.integers(3)
    if kind == 0:
        return np.full((rows, columns), rng.choice([0, num_labels - 1, 255]), np.uint8)
    labels = rng.integers(0, num_labels, (rows, columns) if kind == 1 else (rows, 1)).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(labels, (rows, columns)))


def _map_shape(rng: Rng, width: int, height: int) -> tuple[int, tuple[int, int]]:
    """A divisor, and the shape that goes with it or one beside it; never so large that it takes long."""
    least = max(1, int(np.ceil(np.sqrt(width * height / 60_000))))
    divisor = max(least, near(rng, 1, 64)) if rng.random() < 0.9 else near(rng, 0, 2)
    divisor = divisor if width * height <= 60_000 or divisor >= least else least
    rows, columns = (-(-side // max(divisor, 1)) for side in (height, width))
    return divisor, (max(1, rows + int(rng.random() < 0.05)), max(1, columns))


def class_map(rng: Rng) -> ClassMap:
    width, height = picture_size(rng)
    divisor, (rows, columns) = _map_shape(rng, width, height)
    most = len(VOCABULARY.categories) + int(rng.random() < 0.1)
    return ClassMap(width, height, VOCABULARY, divisor, label_map(rng, rows, columns, most))


def detail_map(rng: Rng) -> DetailMap:
    width, height = picture_size(rng)
    divisor, (rows, columns) = _map_shape(rng, width, height)
    return DetailMap(width, height, divisor, rng.random((rows, columns)) < rng.choice([0.0, 0.1, 0.5, 1.0]))


def caption(rng: Rng) -> Caption:
    """A text, and entities that cover some of its words, or do not."""
    text = words(rng, 4096)
    spans = word_spans(text)
    entities, at = [], 0
    while at < len(spans) and len(entities) < 40:
        last = min(at + int(rng.integers(0, 6)), len(spans) - 1)
        if rng.random() < 0.6:
            entities.append((spans[at][0], spans[last][1] + int(rng.random() < 0.03)))
        at = last + 1
    return Caption(text, tuple(entities))


def box(rng: Rng, width: int, height: int) -> tuple[int, int, int, int]:
    x0, y0 = near(rng, 0, width - 1), near(rng, 0, height - 1)
    return x0, y0, near(rng, min(x0 + 1, width), width), near(rng, min(y0 + 1, height), height)


def objects(rng: Rng) -> Objects:
    width, height = picture_size(rng)
    count = int(rng.choice([0, 1, 2, 5, 64, 65]))
    most = len(VOCABULARY.categories) - 1
    items = tuple(
        SceneObject(number, within(rng, 0, most), box(rng, width, height), float(rng.random()))
        for number in range(1, count + 1)
    )
    if rng.random() < 0.7:  # all of them legal, so that many are read back
        items = tuple(
            replace(item, box=(x0, y0, min(max(x1, x0 + 1), width), min(max(y1, y0 + 1), height)))
            for item in items
            for x0, y0 in [(max(0, min(item.box[0], width - 1)), max(0, min(item.box[1], height - 1)))]
            for x1, y1 in [item.box[2:]]
        )
    return Objects(width, height, VOCABULARY, items)


@cache
def coded_noise(rows: int, columns: int) -> bytes:
    """A coded picture of this size."""
    noise = np.random.default_rng([rows, columns]).integers(0, 256, (rows, columns, 3), dtype=np.uint8)
    return encode_picture(noise, 4096)


def sub_image(rng: Rng) -> SubImage:
    width, height = picture_size(rng)
    object_id = near(rng, 0, 64)
    where = (0, 0, width, height) if object_id == WHOLE_SCENE and rng.random() < 0.9 else box(rng, width, height)
    sides = (1, 2, 3, 8, 31)
    shape = (int(rng.choice([1, 1023, 1024, 1025])), 2) if rng.random() < 0.3 else tuple(rng.choice(sides, 2))
    rows, columns = (max(1, int(side)) for side in (shape if rng.random() < 0.5 else shape[::-1]))
    coded = coded_noise(min(rows, 1024), min(columns, 1024))
    pixels = decode_picture(coded, min(rows, 1024), min(columns, 1024))
    if (rows, columns) != pixels.shape[:2]:
        pixels = np.zeros((rows, columns, 3), np.uint8)
    return SubImage(width, height, object_id, where, pixels, coded)


def region_caption(rng: Rng) -> RegionCaption:
    columns, rows = near(rng, 1, 8), near(rng, 1, 8)
    return RegionCaption(*picture_size(rng), columns, rows, near(rng, 0, max(0, columns * rows - 1)), caption(rng))


def cut_out(rng: Rng) -> CutOut:
    width, height = picture_size(rng)
    sides = (1, 2, 60, 256, 257) if rng.random() < 0.2 else (1, 2, 60)
    mask = rng.random([int(side) for side in rng.choice(sides, 2)]) < rng.choice([0.0, 0.3, 1.0], p=[0.1, 0.3, 0.6])
    rows, columns = (int(side) for side in rng.choice([1, 3, 31], 2))
    coded = coded_noise(rows, columns)
    subject = str(rng.choice(["", "dog", "x" * 64, "é" * 33, "a\nb"], p=[0.3, 0.3, 0.2, 0.1, 0.1]))
    pixels = decode_picture(coded, rows, columns)
    x0, y0, x1, y1 = box(rng, width, height)
    if rng.random() < 0.7:  # legal
        x0, y0 = max(0, min(x0, width - 1)), max(0, min(y0, height - 1))
        x1, y1 = min(max(x1, x0 + 1), width), min(max(y1, y0 + 1), height)
    return CutOut(width, height, subject, (x0, y0, x1, y1), mask, pixels, coded)


@cache
def codec_noise(name: str, columns: int, rows: int) -> bytes:
    """A picture of this size, coded by one of the codecs."""
    noise = np.random.default_rng([rows, columns]).integers(0, 256, (rows, columns, 3), dtype=np.uint8)
    codec = registry.create("picture_codecs", name)
    if not hasattr(codec, "compress"):  # it finds its quality itself, and keeps the size of small pictures
        coded = codec.encode(noise, 100_000)
        assert (coded.width, coded.height) == (columns, rows)
        return coded.data
    return codec.compress(Image.fromarray(noise), codec.qualities[len(codec.qualities) // 2])


def whole_picture(rng: Rng) -> Picture:
    name = str(rng.choice(registry.names("picture_codecs")))
    columns, rows = (int(side) for side in rng.choice([16, 17, 40, 64], 2))
    coded = codec_noise(name, columns, rows)
    pixels = registry.create("picture_codecs", name).decode(coded, (columns, rows))
    filters = ("bicubic", "lanczos", "nearest") if rng.random() < 0.1 else ("bicubic", "lanczos")
    if rng.random() < 0.05:
        pixels = np.zeros((int(rng.choice([1, 1 << 14])), int(rng.choice([1, 256, 257, 1 << 15])), 3), np.uint8)
        coded = b""
    return Picture(*picture_size(rng), name, str(rng.choice(filters)), pixels, coded)


def requires(rng: Rng) -> tuple[tuple[bool, int], ...]:
    count = int(rng.choice([0, 0, 0, 1, 2, 16, 17]))
    return tuple((bool(rng.integers(2)), near(rng, 0, 255)) for _ in range(count))


def header(rng: Rng) -> Header:
    system = str(rng.choice(["es-isc", "seb", "x" * 64, "x" * 65, "", "my-system", "système", "a\nb"]))
    numbers = sorted({near(rng, 1, 255) for _ in range(int(rng.choice([0, 1, 3, 300])))})
    kinds = [LayerKind(int(rng.integers(0, 16))) for _ in numbers]
    entries = tuple(
        LayerEntry(number, kind, near(rng, 0, 7) if rng.random() < 0.01 else within(rng, 0, 7), needs, False)
        for number, kind in zip(numbers, kinds, strict=True)
        for needs in [requires(rng) if rng.random() < 0.05 else ()]
    )
    return Header(*picture_size(rng), system, entries)


LAYERS: dict[LayerKind, Callable[[Rng], Any]] = {
    LayerKind.HEADER: header,
    LayerKind.CAPTION: caption,
    LayerKind.OBJECTS: objects,
    LayerKind.CLASS_MAP: class_map,
    LayerKind.DETAIL_MAP: detail_map,
    LayerKind.SUB_IMAGE: sub_image,
    LayerKind.REGION_CAPTION: region_caption,
    LayerKind.CUT_OUT: cut_out,
    LayerKind.PICTURE: whole_picture,
}


def packet(rng: Rng) -> SemanticPacket:
    """A packet of layers that may be too many, too large together, or not its own."""
    identity = tuple(near(rng, 0, 0xFFFF) if rng.random() < 0.05 else within(rng, 0, 0xFFFF) for _ in range(3))
    if rng.random() < 0.15:  # more than a reader decodes: maps without a line cost few bytes and many pixels
        sides = rng.integers(500, 1025, 2)
        large = [DetailMap(1024, int(side), 1, np.zeros((int(side), 1024), bool)) for side in sides]
        layers = [encode_layer(LayerKey(*identity, n), LayerKind.DETAIL_MAP, one) for n, one in enumerate(large, 1)]
        return SemanticPacket.build((1024, 1024), "es-isc", layers, identity)
    layers = []
    for number in sorted({int(number) for number in rng.integers(1, 256, int(rng.integers(0, 6)))}):
        kind = list(LAYERS)[int(rng.integers(1, len(LAYERS)))]
        owner = identity if rng.random() < 0.95 else (*identity[:2], 0)
        key = LayerKey(*owner, number) if rng.random() < 0.97 else LayerKey(1, 2, 3, number)
        needs = tuple(key._replace(layer=n) for _, n in requires(rng)) if rng.random() < 0.2 else ()
        try:
            content = LAYERS[kind](rng)
            content = quantise(content) if isinstance(content, Objects) else content
            made = encode_layer(key, kind, content, within(rng, 0, 7), needs)
        except SemanticError:
            continue
        layers.append(replace(made, soft=bool(rng.integers(2))))
    return SemanticPacket.build(picture_size(rng), "es-isc", layers, identity)


def read_packet(data: bytes, _: Any) -> SemanticPacket:
    """The packet; one with damaged layers is none."""
    read = SemanticPacket.from_bytes(data)
    if read.damaged:
        raise AssertionError(f"damaged: {read.damaged[0][1]}")
    return read


def read_payloads(payloads: dict[LayerKey, bytes], sent: SemanticPacket) -> SemanticPacket:
    """The packet as the link hands it over; what travels outside of payloads is taken from the one sent."""
    read = SemanticPacket.from_payloads(payloads)
    if read.damaged:
        raise AssertionError(f"damaged: {read.damaged[0][1]}")
    loose = {layer.key.layer: layer.soft for layer in sent.layers}
    layers = [replace(layer, soft=loose[layer.key.layer]) for layer in read.layers]
    return replace(read, layers=tuple(layers))


def refinement_request(rng: Rng) -> RefinementRequest:
    subject = Subject(int(rng.integers(1, 6)))
    categories = tuple(near(rng, 0, 255) for _ in range(int(rng.choice([0, 1, 2, 16, 17]))))
    return RefinementRequest(
        subject,
        near(rng, 0, (1 << 28) - 1) if subject == Subject.OBJECT else 0,
        categories if subject == Subject.CATEGORIES else (),
        near(rng, 100, 100_000),
    )


def encode_request(rng: Rng) -> EncodeRequest:
    """A request with whatever may stand in one, of usual and of odd names."""

    def name() -> str:
        odd = ("x" * 64, "x" * 300, "", " a", "ü", "a\nb", "\0")
        return str(rng.choice(odd)) if rng.random() < 0.1 else str(rng.choice(["everyday", "es-isc", "my-part", "b.c"]))

    def config() -> dict[str, Any]:
        values = ("text", 0, -7, 1 << 60, 0.1, 1e-300, True, float("nan"), "ü" * 5, [1], None)
        count = int(rng.choice([0, 0, 1, 3]))
        return {name() + str(n): values[int(rng.integers(9 if rng.random() < 0.8 else 11))] for n in range(count)}

    parts = {kind: PartChoice(name(), config()) for kind in ("segmenter", "detailer") if rng.random() < 0.3}
    return EncodeRequest(
        name(), parts, config(), near(rng, 1, (1 << 31) - 1) if rng.integers(2) else None,
        name() if rng.random() < 0.3 else None, tuple(name() for _ in range(int(rng.choice([0, 0, 1, 5])))),
        near(rng, 0, (1 << 32) - 1),
    )  # fmt: skip
