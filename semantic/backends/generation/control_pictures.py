"""Maps that were received → pictures as ControlNets know them: ADE20K's colours, and white lines on black."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import yaml
from PIL import Image
from scipy import ndimage

from semcom.semantic.layers import ClassMap, DetailMap
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary

FILE = Path(__file__).parent / "ade_colours.yml"
UNLABELLED = (0, 0, 0)
LINE_PX = 2
"""Least width of a line at the size of the network's picture: thinner ones vanish in its first convolutions."""


def segmentation_picture(content: ClassMap, width: int, height: int) -> np.ndarray:
    """uint8 [height, width, 3]: each category in the colour of the label of ADE20K that stands for it."""
    return _palette(content.vocabulary.full_name)[content.shown(width, height)]


def line_picture(content: DetailMap, width: int, height: int) -> np.ndarray:
    """uint8 [height, width, 3]: boundaries white on black, at least `LINE_PX` wide."""
    edges = Image.fromarray(content.edges.astype(np.uint8) * 255)
    box = (0, 0, content.width / content.divisor, content.height / content.divisor)  # the last cells reach beyond it
    lines = np.asarray(edges.resize((width, height), Image.Resampling.BOX, box=box)) > 0
    lines = ndimage.binary_dilation(lines, np.ones((LINE_PX, LINE_PX)))
    return np.repeat(lines[..., None].astype(np.uint8) * 255, 3, axis=2)


@lru_cache(maxsize=4)
def _palette(vocabulary_name: str) -> np.ndarray:
    """uint8 [256, 3]: colour of each id of a vocabulary; `UNLABELLED` for categories that the file does not have."""
    read = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    colours = np.full((256, 3), UNLABELLED, np.uint8)
    for category in Vocabulary.load(vocabulary_name):
        if category.name in read and category.id != NO_LABEL:
            colours[category.id] = read[category.name]["colour"]
    return colours
