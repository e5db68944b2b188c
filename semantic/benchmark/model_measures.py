"""What models of others say of a received picture and its caption, where they are at hand: LPIPS, CLIP, MiniLM."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from semcom.semantic.errors import ModelError
from semcom.semantic.metrics.clip import ClipScore
from semcom.semantic.metrics.lpips import Lpips

LEAST_SIDE_PX = 64
"""Of a picture that LPIPS looks at."""


@dataclass(frozen=True)
class Measured:
    """Figures; None where the model is not at hand, or the picture is too small for it.

    Attributes
    ----------
    lpips : float or None
        Distance of the pictures, 0 for equal ones.
    clip_picture, clip_text : float or None
        Cosine of the received picture with the original, and with the best of the reference captions.
    caption_similarity : float or None
        Cosine of the received caption with the nearest reference caption.
    """

    lpips: float | None = None
    clip_picture: float | None = None
    clip_text: float | None = None
    caption_similarity: float | None = None


class ModelMeasures:
    """The models that are at hand.

    Parameters
    ----------
    lpips_folder, clip_folder : path, optional
        As `Lpips` and `ClipScore` take them; without one there are no such figures.
    sentences : callable, optional
        Sentences → unit vectors; by default MiniLM, where its package is installed.

    Raises
    ------
    ModelError
        A folder that is named does not hold the model.
    """

    def __init__(self, lpips_folder: Path | None = None, clip_folder: Path | None = None, sentences=None) -> None:
        self._lpips = Lpips(lpips_folder) if lpips_folder is not None else None
        self._clip = ClipScore(clip_folder) if clip_folder is not None else None
        self._sentences = sentences or _sentence_model()

    def __call__(self, original: np.ndarray, received: np.ndarray, caption: str, references: Sequence[str]) -> Measured:
        """Of pictures uint8 [height, width, 3] of one size, a received caption, and captions to compare it with."""
        large = min(original.shape[:2]) >= LEAST_SIDE_PX
        return Measured(
            lpips=self._lpips(original, received) if self._lpips is not None and large else None,
            clip_picture=self._clip.of_pictures(original, received) if self._clip is not None else None,
            clip_text=max((self._clip.of_text(received, text) for text in references), default=None)
            if self._clip is not None
            else None,
            caption_similarity=self._similarity(caption, references),
        )

    def _similarity(self, caption: str, references: Sequence[str]) -> float | None:
        if self._sentences is None or not caption or not references:
            return None
        return float((self._sentences([caption]) @ self._sentences(list(references)).T).max())


def _sentence_model():
    try:
        from semcom.semantic.nets.minilm import SentenceModel

        return SentenceModel()
    except (ImportError, ModelError):
        return None
