"""Pictures of one subset → the bases' layer and each picture's layers, within bytes for all of them together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image

from semcom.semantic import registry
from semcom.semantic.errors import RequestError
from semcom.semantic.layers import Layer, LayerKey, LayerKind, encode_layer
from semcom.semantic.layers.semantic_base import SemanticBase
from semcom.semantic.systems.seb.bases import Bases, bases_of_picture, features, find_bases
from semcom.semantic.systems.seb.picture_coding import CodedPicture, PictureCoder
from semcom.semantic.systems.seb.preset import Preset

SHARES = (0.0, 0.1, 0.2, 0.35, 0.5)
"""Of the bytes for the bases: tried on a few pictures, the one that leaves the least squared error is taken."""
PAIR_SHARES = (0.0, 0.4, 0.55, 0.7, 0.85)
CODING_SPEED, TRYING_SPEED = 6, 9
"""Of the AVIF encoder."""
TRIED_PICTURES = 2
FRAMING_BYTES = 56
"""Of a picture's packet beside its payloads: its own frame, header, heads of the layers."""
LEAST_PAYLOAD_BYTES = 24
FIRST_BASE_NUMBER = 128
"""Number of the layer with the bases of the first subset; the next one's is one more."""


@dataclass(frozen=True)
class Codecs:
    """Picture codecs of bases, of residuals beside them, and of pictures without bases."""

    bases: Any
    residual: Any
    alone: Any


@dataclass(frozen=True)
class CodedSubset:
    """Outcome of coding a subset.

    Attributes
    ----------
    base : Layer or None
        None where nothing shared is worth its bytes.
    pictures : list of CodedPicture
    """

    base: Layer | None
    pictures: list[CodedPicture]


def code_subset(
    images: Sequence[np.ndarray],
    budget_bytes: Sequence[int],
    identities: Sequence[tuple[int, int, int]],
    base_key: LayerKey,
    preset: Preset,
    rng: np.random.Generator,
) -> CodedSubset:
    """Code the pictures of a subset.

    Parameters
    ----------
    images : sequence of uint8 [height, width, 3]
    budget_bytes : sequence of int
        Of each picture's packet; the bases take their part of all of them.
    identities : sequence of (stream, group, picture)
    base_key : LayerKey
        Of the layer with the bases.
    preset : Preset
    rng : numpy.random.Generator

    Raises
    ------
    RequestError
        A budget that holds no picture.
    """
    codecs, quick = _codecs(preset)
    rooms = [_room(budget, preset) for budget in budget_bytes]
    if preset.reference == "first":
        found, shares = bases_of_picture(images[0]) if len(images) > 1 else None, PAIR_SHARES
    else:
        found, shares = find_bases(images, preset.patches_per_base, rng, _features(codecs, preset)), SHARES
    tried = sorted({len(images) // 4, (3 * len(images)) // 4})[:TRIED_PICTURES]
    best = (np.inf, 0.0)
    for share in shares if found is not None else shares[:1]:
        base = _base_layer(found, quick.bases, int(share * sum(rooms)), base_key) if share else None
        if share and base is None:
            continue
        coder, left = _coder(quick, base, preset), _left(base, rooms)
        error = sum(coder.code(images[n], int(left * rooms[n]), identities[n]).squared_error for n in tried)
        if error < best[0]:
            best = (error, share)
        elif share and error > 1.2 * best[0]:
            break
    base = _base_layer(found, codecs.bases, int(best[1] * sum(rooms)), base_key) if best[1] else None
    if base is not None and codecs is not quick and not _helps(base, codecs, images, rooms, identities, tried, preset):
        base = None
    coder, left = _coder(codecs, base, preset), _left(base, rooms)
    pictures = [
        coder.code(image, int(left * room), identity)
        for image, room, identity in zip(images, rooms, identities, strict=True)
    ]
    return CodedSubset(base, pictures)


def code_picture_beside(
    image: np.ndarray, budget_bytes: int, identity: tuple[int, int, int], base: Layer, preset: Preset
) -> CodedPicture:
    """Layers of one more picture, uint8 [height, width, 3], beside a base layer that receivers have."""
    return _coder(_codecs(preset)[0], base, preset).code(image, _room(budget_bytes, preset), identity)


def _room(budget_bytes: int, preset: Preset) -> int:
    """Of a picture's payloads."""
    least = FRAMING_BYTES + LEAST_PAYLOAD_BYTES
    if budget_bytes < least:
        raise RequestError(f"budget of {preset.name} must be at least {least} bytes, got {budget_bytes}")
    return budget_bytes - FRAMING_BYTES


def _codecs(preset: Preset) -> tuple[Codecs, Codecs]:
    """The codecs that code, and some like them that are quick enough to try."""
    name = preset.picture_codec
    if preset.weights:
        made = {part: registry.create("picture_codecs", name, {"weights": of}) for part, of in preset.weights.items()}
        return (Codecs(**made),) * 2
    if name != "avif":
        return (Codecs(*(registry.create("picture_codecs", name),) * 3),) * 2
    speeds = (registry.create("picture_codecs", name, {"speed": speed}) for speed in (CODING_SPEED, TRYING_SPEED))
    return tuple(Codecs(codec, codec, codec) for codec in speeds)


def _features(codecs: Codecs, preset: Preset) -> Callable[[np.ndarray], np.ndarray]:
    """What patches are clustered by: latents of the codec of bases, if it has learned them, else pixels."""
    return codecs.bases.patch_latents if preset.weights else features


def _helps(base: Layer, codecs: Codecs, images, rooms, identities, tried: Sequence[int], preset: Preset) -> bool:
    """Whether pictures are better with the bases than without, as the codecs code that take their time."""
    errors = []
    for one in (base, None):
        coder, left = _coder(codecs, one, preset), _left(one, rooms)
        errors.append(sum(coder.code(images[n], int(left * rooms[n]), identities[n]).squared_error for n in tried))
    return errors[0] < errors[1]


def _left(base: Layer | None, rooms: Sequence[int]) -> float:
    """Part of the pictures' bytes that the bases leave them."""
    return 1.0 if base is None else 1 - (len(base.payload) + FRAMING_BYTES // 4) / sum(rooms)


def _coder(codecs: Codecs, base: Layer | None, preset: Preset) -> PictureCoder:
    if base is None:
        return PictureCoder(codecs.alone, None, None, preset)
    return PictureCoder(codecs.residual, base.content, base.key, preset)


def _base_layer(bases: Bases, codec, max_bytes: int, key: LayerKey) -> Layer | None:
    """Bases as a layer of at most so many bytes; None where they do not fit."""
    mosaic = bases.mosaic()
    empty = SemanticBase(bases.count, bases.columns, bases.expected, codec.name, mosaic, b"\0")
    overhead = len(encode_layer(key, LayerKind.SEMANTIC_BASE, empty).payload)
    fitting = codec.fill(Image.fromarray(mosaic), max_bytes - overhead)
    if fitting is None:
        return None
    pixels = codec.decode(fitting[0], (mosaic.shape[1], mosaic.shape[0]))
    return encode_layer(key, LayerKind.SEMANTIC_BASE, replace(empty, pixels=pixels, coded=fitting[0]))
