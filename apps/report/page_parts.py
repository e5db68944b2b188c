"""Pieces of HTML that the pages share: pictures as data, captions with marked entities, the pictures of a packet."""

from __future__ import annotations

import base64
import io
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.semantic import Reconstruction
from semcom.semantic.layers import Caption, showing
from semcom.semantic.reconstruct import provenance

_STYLE = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")


def page(title: str, parts: list[str]) -> str:
    """A whole page without outside references."""
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{escape(title)}</title>"
        f"<meta name='viewport' content='width=device-width, initial-scale=1'><style>{_STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def marked(caption: Caption) -> str:
    """The caption with its entities marked."""
    text, position = "", 0
    for first, last in caption.entities:
        text += escape(caption.text[position:first]) + f"<mark>{escape(caption.text[first:last])}</mark>"
        position = last
    return text + escape(caption.text[position:])


def pictures(shown: Reconstruction, original: np.ndarray | None = None) -> str:
    """All that arrived of a picture; beside the original, where it is known."""
    figures = [] if original is None else [figure(original, "sent: the photo at the sender")]
    if shown.picture is None:
        return f"<div class='grid'>{''.join(figures)}</div><p>No layer that arrived tells the picture's size.</p>"
    figures.append(figure(shown.picture, "received: the reconstruction"))
    drawn = showing.pictures(shown.layers, shown.picture)
    figures += [figure(picture.pixels, picture.words) for picture in drawn if not picture.many]
    shares = provenance.summary(shown.provenance)
    words = (
        f"provenance: pixels received for {shares['pixels_received']:.0%} of the picture at some resolution, "
        f"changed or made up by the generator {shares['generated']:.0%}"
    )
    figures.append(figure(provenance.colour(shown.provenance), words))
    key = "".join(
        f"<span><i class='swatch' style='background:rgb{colour}'></i>{escape(words)}</span>"
        for words, colour in provenance.legend(shown.provenance)
    )
    html = f"<div class='grid'>{''.join(figures)}</div><p class='key'>{key}</p>"
    for label in dict.fromkeys(picture.label for picture in drawn if picture.many):
        small = "".join(figure(picture.pixels, picture.words) for picture in drawn if picture.label == label)
        html += f"<h2>Each {escape(label.replace('_', ' '))}, as received</h2><div class='small'>{small}</div>"
    return html


def figure(picture: np.ndarray, words: str) -> str:
    """A picture with its words."""
    words = escape(words)
    return f"<figure><img alt='{words}' src='{_data_uri(picture)}'><figcaption>{words}</figcaption></figure>"


def _data_uri(picture: np.ndarray) -> str:
    image = Image.fromarray(picture)
    image.thumbnail((1024, 1024), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=86)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
