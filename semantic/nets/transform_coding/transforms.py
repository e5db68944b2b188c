"""Analysis and synthesis transforms: 5 × 5 convolutions with generalised divisive normalisation [Ballé 2016]."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

REDUCTION = 16
"""Pixels along a side of one latent."""


class Gdn(nn.Module):
    """Generalised divisive normalisation, y_i = x_i / sqrt(β_i + Σ_j γ_ij x_j²), or its approximate inverse.

    Parameters
    ----------
    channels : int
    inverse : bool
        Multiply by the root instead.
    """

    def __init__(self, channels: int, inverse: bool = False) -> None:
        super().__init__()
        self.inverse = inverse
        self.beta_root = nn.Parameter(torch.ones(channels))
        self.gamma_root = nn.Parameter((0.1 * torch.eye(channels) + 1e-4).sqrt())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        gamma = (self.gamma_root**2)[:, :, None, None]
        norm = functional.conv2d(x * x, gamma, self.beta_root**2 + 1e-6)
        return x * (norm.sqrt() if self.inverse else norm.rsqrt())


class Analysis(nn.Sequential):
    """Picture → latents.

    ::

        conv5 s2 ─ GDN ─ conv5 s2 ─ GDN ─ conv5 s2 ─ GDN ─ conv5 s2

    Input
    -----
    picture : float32 [N, inputs, H, W]

    Output
    ------
    latents : float32 [N, latents, H/16, W/16]
    """

    def __init__(self, inputs: int, width: int, latents: int) -> None:
        sides = (inputs, width, width, width, latents)
        layers: list[nn.Module] = []
        for number, (before, after) in enumerate(pairwise(sides)):
            layers.append(nn.Conv2d(before, after, 5, 2, 2))
            if number < len(sides) - 2:
                layers.append(Gdn(after))
        super().__init__(*layers)


class Synthesis(nn.Sequential):
    """Latents → picture, the mirror of `Analysis` with inverse GDN.

    Input
    -----
    latents : float32 [N, latents, h, w]

    Output
    ------
    picture : float32 [N, outputs, 16·h, 16·w]
    """

    def __init__(self, outputs: int, width: int, latents: int) -> None:
        sides = (latents, width, width, width, outputs)
        layers: list[nn.Module] = []
        for number, (before, after) in enumerate(pairwise(sides)):
            layers.append(nn.ConvTranspose2d(before, after, 5, 2, 2, output_padding=1))
            if number < len(sides) - 2:
                layers.append(Gdn(after, inverse=True))
        super().__init__(*layers)


class Gains(nn.Module):
    """A gain per channel for each quality: one network serves several trade-offs of rate and distortion [Cui 2021].

    Parameters
    ----------
    qualities, channels : int
    """

    def __init__(self, qualities: int, channels: int) -> None:
        super().__init__()
        start = torch.linspace(0.0, 1.4, qualities)[:, None].expand(qualities, channels)
        self.log_gain = nn.Parameter(start.clone())
        self.log_inverse = nn.Parameter(torch.zeros(qualities, channels))

    def apply_to(self, latents: torch.Tensor, quality: float) -> torch.Tensor:
        """Latents in units of one step of their rounding; a quality between two has gains between theirs."""
        return latents * _between(self.log_gain, quality).exp()[:, None, None]

    def undo(self, rounded: torch.Tensor, quality: float) -> torch.Tensor:
        """Rounded latents as the synthesis takes them."""
        return rounded * (_between(self.log_inverse, quality) - _between(self.log_gain, quality)).exp()[:, None, None]


def _between(values: torch.Tensor, quality: float) -> torch.Tensor:
    """Row of [qualities, channels] for a quality that need not be whole."""
    below = int(quality)
    if below == quality:
        return values[below]
    return torch.lerp(values[below], values[below + 1], quality - below)


def rounded(x: torch.Tensor) -> torch.Tensor:
    """Rounds, with the gradient of the identity."""
    return x + (x.round() - x).detach()


def with_noise(x: torch.Tensor) -> torch.Tensor:
    """Uniform noise in place of rounding, for rates that can be differentiated."""
    return x + torch.rand_like(x) - 0.5
