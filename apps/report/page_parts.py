"""What the pages show of a picture: figures as data, the caption cut at its entities, the legend of the provenance."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from semcom.semantic import Reconstruction
from semcom.semantic.layers import Caption, showing
from semcom.semantic.reconstruct import provenance

_MAX_SIDE = 1024


@dataclass(frozen=True)
class Figure:
    """A picture with its words; `source` is a data URI: pages need no other file."""

    words: str
    source: str


@dataclass(frozen=True)
class ShownPictures:
    """All that arrived of a picture, for the macro ``pictures`` of parts.html.

    `legend`: (words, CSS colour). `many`: kinds of layer of which each one is shown, with their figures.
    """

    figures: list[Figure]
    has_picture: bool = False
    legend: list[tuple[str, str]] = field(default_factory=list)
    many: dict[str, list[Figure]] = field(default_factory=dict)


def marked(caption: Caption) -> list[tuple[str, str]]:
    """The caption in pieces: words and what they are, ``entity``, ``guessed`` or empty; together they are its text."""
    spans = [(*span, "entity") for span in caption.entities] + [(*span, "guessed") for span in caption.guessed]
    pieces, position = [], 0
    for first, last, what in sorted(spans):
        if first >= position:
            pieces += [(caption.text[position:first], ""), (caption.text[first:last], what)]
            position = last
    pieces.append((caption.text[position:], ""))
    return [piece for piece in pieces if piece[0]]


def pictures(shown: Reconstruction, original: np.ndarray | None = None) -> ShownPictures:
    """All that arrived of a picture; beside the original, where it is known."""
    figures = [] if original is None else [figure(original, "sent: the photo at the sender")]
    if shown.picture is None:
        return ShownPictures(figures)
    figures.append(figure(shown.picture, "received: the reconstruction"))
    drawn = showing.pictures(shown.layers, shown.picture)
    figures += [figure(picture.pixels, picture.words) for picture in drawn if not picture.many]
    shares = provenance.summary(shown.provenance)
    words = (
        f"provenance: pixels received for {shares['pixels_received']:.0%} of the picture at some resolution, "
        f"changed or made up by the generator {shares['generated']:.0%}"
    )
    figures.append(figure(provenance.colour(shown.provenance), words))
    legend = [(words, f"rgb{colour}") for words, colour in provenance.legend(shown.provenance)]
    many = {
        label.replace("_", " "): [figure(each.pixels, each.words) for each in drawn if each.label == label]
        for label in dict.fromkeys(picture.label for picture in drawn if picture.many)
    }
    return ShownPictures(figures, True, legend, many)


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
