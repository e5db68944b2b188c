"""Pictures that show no scene: dark ones, one colour, noise, pages of text, drawings; named as what they are.

The networks know photos only, and would find something in all of these.
"""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

from semcom.semantic.extract.appearance import main_colours
from semcom.semantic.extract.sentence import Sentence, join_sentences
from semcom.semantic.layers.caption import Caption

LOOKED_AT_PX = 768
"""Longer side at which pictures are looked at: letters must stay apart."""
DARK = 22.0
"""Nearly all of a dark picture is below this luma, 0..255."""
PLAIN_SPREAD = 4.0
"""Within this of its median is nearly all of a picture of one colour."""
NOISE_LIKENESS = 0.3
"""Correlation of neighbouring pixels below which a picture is noise; photos have 0.8 and more, those of leaves 0.6."""
LEAST_LETTERS = 40
MOST_LETTER_HEIGHT = 0.07
FLAT_SHARE = 0.72
"""Share of pixels that equal their neighbours exactly from which a picture is a drawing."""


def plain_caption(image: np.ndarray) -> Caption | None:
    """What a picture is that shows no scene; None for photos.

    Parameters
    ----------
    image : uint8 [height, width, 3]
    """
    small = _at_most(image, LOOKED_AT_PX)
    luma = small.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    if np.percentile(luma, 99) < DARK:
        return _caption("dark", "picture")
    if np.percentile(np.abs(small - np.median(small, axis=(0, 1))), 99) <= PLAIN_SPREAD:
        return _caption(*([colour] if (colour := _colour(image)) else []), "picture")
    if min(luma.shape) < 16:
        return None
    if _likeness(image) < NOISE_LIKENESS:
        return _caption("picture of", "noise")
    if _is_text(luma):
        return _caption("page of", "text")
    if _is_drawn(image):
        return _caption("drawing")
    return None


def _caption(*words: str) -> Caption:
    """ "A dark picture.": the last word is the entity where it says something."""
    sentence = Sentence().add("a")
    for word in words[:-1]:
        sentence.add(word)
    return join_sentences([sentence.add(words[-1], entity=words[-1] != "picture").finish()])


def _colour(image: np.ndarray) -> str:
    return next(iter(main_colours(image)), "")


def _at_most(image: np.ndarray, longer_side_px: int) -> np.ndarray:
    reduction = -(-max(image.shape[:2]) // longer_side_px)
    return image if reduction == 1 else np.asarray(Image.fromarray(image).reduce(reduction))


def _likeness(image: np.ndarray) -> float:
    """Correlation of pixels with their neighbours, the larger of both directions, in the middle of the picture."""
    rows, columns = (slice(max(0, side // 2 - 256), side // 2 + 256) for side in image.shape[:2])
    part = image[rows, columns].astype(np.float32).mean(axis=2)
    pairs = ((part[:, 1:], part[:, :-1]), (part[1:], part[:-1]))
    return max(
        float(np.corrcoef(a.ravel(), b.ravel())[0, 1]) if min(a.std(), b.std()) > 1e-3 else 1.0 for a, b in pairs
    )


def _is_text(luma: np.ndarray) -> bool:
    """Many spots of about one height, in rows, on an even ground that fills most of the picture."""
    ground = ndimage.median_filter(luma[::8, ::8], 7)
    ground = np.asarray(Image.fromarray(ground).resize(luma.shape[::-1], Image.Resampling.BILINEAR))
    return _has_rows(luma < ground - 35) or _has_rows(luma > ground + 35)


def _has_rows(ink: np.ndarray) -> bool:
    if not 0.01 < ink.mean() < 0.35:
        return False
    spots, _ = ndimage.label(ink, np.ones((3, 3)))
    boxes = ndimage.find_objects(spots)
    heights = np.array([rows.stop - rows.start for rows, _ in boxes])
    widths = np.array([columns.stop - columns.start for _, columns in boxes])
    middles = np.array([(rows.stop + rows.start) / 2 for rows, _ in boxes])
    areas = np.bincount(spots.ravel())[1:]
    real = heights >= 4
    if real.sum() < LEAST_LETTERS:
        return False
    usual = np.median(heights[real])
    alike = real & (heights >= 0.5 * usual) & (heights <= 2 * usual) & (widths <= 30 * usual)
    if areas[alike].sum() < 0.75 * areas.sum() or usual > MOST_LETTER_HEIGHT * ink.shape[0]:
        return False
    return _in_rows(middles[alike], usual)


def _in_rows(middles: np.ndarray, height_px: float) -> bool:
    """Whether most spots share their height in the picture with many others, and rows keep their distance."""
    neighbours = np.abs(middles[:, None] - middles[None, :]) < 0.35 * height_px
    between = np.abs(np.abs(middles[:, None] - middles[None, :]) - height_px) < 0.35 * height_px
    same, apart = neighbours.sum(axis=1) - 1, between.sum(axis=1)
    return bool(np.mean((same >= 5) & (same > 1.5 * apart)) > 0.55)


def _is_drawn(image: np.ndarray) -> bool:
    """Whether most pixels equal the one beside and the one below exactly, and it is not one overexposed ground."""
    same = (image[1:, 1:] == image[:-1, 1:]).all(axis=2) & (image[1:, 1:] == image[1:, :-1]).all(axis=2)
    return bool(same.mean() > FLAT_SHARE)
