"""The network of the hyperprior codec on one picture: arrays in, arrays out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from semcom.semantic.errors import ModelError
from semcom.semantic.nets.loading import load_weights, read_header
from semcom.semantic.nets.transform_coding.entropy_models import LARGEST_HYPER_LATENT
from semcom.semantic.nets.transform_coding.hyperprior_net import STRIDE, WIDTH, HyperpriorNet

MAX_WIDTH = 192
"""Channels: the paper's."""


class TransformRunner:
    """Analysis, rounding and synthesis.

    Parameters
    ----------
    weights : Path

    Raises
    ------
    ModelError
        Weights that are missing or damaged.
    """

    def __init__(self, weights: Path) -> None:
        self._net = HyperpriorNet(**shape_of(read_header(weights)[1]))
        load_weights(weights, self._net)

    @torch.inference_mode()
    def analysed(self, picture: np.ndarray) -> torch.Tensor:
        """Latents before gain and rounding, float32 [1, channels, rows, columns], of uint8 [height, width, 3]."""
        height, width = picture.shape[:2]
        padded = np.pad(picture, ((0, -height % STRIDE), (0, -width % STRIDE), (0, 0)), mode="edge")
        x = torch.from_numpy(padded.transpose(2, 0, 1)[None].astype(np.float32) / 255)
        return self._net.analysed(x)

    @torch.inference_mode()
    def rounded(self, latents: torch.Tensor, quality: float) -> tuple[np.ndarray, np.ndarray]:
        """Latents and side information as whole numbers, int64 [channels, rows, columns] each."""
        scaled = self._net.gains.apply_to(latents, quality)
        side = self._net.hyperprior.hyper_latents(scaled).round().clamp(-LARGEST_HYPER_LATENT, LARGEST_HYPER_LATENT)
        return _whole(scaled.round()), _whole(side)

    @torch.inference_mode()
    def synthesised(self, numbers: np.ndarray, quality: float, size: tuple[int, int]) -> np.ndarray:
        """uint8 [height, width, 3] of latents int64 [channels, rows, columns]; `size` = (width, height)."""
        latents = torch.from_numpy(numbers[None].astype(np.float32))
        picture = self._net.picture(latents, quality)[0, :, : size[1], : size[0]]
        return (picture * 255).round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).contiguous().numpy()


def shape_of(told: dict[str, str]) -> dict[str, int]:
    """Arguments of `HyperpriorNet` by the metadata of weights."""
    if told.get("transforms") == "linear":
        return {"linear_only": True}
    width = told.get("width", str(WIDTH))
    if not width.isdecimal() or not 1 <= int(width) <= MAX_WIDTH:
        raise ModelError(f"weights: width must be 1 to {MAX_WIDTH}, got {width!r}")
    return {"width": int(width)}


def _whole(x: torch.Tensor) -> np.ndarray:
    return x[0].to(torch.int64).numpy()
