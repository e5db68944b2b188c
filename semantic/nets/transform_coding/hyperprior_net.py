"""Picture codec with a scale hyperprior, of several qualities in one network [Ballé 2018; Cui 2021]."""

from __future__ import annotations

import math

import torch
from torch import nn

from semcom.semantic.nets.transform_coding.entropy_models import (
    LARGEST_SCALE,
    LEAST_SCALE,
    SCALE_STEP,
    ScaleHyperprior,
)
from semcom.semantic.nets.transform_coding.transforms import REDUCTION, Analysis, Gains, Synthesis, rounded

WIDTH, LATENTS, HYPER_LATENTS, HYPER_WIDTH = 48, 128, 24, 32
LAMBDAS = (32, 64, 128, 256, 512, 1024, 2048)
"""Weight of the mean squared error (values 0..1) against bits per pixel, one a quality."""
STRIDE = 64


class HyperpriorNet(nn.Module):
    """Picture ⇄ latents, 0.8 M parameters.

    ::

        picture ─┬─ analysis ─────+─ × gain ─ round ─► latents ─ ÷ gain ─┬─ synthesis ──────+─► picture
                 └─ linear 16×16 ─┘     └─ hyperprior ─► their scales    └─ linear 16×16 ───┘

    Beside the published transforms there are linear ones, which start as the principal components of blocks of photos:
    training begins where transform coding stands, not at noise. The linear ones alone are a first stage that needs
    seconds; the others are added by a second one.

    Parameters
    ----------
    linear_only : bool
        Without the published transforms.
    width : int
        Channels of the published transforms.

    Input
    -----
    picture : float32 [N, 3, H, W]
        0..1, sides multiples of `STRIDE`.
    """

    STRIDE = STRIDE

    def __init__(self, linear_only: bool = False, width: int = WIDTH) -> None:
        super().__init__()
        self.analysis = None if linear_only else Analysis(3, width, LATENTS)
        self.synthesis = None if linear_only else Synthesis(3, width, LATENTS)
        self.linear_analysis = nn.Conv2d(3, LATENTS, REDUCTION, REDUCTION)
        self.linear_synthesis = nn.ConvTranspose2d(LATENTS, 3, REDUCTION, REDUCTION)
        self.gains = Gains(len(LAMBDAS), LATENTS)
        self.hyperprior = ScaleHyperprior(LATENTS, HYPER_WIDTH, HYPER_LATENTS)

    def latents(self, picture: torch.Tensor, quality: int) -> torch.Tensor:
        """Before rounding, in steps of it."""
        return self.gains.apply_to(self.analysed(picture), quality)

    def analysed(self, picture: torch.Tensor) -> torch.Tensor:
        """Before the gain."""
        linear = self.linear_analysis(picture - 0.5)
        return linear if self.analysis is None else linear + self.analysis(picture - 0.5)

    def picture(self, latents: torch.Tensor, quality: int) -> torch.Tensor:
        """Of rounded latents; values may leave 0..1."""
        undone = self.gains.undo(latents, quality)
        linear = self.linear_synthesis(undone) + 0.5
        return linear if self.synthesis is None else linear + self.synthesis(undone)

    def forward(self, picture: torch.Tensor, quality: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Picture as coded, and bits per pixel."""
        latents = self.latents(picture, quality)
        bits, side_bits = self.hyperprior.bits(latents)
        pixels = picture.shape[0] * picture.shape[2] * picture.shape[3]
        return self.picture(rounded(latents), quality), (bits + side_bits) / pixels


@torch.no_grad()
def start_convolutions(net: HyperpriorNet, linear: HyperpriorNet) -> None:
    """The linear parts of a trained `linear` net, and convolutions that add nothing yet."""
    net.load_state_dict(linear.state_dict(), strict=False)
    for last in (net.analysis[-1], net.synthesis[-1]):
        last.weight.mul_(0.02)
        last.bias.zero_()


@torch.no_grad()
def start_linear(net: HyperpriorNet, blocks: torch.Tensor) -> None:
    """Start as a transform code: principal components of `blocks`, float32 [count, 3, 16, 16], and steps that suit λ.

    The step of a quality is that at which a uniform quantiser of fine steps trades bits for error as λ asks.
    """
    vectors = (blocks - 0.5).reshape(len(blocks), -1).double()
    values, components = torch.linalg.eigh(vectors.T @ vectors / len(vectors))
    chosen = components.flip(1)[:, :LATENTS].T.float()
    kernel = chosen.reshape(LATENTS, 3, REDUCTION, REDUCTION)
    net.linear_analysis.weight.copy_(kernel)
    net.linear_synthesis.weight.copy_(kernel)
    net.linear_analysis.bias.zero_()
    net.linear_synthesis.bias.zero_()
    gains = torch.tensor(LAMBDAS).sqrt() / math.sqrt(6 / math.log(2) * 3)
    net.gains.log_gain.copy_(gains.log()[:, None].expand_as(net.gains.log_gain))
    scales = values.flip(0)[:LATENTS].sqrt().float() * gains[len(gains) // 2]
    numbers = (scales.clamp(LEAST_SCALE, LARGEST_SCALE) / LEAST_SCALE).log() / SCALE_STEP - 2
    net.hyperprior.last.weight.mul_(0.3)
    net.hyperprior.last.bias.copy_(numbers)
