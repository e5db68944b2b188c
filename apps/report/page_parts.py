"""What the pages show of a picture: figures as data, the caption cut at its entities, the legend of the provenance."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from semcom.apps.report import drawings
from semcom.semantic import Reconstruction
from semcom.semantic.layers import Caption
from semcom.semantic.reconstruct import provenance

LAYER_COLOURS = {
    "header": "#8a8f98", "caption": "#c2543a", "objects": "#d98e2b", "class_map": "#4c8c4a", "detail_map": "#2f7f86",
    "sub_image": "#2f6fb0",
}  # fmt: skip
OTHER_COLOUR = "#777"
_MAX_SIDE = 1024


@dataclass(frozen=True)
class Figure:
    """A picture with its words; `source` is a data URI: pages need no other file."""

    words: str
    source: str


@dataclass(frozen=True)
class ShownPictures:
    """All that arrived of a picture, for the macro ``pictures`` of parts.html; `legend`: (words, CSS colour)."""

    figures: list[Figure]
    has_picture: bool = False
    legend: list[tuple[str, str]] = field(default_factory=list)
    sub_images: list[Figure] = field(default_factory=list)


def marked(caption: Caption) -> list[tuple[str, bool]]:
    """The caption in pieces (words, whether they are an entity); together they are its text."""
    pieces, position = [], 0
    for first, last in caption.entities:
        pieces += [(caption.text[position:first], False), (caption.text[first:last], True)]
        position = last
    pieces.append((caption.text[position:], False))
    return [piece for piece in pieces if piece[0]]


def pictures(shown: Reconstruction, original: np.ndarray | None = None) -> ShownPictures:
    """All that arrived of a picture; beside the original, where it is known."""
    figures = [] if original is None else [figure(original, "sent: the photo at the sender")]
    if shown.picture is None:
        return ShownPictures(figures)
    figures.append(figure(shown.picture, "received: the reconstruction"))
    if shown.class_map is not None:
        figures.append(figure(drawings.class_map_picture(shown.class_map), "class map (A-seg): what is where"))
    if shown.objects is not None:
        words = f"objects: {len(shown.objects.items)} found, with box and score"
        figures.append(figure(drawings.objects_picture(shown.objects, shown.picture), words))
    if shown.detail_map is not None:
        figures.append(figure(drawings.detail_map_picture(shown.detail_map), "detail map (B-seg): fine boundaries"))
    shares = provenance.summary(shown.provenance)
    words = (
        f"provenance: pixels received for {shares['pixels_received']:.0%} of the picture at some resolution, "
        f"changed or made up by the generator {shares['generated']:.0%}"
    )
    figures.append(figure(provenance.colour(shown.provenance), words))
    legend = [(words, f"rgb{colour}") for words, colour in provenance.legend(shown.provenance)]
    sub_images = [
        figure(
            sub_image.pixels,
            ("the whole scene" if sub_image.is_scene else sub_image.subject)
            + f", {sub_image.pixels.shape[1]} × {sub_image.pixels.shape[0]}, {len(sub_image.coded)} B",
        )
        for sub_image in shown.sub_images
    ]
    return ShownPictures(figures, True, legend, sub_images)


def figure(picture: np.ndarray, words: str) -> Figure:
    """A picture with its words, of at most 1024 pixels a side."""
    data = webp(picture, _MAX_SIDE)
    return Figure(words, "data:image/webp;base64," + base64.b64encode(data).decode("ascii"))


def webp(picture: np.ndarray, max_side: int) -> bytes:
    """A picture made small enough, as a WebP file."""
    image = Image.fromarray(picture)
    image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=86)
    return buffer.getvalue()
