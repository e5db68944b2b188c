"""CLIP: how well a sentence goes with a picture, or two pictures with each other, to a large network.

Needs the extra ``pretrained`` and a CLIP model the user has on disk; nothing is fetched.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from semcom.semantic.errors import ModelError


class ClipScore:
    """Cosine of CLIP embeddings, -1..1.

    Parameters
    ----------
    folder : path
        A CLIP model in the layout of the package ``transformers``, weights as safetensors.

    Raises
    ------
    ModelError
        The extra is not installed, or the folder holds no such model.
    """

    def __init__(self, folder: Path | str) -> None:
        try:
            from transformers import AutoProcessor, CLIPModel
        except ImportError as error:
            raise ModelError('CLIP needs the package transformers: pip install "gr-semcom[pretrained]"') from error
        try:
            options = {"local_files_only": True}
            self._model = CLIPModel.from_pretrained(str(folder), use_safetensors=True, **options).eval()
            self._processor = AutoProcessor.from_pretrained(str(folder), backend="pil", **options)
        except (OSError, ValueError) as error:
            raise ModelError(f"{folder}: must hold a CLIP model with safetensors weights, got: {error}") from error

    def of_text(self, picture: np.ndarray, sentence: str) -> float:
        """Picture, uint8 [height, width, 3], against a sentence."""
        words = self._processor(text=[sentence], return_tensors="pt", truncation=True)
        return _cosine(self._picture(picture), _features(self._model.get_text_features(**words)))

    def of_pictures(self, one: np.ndarray, other: np.ndarray) -> float:
        """Two pictures, uint8 [height, width, 3] each."""
        return _cosine(self._picture(one), self._picture(other))

    def _picture(self, picture: np.ndarray) -> np.ndarray:
        pixels = self._processor(images=[picture], return_tensors="pt")
        return _features(self._model.get_image_features(**pixels))


def _features(out: Any) -> np.ndarray:
    """float32 [features] of the one thing asked for; version 5 of transformers wraps them."""
    return getattr(out, "pooler_output", out).detach().numpy()[0]


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / max(np.linalg.norm(one) * np.linalg.norm(other), 1e-12))
