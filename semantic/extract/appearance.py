"""What things and pictures look like, in words: the colour of a thing, of clothes, of a picture, and its light."""

from __future__ import annotations

import numpy as np

from semcom.semantic.extract.colour_names import colour_name, colour_shares
from semcom.semantic.layers.objects import SceneObject

COLOURED_GROUPS = ("vehicle", "animal", "furniture", "object")
"""Groups whose members have a colour of their own."""

CLOTHES_ROWS = (0.22, 0.6)
"""Part of a person's box, from its top, where a shirt or a jacket is."""
SKIN_AND_SHADE = ("brown", "orange", "pink", "grey")
"""Not taken for the colour of clothes."""
CLOTHES_SHARE = 0.45

MAIN_SHARE = 0.25
NIGHT_LUMA = 45.0


def thing_colour(image: np.ndarray, labels: np.ndarray, item: SceneObject) -> str | None:
    """The colour most of a thing has; None where there is no such colour.

    Parameters
    ----------
    image : uint8 [height, width, 3]
    labels : uint8 [height, width]
        Class map.
    item : SceneObject
    """
    x0, y0, x1, y1 = item.box
    return colour_name(image[y0:y1, x0:x1][labels[y0:y1, x0:x1] == item.category])


def clothes_colour(image: np.ndarray, labels: np.ndarray, item: SceneObject) -> str | None:
    """The colour a person wears, where it is one that skin and shadow have not."""
    x0, y0, x1, y1 = item.box
    top, bottom = (round(y0 + share * (y1 - y0)) for share in CLOTHES_ROWS)
    inside = labels[top:bottom, x0:x1] == item.category
    colour = colour_name(image[top:bottom, x0:x1][inside], CLOTHES_SHARE)
    return None if colour in SKIN_AND_SHADE else colour


def main_colours(image: np.ndarray) -> list[str]:
    """The one or two colours of a picture, commonest first; empty where it has many."""
    shares = colour_shares(image.reshape(-1, 3))
    return [word for word, share in sorted(shares.items(), key=lambda pair: -pair[1]) if share >= MAIN_SHARE][:2]


def is_night(image: np.ndarray) -> bool:
    """Whether a picture of the outdoors is as dark as a night."""
    return float(image[::4, ::4].mean()) < NIGHT_LUMA
