"""Semantic packet → picture.

In: a `SemanticPacket` with any subset of layers.
Out: a `Reconstruction`: caption, objects, maps, close-ups, a picture, and for every pixel whether it was received.
"""

from __future__ import annotations

import gc
import sys
import warnings
from functools import lru_cache
from typing import Any

import numpy as np

from semcom.semantic import registry
from semcom.semantic.errors import SemanticError
from semcom.semantic.layers import LayerKind
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.plain_texts import caption_of
from semcom.semantic.reconstruct.analog import with_analog_pixels
from semcom.semantic.reconstruct.drawing import Drawing, draw
from semcom.semantic.reconstruct.fusing import with_fused_caption
from semcom.semantic.reconstruct.pasting import cut_outs_of, paste_cut_out
from semcom.semantic.reconstruct.reconstruction import Reconstruction
from semcom.semantic.request import PartChoice, typed_part

MAX_RENDER_PIXELS = 16_000_000
SMALLER = {
    "controlnet": "stable-diffusion",
    "es-irm": "best",
    "ip-adapter": "stable-diffusion",
    "stable-diffusion": "best",
    "lcm": "best",
}
"""Reconstructors by models of others (`semantic.backends`), and which serves in the place of one that fails."""
SHARED_CONFIG = ("folder", "steps", "guidance", "strength", "offload")
"""What of its configuration such a one takes over."""
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
        Who makes `picture`, a name from `registry.names("reconstructors")`, ``NAME,KEY=VALUE`` with configuration:
        ``drawing`` (no model), ``generator``, or ``best``: the generator where torch is installed. Where one cannot be
        loaded, or one of another package fails, the drawing serves, with a warning that says why.
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
    choice = typed_part("reconstructor", reconstructor if backend is None else backend)
    name = choice.name
    if name not in registry.own_names("reconstructors") and name not in registry.names("reconstructors"):
        known = ", ".join(registry.names("reconstructors"))
        raise SemanticError(f"reconstructor must be one of {known}, got {name!r}")
    drawing = picture = provenance = made_by = None
    notes: tuple[str, ...] = ()
    packet = with_analog_pixels(packet)
    whole = with_fused_caption(packet)
    if packet.size:
        drawing, provenance = draw(whole, max_pixels)
        picture, made_by = drawing, Drawing.name
        if name != Drawing.name:
            made, notes = _picture_by(choice, whole, max_pixels, texture, seed)
            picture, provenance, made_by = made or (drawing, provenance, Drawing.name)
    return Reconstruction(
        *(packet.size or (None, None)),
        caption=whole.content(LayerKind.CAPTION) or caption_of(packet),
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
        notes=notes,
    )


@lru_cache(maxsize=4)
def _made(choice: PartChoice, version: int) -> tuple[Any | None, str]:
    """The `protocols.Reconstructor`, loaded once; None and why where it cannot be, and a warning once."""
    try:
        return registry.create("reconstructors", choice.name, choice.config), ""
    except SemanticError as error:
        if not _is_big(choice.name):
            said = f"the drawing serves in place of the {choice.name}: {error}"
            warnings.warn(said, RuntimeWarning, stacklevel=4)
        return None, str(error)


_Made = tuple[np.ndarray, np.ndarray, str]


def _picture_by(
    choice: PartChoice, packet: SemanticPacket, max_pixels: int, texture: float, seed: int
) -> tuple[_Made | None, tuple[str, ...]]:
    """Picture, provenance and who made them, None where the drawing must serve; and notes.

    In the place of a large model that is missing or fails (a GPU runs out of memory) the next smaller one serves, at
    last the best of ours.
    """
    maker, reason = _made(choice, registry.version())
    try:
        if maker is not None:
            picture, provenance = maker(packet, max_pixels, texture, seed)
            _check(picture, provenance)
            for cut_out in cut_outs_of(packet)[:MAX_PASTED]:
                paste_cut_out(picture, provenance, cut_out)  # whoever made the picture: these were received
            return (picture, provenance, maker.name), ()
    except Exception as error:
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        if not _is_big(choice.name):
            if isinstance(error, SemanticError) or maker.name in registry.own_names("reconstructors"):
                raise
            warnings.warn(f"the drawing serves in place of the {maker.name}: {reason}", RuntimeWarning, stacklevel=3)
    if not _is_big(choice.name):
        return None, ()
    if "out of memory" in reason:
        del maker
        _free_memory()
    next_name = SMALLER[choice.name]
    shared = {key: choice.config[key] for key in SHARED_CONFIG if key in choice.config and _is_big(next_name)}
    made, notes = _picture_by(PartChoice(next_name, shared), packet, max_pixels, texture, seed)
    by = made[2] if made is not None and _is_big(made[2]) else "one of ours"
    return made, (f"{choice.name} could not make the picture, so {by} did: {reason}", *notes)


def _free_memory() -> None:
    """Let go of what a model held that ran out of memory, or the smaller one finds none either."""
    _made.cache_clear()
    registry.release()
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def _is_big(name: str) -> bool:
    """Whether it is a model of others that need not be here, or fit."""
    return name in SMALLER


def _check(picture: Any, provenance: Any) -> None:
    """Refuse what is no picture with its provenance."""
    for name, array, dimensions in (("picture", picture, 3), ("provenance", provenance, 2)):
        if not isinstance(array, np.ndarray) or array.dtype != np.uint8 or array.ndim != dimensions:
            raise TypeError(f"{name} must be a uint8 array of {dimensions} dimensions, got {type(array).__name__}")
    if picture.shape != (*provenance.shape, 3):
        raise TypeError(f"picture and provenance must be of one size, got {picture.shape} and {provenance.shape}")


__all__ = ["MAX_RENDER_PIXELS", "Reconstruction", "reconstruct"]
