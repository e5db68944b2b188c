"""Semantic packet → picture.

In: a `SemanticPacket` with any subset of layers.
Out: a `Reconstruction`: caption, objects, maps, close-ups, a picture, and for every pixel whether it was received.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec

import numpy as np

from semcom.semantic.errors import ModelError, SemanticError
from semcom.semantic.layers import Caption, ClassMap, DetailMap, LayerKey, LayerKind, Objects, SubImage
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.reconstruct.drawing import draw

MAX_RENDER_PIXELS = 16_000_000
BACKENDS = ("best", "drawing", "generator")


@dataclass(frozen=True)
class Reconstruction:
    """What a receiver shows.

    Attributes
    ----------
    width, height : int or None
        Of the original picture, pixels; None where no layer that arrived tells them. Then there is no picture either.
    caption, objects, class_map, detail_map
        Contents of the layers that arrived, else None.
    sub_images : tuple of SubImage
    drawing : uint8 [height, width, 3] or None
        By the drawing decoder; smaller where the picture exceeds `MAX_RENDER_PIXELS`.
    picture : uint8 [height, width, 3] or None
        The best reconstruction available.
    provenance : uint8 [height, width] or None
        Of `picture`; see `reconstruct.provenance`.
    missing : tuple of LayerKey
        Layers known to exist that are not here.
    damaged : tuple of (LayerKey, str)
        Layers that could not be read, and why.
    """

    width: int | None
    height: int | None
    caption: Caption | None
    objects: Objects | None
    class_map: ClassMap | None
    detail_map: DetailMap | None
    sub_images: tuple[SubImage, ...]
    drawing: np.ndarray | None
    picture: np.ndarray | None
    provenance: np.ndarray | None
    missing: tuple[LayerKey, ...]
    damaged: tuple[tuple[LayerKey, str], ...]


def reconstruct(
    packet: SemanticPacket,
    max_pixels: int = MAX_RENDER_PIXELS,
    backend: str = "drawing",
    texture: float = 0.0,
    seed: int = 0,
) -> Reconstruction:
    """Rebuild a picture from whatever layers arrived; where none tells its size, caption and the rest without one.

    Parameters
    ----------
    packet : SemanticPacket
    max_pixels : int
        Larger pictures are rebuilt smaller, in the same shape.
    backend : str
        Who makes `picture`: ``drawing`` (no model), ``generator``, or ``best``: the generator where torch is installed.
        Where the generator cannot be loaded the drawing serves, with a warning that names the file.
    texture : float
        Of the generator: 0 faithful, 1 vivid.
    seed : int
        Of the generator's noise.

    Raises
    ------
    SemanticError
        Unknown backend.
    """
    if backend not in BACKENDS:
        raise SemanticError(f"backend must be one of {', '.join(BACKENDS)}, got {backend!r}")
    drawing, provenance = draw(packet, max_pixels) if packet.size else (None, None)
    picture = drawing
    wanted = backend == "generator" or (backend == "best" and find_spec("torch") is not None)
    generator = _generator() if wanted and drawing is not None else None
    if generator is not None:
        picture, provenance = generator(packet, max_pixels, texture, seed)
    return Reconstruction(
        *(packet.size or (None, None)),
        caption=packet.content(LayerKind.CAPTION),
        objects=packet.content(LayerKind.OBJECTS),
        class_map=packet.content(LayerKind.CLASS_MAP),
        detail_map=packet.content(LayerKind.DETAIL_MAP),
        sub_images=tuple(layer.content for layer in packet.of_kind(LayerKind.SUB_IMAGE)),
        drawing=drawing,
        picture=picture,
        provenance=provenance,
        missing=packet.missing(),
        damaged=packet.damaged,
    )


@lru_cache(maxsize=1)
def _generator():
    """The shipped generator, loaded once; None, and a warning once, where it cannot be."""
    from semcom.semantic.reconstruct.generator import Generator

    try:
        return Generator()
    except ModelError as error:
        warnings.warn(f"the drawing serves in place of the generator: {error}", RuntimeWarning, stacklevel=3)
        return None
