"""Pictures for people: the labelled class map, the objects, outlines and provenance with their words on them."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from semcom.semantic.layers import ClassMap, DetailMap, Objects
from semcom.semantic.vocabulary import NO_LABEL

MAX_SHOWN_SIDE = 1600
MIN_SHOWN_SIDE = 64
MIN_LABELLED_SHARE = 0.008
_RIM, _DARK = 2, (20, 20, 24)
PAPER, INK = (250, 249, 246), (30, 30, 34)


def class_map_picture(class_map: ClassMap) -> np.ndarray:
    """The class map in the vocabulary's colours, segments outlined, the larger ones named.

    Returns
    -------
    uint8 [height, width, 3]
        Of the picture's size, or smaller in the same shape where a side exceeds `MAX_SHOWN_SIDE`.
    """
    width, height = shown_size(class_map.width, class_map.height)
    labels = class_map.shown(width, height)
    picture = class_map.vocabulary.colour_map(labels).astype(np.float32)
    border = np.zeros(labels.shape, bool)
    border[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    border[1:] |= labels[1:] != labels[:-1]
    picture[border] *= 0.55
    image = Image.fromarray(picture.astype(np.uint8))
    draw = ImageDraw.Draw(image)
    font = _font(max(11, min(width, height) // 30))
    for label in np.unique(labels[labels != NO_LABEL]):
        components, count = ndimage.label(labels == label)
        sizes = np.bincount(components.ravel(), minlength=count + 1)[1:]
        for number in np.flatnonzero(sizes >= MIN_LABELLED_SHARE * labels.size) + 1:
            x, y = _deepest_point(components == number)
            _write(draw, (x, y), class_map.vocabulary[int(label)].name, font, anchor="mm")
    return np.asarray(image)


def objects_picture(objects: Objects, ground: np.ndarray) -> np.ndarray:
    """Boxes with category, number and score over a picture.

    Parameters
    ----------
    objects : Objects
    ground : uint8 [height, width, 3]
        Any size; boxes are scaled to it.
    """
    image = Image.fromarray(ground)
    width, height = image.size
    draw = ImageDraw.Draw(image)
    font = _font(max(11, min(width, height) // 34))
    for item in reversed(objects.items):
        category = objects.vocabulary[item.category]
        x0, x1 = (value * width // objects.width for value in (item.box[0], item.box[2]))
        y0, y1 = (value * height // objects.height for value in (item.box[1], item.box[3]))
        draw.rectangle(
            (x0, y0, max(x0, x1 - 1), max(y0, y1 - 1)), outline=category.colour, width=max(2, min(width, height) // 180)
        )
        _write(draw, (x0 + 3, y0 + 3), f"{item.object_id} {category.name} {item.score:.0%}", font, anchor="la")
    return np.asarray(image)


def detail_map_picture(detail_map: DetailMap) -> np.ndarray:
    """Boundaries as ink on paper: uint8 [height, width, 3]."""
    width, height = shown_size(detail_map.width, detail_map.height)
    edges = detail_map.shown(width, height)
    return np.where(edges[:, :, None], np.uint8(INK), np.uint8(PAPER))


def shown_size(width: int, height: int) -> tuple[int, int]:
    """Size a picture is shown at: its own, or fitted into `MAX_SHOWN_SIDE` as long as it stays wide enough to see."""
    scale = min(1.0, max(MAX_SHOWN_SIDE / max(width, height), MIN_SHOWN_SIDE / min(width, height)))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _deepest_point(mask: np.ndarray) -> tuple[int, int]:
    """Where a name fits best: the point farthest from the segment's edge, looked for at a quarter of the resolution."""
    step = max(1, max(mask.shape) // 200)
    depth = ndimage.distance_transform_edt(np.pad(mask[::step, ::step], 1))[1:-1, 1:-1]
    row, column = np.unravel_index(int(np.argmax(depth)), depth.shape)
    return int(column * step), int(row * step)


def _write(draw: ImageDraw.ImageDraw, position: tuple[int, int], words: str, font, anchor: str) -> None:
    """Words with a dark rim, readable over any colour; moved inside the picture, left out where they do not fit."""
    x0, y0, x1, y1 = draw.textbbox(position, words, font=font, anchor=anchor, stroke_width=_RIM)
    width, height = draw.im.size
    if x1 - x0 > width or y1 - y0 > height:
        return
    x = position[0] - min(x0, 0) - max(x1 - width, 0)
    y = position[1] - min(y0, 0) - max(y1 - height, 0)
    draw.text((x, y), words, font=font, fill=(255, 255, 255), stroke_width=_RIM, stroke_fill=_DARK, anchor=anchor)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
