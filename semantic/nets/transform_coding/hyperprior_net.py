"""Picture codec with a scale hyperprior, of several qualities in one network [Ballé 2018; Cui 2021]."""

from __future__ import annotations

import torch
from torch import nn

from semcom.semantic.nets.transform_coding.entropy_models import ScaleHyperprior
from semcom.semantic.nets.transform_coding.transforms import Analysis, Gains, Synthesis, rounded

WIDTH, LATENTS, HYPER_LATENTS, HYPER_WIDTH = 48, 96, 24, 32
LAMBDAS = (32, 64, 128, 256, 512, 1024, 2048)
"""Weight of the mean squared error (values 0..1) against bits per pixel, one a quality."""
STRIDE = 64


class HyperpriorNet(nn.Module):
    """Picture ⇄ latents, 0.5 M parameters.

    ::

        picture ─ analysis ─ × gain ─ round ─► latents ─ ÷ gain ─ synthesis ─► picture
                                └─ hyperprior ─► scales of the latents

    Input
    -----
    picture : float32 [N, 3, H, W]
        0..1, sides multiples of `STRIDE`.
    """

    STRIDE = STRIDE

    def __init__(self) -> None:
        super().__init__()
        self.analysis = Analysis(3, WIDTH, LATENTS)
        self.synthesis = Synthesis(3, WIDTH, LATENTS)
        self.gains = Gains(len(LAMBDAS), LATENTS)
        self.hyperprior = ScaleHyperprior(LATENTS, HYPER_WIDTH, HYPER_LATENTS)

    def latents(self, picture: torch.Tensor, quality: int) -> torch.Tensor:
        """Before rounding, in steps of it."""
        return self.gains.apply_to(self.analysis(picture - 0.5), quality)

    def picture(self, latents: torch.Tensor, quality: int) -> torch.Tensor:
        """Of rounded latents; values may leave 0..1."""
        return self.synthesis(self.gains.undo(latents, quality)) + 0.5

    def forward(self, picture: torch.Tensor, quality: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Picture as coded, and bits per pixel."""
        latents = self.latents(picture, quality)
        bits, side_bits = self.hyperprior.bits(latents)
        pixels = picture.shape[0] * picture.shape[2] * picture.shape[3]
        return self.picture(rounded(latents), quality), (bits + side_bits) / pixels
