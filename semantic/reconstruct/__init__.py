"""Semantic packet → picture.

In: a `SemanticPacket` with any subset of layers.
Out: a `Reconstruction`: caption, objects, maps, close-ups, a picture, and for every pixel whether it was received.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import Any

import numpy as np

from semcom.semantic import registry
from semcom.semantic.errors import SemanticError
from semcom.semantic.layers import LayerKind
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.reconstruct.drawing import Drawing, draw
from semcom.semantic.reconstruct.fusing import with_fused_caption
from semcom.semantic.reconstruct.pasting import paste_cut_out
from semcom.semantic.reconstruct.reconstruction import Reconstruction

MAX_RENDER_PIXELS = 16_000_000
MAX_PASTED = 4
"""Cut-outs laid over a picture that a model made: bounds time."""


def reconstruct(
    packet: SemanticPacket,
    max_pixels: int = MAX_RENDER_PIXELS,
    reconstructor: str = "drawing",
    texture: float = 0.0,
    seed: int = 0,
    *,
    backend: str | None = None,
) -> Reconstruction:
    """Rebuild a picture from whatever layers arrived; where none tells its size, caption and the rest without one.

    Parameters
    ----------
    packet : SemanticPacket
    max_pixels : int
        Larger pictures are rebuilt smaller, in the same shape.
    reconstructor : str
        Who makes `picture`, a name from `registry.names("reconstructors")`: ``drawing`` (no model), ``generator``, or
        ``best``: the generator where torch is installed. Where one cannot be loaded, or one of another package fails,
        the drawing serves, with a warning that says why.
    texture : float
        Of reconstructors that make it up: 0 faithful, 1 vivid.
    seed : int
        Of that texture.
    backend : str or None
        Former name of `reconstructor`.

    Raises
    ------
    SemanticError
        Unknown reconstructor.
    """
    name = reconstructor if backend is None else backend
    if name not in registry.own_names("reconstructors") and name not in registry.names("reconstructors"):
        known = ", ".join(registry.names("reconstructors"))
        raise SemanticError(f"reconstructor must be one of {known}, got {name!r}")
    drawing = picture = provenance = made_by = None
    whole = with_fused_caption(packet)
    if packet.size:
        drawing, provenance = draw(whole, max_pixels)
        picture, made_by = drawing, Drawing.name
        if name != Drawing.name:
            maker = _made(name, registry.version())
            picture, provenance, made_by = _picture_by(maker, whole, max_pixels, texture, seed) or (
                drawing, provenance, Drawing.name,
            )  # fmt: skip
    return Reconstruction(
        *(packet.size or (None, None)),
        caption=whole.content(LayerKind.CAPTION),
        objects=packet.content(LayerKind.OBJECTS),
        class_map=packet.content(LayerKind.CLASS_MAP),
        detail_map=packet.content(LayerKind.DETAIL_MAP),
        sub_images=tuple(layer.content for layer in packet.of_kind(LayerKind.SUB_IMAGE)),
        drawing=drawing,
        picture=picture,
        provenance=provenance,
        missing=packet.missing(),
        damaged=packet.damaged,
        layers=packet.layers,
        reconstructor=made_by,
    )


@lru_cache(maxsize=4)
def _made(name: str, version: int) -> Any | None:
    """The `protocols.Reconstructor`, loaded once; None, and a warning once, where it cannot be."""
    try:
        return registry.create("reconstructors", name)
    except SemanticError as error:
        warnings.warn(f"the drawing serves in place of the {name}: {error}", RuntimeWarning, stacklevel=3)
        return None


def _picture_by(
    maker: Any | None, packet: SemanticPacket, max_pixels: int, texture: float, seed: int
) -> tuple[np.ndarray, np.ndarray, str] | None:
    """Picture, provenance and who made them; None where the drawing must serve."""
    if maker is None:
        return None
    try:
        picture, provenance = maker(packet, max_pixels, texture, seed)
        _check(picture, provenance)
    except SemanticError:
        raise
    except Exception as error:
        if maker.name in registry.own_names("reconstructors"):
            raise
        said = f"the drawing serves in place of the {maker.name}: {type(error).__name__}: {error}"
        warnings.warn(said, RuntimeWarning, stacklevel=3)
        return None
    for cut_out in packet.of_kind(LayerKind.CUT_OUT)[:MAX_PASTED]:
        paste_cut_out(picture, provenance, cut_out.content)  # whoever made the picture: these pixels were received
    return picture, provenance, maker.name


def _check(picture: Any, provenance: Any) -> None:
    """Refuse what is no picture with its provenance."""
    for name, array, dimensions in (("picture", picture, 3), ("provenance", provenance, 2)):
        if not isinstance(array, np.ndarray) or array.dtype != np.uint8 or array.ndim != dimensions:
            raise TypeError(f"{name} must be a uint8 array of {dimensions} dimensions, got {type(array).__name__}")
    if picture.shape != (*provenance.shape, 3):
        raise TypeError(f"picture and provenance must be of one size, got {picture.shape} and {provenance.shape}")


__all__ = ["MAX_RENDER_PIXELS", "Reconstruction", "reconstruct"]
