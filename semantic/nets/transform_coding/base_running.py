"""Seb generator and reference patch generator on patches: arrays in, arrays out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from semcom.semantic.nets.loading import load_weights
from semcom.semantic.nets.transform_coding.base_net import BaseNet

_TOGETHER = 256


class BaseRunner:
    """Analysis, rounding and synthesis of patches; `ModelError` where weights are missing or damaged.

    Parameters
    ----------
    weights : Path
    """

    def __init__(self, weights: Path) -> None:
        self._net = BaseNet()
        load_weights(weights, self._net)

    @torch.inference_mode()
    def latents(self, patches: np.ndarray) -> np.ndarray:
        """float32 [patches, channels, 2, 2] before the gain, of uint8 [patches, 32, 32, 3]."""
        made = []
        for start in range(0, len(patches), _TOGETHER):
            part = patches[start : start + _TOGETHER].transpose(0, 3, 1, 2).astype(np.float32) / 255
            made.append(self._net.latents(torch.from_numpy(part)).numpy())
        return np.concatenate(made)

    @torch.inference_mode()
    def rounded(self, latents: np.ndarray, quality: float) -> np.ndarray:
        """Whole numbers, int64, of the same shape."""
        return self._net.gains.apply_to(torch.from_numpy(latents), quality).round().to(torch.int64).numpy()

    @torch.inference_mode()
    def patches(self, numbers: np.ndarray, quality: float) -> np.ndarray:
        """uint8 [patches, 32, 32, 3] of whole numbers, int64 [patches, channels, 2, 2]."""
        made = []
        for start in range(0, len(numbers), _TOGETHER):
            part = torch.from_numpy(numbers[start : start + _TOGETHER].astype(np.float32))
            pixels = (self._net.patches(part, quality) * 255).round().clamp(0, 255)
            made.append(pixels.to(torch.uint8).permute(0, 2, 3, 1).numpy())
        return np.concatenate(made)
