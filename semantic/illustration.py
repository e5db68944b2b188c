"""What the drawings of all layers share: the size at which they are shown, words on pictures, PNG."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

MAX_SHOWN_SIDE = 1600
MIN_SHOWN_SIDE = 64
_RIM, _DARK = 2, (20, 20, 24)
PAPER, INK = (250, 249, 246), (30, 30, 34)


def shown_size(width: int, height: int) -> tuple[int, int]:
    """Size a picture is shown at: its own, or fitted into `MAX_SHOWN_SIDE` as long as it stays wide enough to see."""
    scale = min(1.0, max(MAX_SHOWN_SIDE / max(width, height), MIN_SHOWN_SIDE / min(width, height)))
    return max(1, round(width * scale)), max(1, round(height * scale))


def write_words(draw: ImageDraw.ImageDraw, position: tuple[int, int], words: str, size: int, anchor: str) -> None:
    """Words with a dark rim, readable over any colour; moved inside the picture, left out where they do not fit."""
    font = ImageFont.load_default(size)
    x0, y0, x1, y1 = draw.textbbox(position, words, font=font, anchor=anchor, stroke_width=_RIM)
    width, height = draw.im.size
    if x1 - x0 > width or y1 - y0 > height:
        return
    x = position[0] - min(x0, 0) - max(x1 - width, 0)
    y = position[1] - min(y0, 0) - max(y1 - height, 0)
    draw.text((x, y), words, font=font, fill=(255, 255, 255), stroke_width=_RIM, stroke_fill=_DARK, anchor=anchor)


def png(picture: np.ndarray) -> bytes:
    """A picture, uint8 [height, width, 3], as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()
