"""Probability models of latents while they are trained: factorised, and Gaussian with the scale from a hyperprior.

The codec itself uses tables of integers counted afterwards (``semantic.coding.latents``); these models make rates that
can be differentiated. The hyper-decoder computes as the integer one of ``semantic.coding.latents`` does: weights in
64ths, activations in eighths, so that what is trained is what is coded.

References
----------
[Ballé 2018] Variational image compression with a scale hyperprior.
"""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional

from semcom.semantic.nets.transform_coding.transforms import rounded, with_noise

NUM_SCALES = 32
LEAST_SCALE, LARGEST_SCALE = 0.11, 48.0
WEIGHT_UNIT, ACTIVATION_UNIT = 64, 8
LARGEST_ACTIVATION = 255 / ACTIVATION_UNIT
LARGEST_HYPER_LATENT = 15
# the logarithm of the scale grows by this from one number of a scale to the next
SCALE_STEP = math.log(LARGEST_SCALE / LEAST_SCALE) / (NUM_SCALES - 1)
_LEAST_LIKELIHOOD = 1e-6


class Factorised(nn.Module):
    """Each channel by itself: a mixture of three logistic distributions.

    `bits` are those of rounding `latents` that were multiplied by `gain`: the density is of what was not multiplied.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(3, channels))
        self.mean = nn.Parameter(torch.tensor([0.0, -1.0, 1.0])[:, None].repeat(1, channels))
        self.log_scale = nn.Parameter(torch.tensor([0.0, 0.5, 0.5])[:, None].repeat(1, channels))

    def _cumulative(self, x: torch.Tensor) -> torch.Tensor:
        parts = torch.sigmoid(
            (x[None] - self.mean[:, None, :, None, None]) * (-self.log_scale[:, None, :, None, None]).exp()
        )
        return (self.weight.softmax(0)[:, None, :, None, None] * parts).sum(0)

    def bits(self, latents: torch.Tensor, gain: torch.Tensor | None = None) -> torch.Tensor:
        """Total bits of latents [N, C, h, w], noise in place of rounding; `gain` [C] or None."""
        step = 1.0 if gain is None else (1 / gain)[:, None, None]
        noisy = with_noise(latents) * step
        likelihood = self._cumulative(noisy + 0.5 * step) - self._cumulative(noisy - 0.5 * step)
        return -likelihood.clamp(min=_LEAST_LIKELIHOOD).log2().sum()


class ScaleHyperprior(nn.Module):
    """Side information that says how large latents are, place by place.

    ::

        |latents| ─ conv3 ─ conv5 s2 ─ conv5 s2 ─► z, rounded ─ ↑2 conv3 ─ ↑2 conv3 ─ conv1 ─► number of the scale
                                                                └──── integers only ────┘

    Parameters
    ----------
    latents, width, hyper_latents : int
        Channels.
    """

    def __init__(self, latents: int, width: int, hyper_latents: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(latents, width, 3, 1, 1), nn.ReLU(),
            nn.Conv2d(width, width, 5, 2, 2), nn.ReLU(),
            nn.Conv2d(width, hyper_latents, 5, 2, 2),
        )  # fmt: skip
        self.first = nn.Conv2d(hyper_latents, width, 3, 1, 1)
        self.second = nn.Conv2d(width, width, 3, 1, 1)
        self.last = nn.Conv2d(width, latents, 1)
        nn.init.constant_(self.last.bias, 6.0)
        self.prior = Factorised(hyper_latents)

    def hyper_latents(self, latents: torch.Tensor) -> torch.Tensor:
        """Before rounding, within what the coder takes."""
        return self.encoder(latents.abs()).clamp(-LARGEST_HYPER_LATENT, LARGEST_HYPER_LATENT)

    def scale_numbers(self, z: torch.Tensor) -> torch.Tensor:
        """float32 [N, latents, 4·h, 4·w] whole numbers 0..NUM_SCALES - 1, of rounded z."""
        x = _activation(_coarse_conv(functional.interpolate(z, scale_factor=2.0, mode="nearest"), self.first))
        x = _activation(_coarse_conv(functional.interpolate(x, scale_factor=2.0, mode="nearest"), self.second))
        return rounded(_coarse_conv(x, self.last)).clamp(0, NUM_SCALES - 1)

    def bits(self, latents: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Bits of the latents and of the side information."""
        z = self.hyper_latents(latents)
        scale = LEAST_SCALE * (self.scale_numbers(rounded(z)) * SCALE_STEP).exp()
        return gaussian_bits(with_noise(latents), scale), self.prior.bits(z)


def gaussian_bits(noisy: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Bits of a rounded Gaussian of mean zero."""
    magnitude = noisy.abs()
    likelihood = torch.special.ndtr((0.5 - magnitude) / scale) - torch.special.ndtr((-0.5 - magnitude) / scale)
    return -likelihood.clamp(min=_LEAST_LIKELIHOOD).log2().sum()


def coarse(x: torch.Tensor, unit: int) -> torch.Tensor:
    """Rounded half up to 1/unit, as integers with a shift do it, with the gradient of the identity."""
    return x + (torch.floor(x * unit + 0.5) / unit - x).detach()


def _activation(x: torch.Tensor) -> torch.Tensor:
    return coarse(x, ACTIVATION_UNIT).clamp(0, LARGEST_ACTIVATION)


def _coarse_conv(x: torch.Tensor, conv: nn.Conv2d) -> torch.Tensor:
    weight = coarse(conv.weight, WEIGHT_UNIT)
    return functional.conv2d(x, weight, coarse(conv.bias, WEIGHT_UNIT), padding=conv.padding)
