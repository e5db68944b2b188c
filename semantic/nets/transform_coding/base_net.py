"""Seb generator and reference patch generator: patches ⇄ latents whose cluster centres are the semantic bases."""

from __future__ import annotations

import torch
from torch import nn

from semcom.semantic.nets.transform_coding.entropy_models import Factorised
from semcom.semantic.nets.transform_coding.hyperprior_net import LAMBDAS, HyperpriorNet
from semcom.semantic.nets.transform_coding.transforms import REDUCTION, Analysis, Gains, Synthesis, rounded

WIDTH, LATENTS = 8, 48


class BaseNet(nn.Module):
    """Patches ⇄ latents [Zheng, figure 2], 0.1 M parameters.

    ::

        patches ─┬─ analysis ─────+─► F ─ k-means ─► S ─ × gain ─ round ─ ÷ gain ─┬─ synthesis ──────+─► reference
                 └─ linear 16×16 ─┘                                               └─ linear 16×16 ───┘   patches

    The linear transforms beside the published ones are those of `HyperpriorNet`, for the same reason. The paper has
    192 channels; these are what a processor core trains in an hour.

    Input
    -----
    patches : float32 [N, 3, PATCH, PATCH]
        0..1, each coded by itself; PATCH a multiple of 16, 32 in the paper.
    """

    def __init__(self) -> None:
        super().__init__()
        self.analysis, self.synthesis = Analysis(3, WIDTH, LATENTS), Synthesis(3, WIDTH, LATENTS)
        self.linear_analysis = nn.Conv2d(3, LATENTS, REDUCTION, REDUCTION)
        self.linear_synthesis = nn.ConvTranspose2d(LATENTS, 3, REDUCTION, REDUCTION)
        self.gains = Gains(len(LAMBDAS), LATENTS)
        self.prior = Factorised(LATENTS)

    def latents(self, patches: torch.Tensor) -> torch.Tensor:
        """F, float32 [N, LATENTS, PATCH / 16, PATCH / 16], before the gain."""
        return self.linear_analysis(patches - 0.5) + self.analysis(patches - 0.5)

    def patches(self, numbers: torch.Tensor, quality: float) -> torch.Tensor:
        """Reference patches of rounded latents; values may leave 0..1."""
        undone = self.gains.undo(numbers, quality)
        return self.linear_synthesis(undone) + self.synthesis(undone) + 0.5

    def forward(self, bases: torch.Tensor, quality: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Reference patches of bases S that are sent, and bits."""
        scaled = self.gains.apply_to(bases, quality)
        gain = self.gains.apply_to(torch.ones_like(bases[:1]), quality)[0, :, 0, 0]
        return self.patches(rounded(scaled), quality), self.prior.bits(scaled, gain)


@torch.no_grad()
def start_bases(net: BaseNet, linear: HyperpriorNet, patches: torch.Tensor) -> None:
    """The leading linear parts of a trained `linear` net, convolutions that add nothing yet, scales as of `patches`."""
    for mine, theirs in (
        (net.linear_analysis, linear.linear_analysis),
        (net.linear_synthesis, linear.linear_synthesis),
    ):
        mine.weight.copy_(theirs.weight[:LATENTS])
    net.linear_analysis.bias.zero_()
    net.linear_synthesis.bias.zero_()
    net.gains.log_gain.copy_(linear.gains.log_gain[:, :LATENTS])
    for last in (net.analysis[-1], net.synthesis[-1]):
        last.weight.mul_(0.02)
        last.bias.zero_()
    deviation = net.latents(patches).transpose(0, 1).flatten(1).std(1).clamp(min=1e-3)
    net.prior.log_scale.copy_((0.5 * deviation).log().expand(3, -1))
    net.prior.mean.copy_(torch.tensor([0.0, -1.0, 1.0])[:, None] * deviation)
