"""What of a reconstructed picture was received and what was made up: one byte a pixel.

Bits 0-3: resolution at which pixels were received: 0 none, 1 full, 2 half, 3 quarter, ... (15 at most).
Bit 4: the shape here was received (class map or detail map). Bit 5: a model made up the content here, or changed it
visibly.
"""

from __future__ import annotations

import math

import numpy as np

from semcom.semantic.layers.caption import Caption, word_spans

RESOLUTION_MASK = 15
SHAPE_RECEIVED = 16
GENERATED = 32

_NOTHING = (24, 24, 28)
_SHAPE_ONLY = (92, 84, 150)
_RESOLUTIONS = ((255, 214, 90), (250, 170, 80), (230, 120, 90), (190, 90, 100), (140, 72, 104))
_GENERATED_TINT = (60, 190, 170)


def resolution_level(reduction: float) -> int:
    """Level for pixels received at 1/`reduction` of the picture's resolution: 1 for full, 2 for half, ..."""
    return min(RESOLUTION_MASK, 1 + max(0, round(math.log2(max(reduction, 1.0)))))


def colour(provenance: np.ndarray) -> np.ndarray:
    """The map as a person looks at it.

    Parameters
    ----------
    provenance : uint8 [height, width]

    Returns
    -------
    uint8 [height, width, 3]
        Yellow to plum: pixels received, from full resolution to coarse. Violet: shape only. Dark: nothing.
        A turquoise tint: changed or made up by a model.
    """
    table = np.zeros((64, 3), np.uint8)
    for code in range(64):
        level = code & RESOLUTION_MASK
        if level:
            base = np.array(_RESOLUTIONS[min((level - 1), len(_RESOLUTIONS) - 1)], float)
        else:
            base = np.array(_SHAPE_ONLY if code & SHAPE_RECEIVED else _NOTHING, float)
        if code & GENERATED:
            base = 0.55 * base + 0.45 * np.array(_GENERATED_TINT)
        table[code] = np.rint(base)
    return table[provenance & 63]


_RESOLUTION_WORDS = ("at full resolution", "at half", "at a quarter", "at an eighth", "coarser")


def legend(provenance: np.ndarray) -> list[tuple[str, tuple[int, int, int]]]:
    """(words, colour) for reports: what occurs in this map, in the order of how much of it there is."""
    known = RESOLUTION_MASK | GENERATED
    plain = np.where(provenance & RESOLUTION_MASK, provenance & known, provenance & (known | SHAPE_RECEIVED))
    codes, counts = np.unique(plain, return_counts=True)
    table: dict[str, tuple[int, int, int]] = {}
    for code in codes[np.argsort(-counts, kind="stable")]:
        shown = colour(np.array([[code]], np.uint8))[0, 0]
        table.setdefault(_in_words(int(code)), tuple(int(value) for value in shown))
    return list(table.items())


def _in_words(code: int) -> str:
    level, generated = code & RESOLUTION_MASK, bool(code & GENERATED)
    if level:
        words = "pixels received " + _RESOLUTION_WORDS[min(level, len(_RESOLUTION_WORDS)) - 1]
        return words + (", changed by the generator" if generated else "")
    if code & SHAPE_RECEIVED:
        return "shape received, content " + ("generated" if generated else "drawn")
    return "nothing received" + (", generated" if generated else "")


def words_guessed(caption: Caption | None) -> dict[str, float]:
    """Share of the caption's words that a repairer guessed, 0..1: `words_guessed`; nothing where it guessed none."""
    if caption is None or not caption.guessed:
        return {}
    words = word_spans(caption.text)
    guessed = [any(a < last and first < b for a, b in caption.guessed) for first, last in words]
    return {"words_guessed": sum(guessed) / max(len(words), 1)}


def summary(provenance: np.ndarray) -> dict[str, float]:
    """Shares of the picture, 0..1: `pixels_received`, `shape_received`, `generated`, `nothing`."""
    received = (provenance & RESOLUTION_MASK) > 0
    shape = (provenance & SHAPE_RECEIVED) > 0
    generated = (provenance & GENERATED) > 0
    return {
        "pixels_received": float(received.mean()),
        "shape_received": float(shape.mean()),
        "generated": float(generated.mean()),
        "nothing": float((~received & ~shape).mean()),
    }
