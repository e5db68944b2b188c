"""What a receiver shows of one packet, in one value; it shows itself in a terminal and in a notebook."""

from __future__ import annotations

import base64
import io
from collections import Counter
from dataclasses import dataclass
from html import escape

import numpy as np
from PIL import Image

from semcom.semantic.illustration import png
from semcom.semantic.layers import Caption, ClassMap, DetailMap, Layer, LayerKey, Objects, SubImage

NOTEBOOK_SIDE = 768
"""Longer side of the picture in a notebook, at most."""


@dataclass(frozen=True, repr=False)
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
        By the drawing decoder; smaller where the picture exceeds `reconstruct.MAX_RENDER_PIXELS`.
    picture : uint8 [height, width, 3] or None
        The best reconstruction available.
    provenance : uint8 [height, width] or None
        Of `picture`; see `reconstruct.provenance`.
    missing : tuple of LayerKey
        Layers known to exist that are not here.
    damaged : tuple of (LayerKey, str)
        Layers that could not be read, and why.
    layers : tuple of Layer
        All that arrived, of whatever kind.
    reconstructor : str or None
        Name of what made `picture`; None where there is none.
    notes : tuple of str
        Why another reconstructor than the one asked for made it.
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
    layers: tuple[Layer, ...] = ()
    reconstructor: str | None = None
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        size = "size unknown" if self.width is None else f"{self.width} × {self.height}"
        words = "" if self.caption is None else f", “{self.caption.text}”"
        return f"<Reconstruction {size}{words}, {', '.join(self._told())}>"

    def _told(self) -> list[str]:
        counts = Counter(layer.kind.label for layer in self.layers)
        here = ", ".join(label if count == 1 else f"{count} {label}" for label, count in counts.items())
        told = [f"layers: {here or 'none'}"]
        if self.missing:
            told.append(f"missing: {', '.join(map(str, self.missing))}")
        if self.damaged:
            told.append(f"damaged: {', '.join(str(key) for key, _ in self.damaged)}")
        return told

    def _repr_png_(self) -> bytes | None:
        """The picture, for notebooks: at most `NOTEBOOK_SIDE` pixels a side; None where there is none."""
        return None if self.picture is None else png(_thumbnail(self.picture))

    def _repr_html_(self) -> str:
        """Picture, caption and what is missing, for notebooks."""
        parts = []
        if self.picture is not None:
            buffer = io.BytesIO()
            Image.fromarray(_thumbnail(self.picture)).save(buffer, "WEBP", quality=86)
            data = base64.b64encode(buffer.getvalue()).decode("ascii")
            parts.append(f"<img alt='the reconstruction' src='data:image/webp;base64,{data}'>")
        if self.caption is not None:
            parts.append(f"<p>{escape(self.caption.text)}</p>")
        size = "size unknown" if self.width is None else f"{self.width} × {self.height} pixels"
        parts.append(f"<p><small>{escape(' · '.join([size, *self._told()]))}</small></p>")
        return f"<div>{''.join(parts)}</div>"


def _thumbnail(picture: np.ndarray) -> np.ndarray:
    image = Image.fromarray(picture)
    image.thumbnail((NOTEBOOK_SIDE, NOTEBOOK_SIDE), Image.Resampling.LANCZOS)
    return np.asarray(image)
