"""Optical flow between a picture and a reference of it: coarse to fine, one small network for all levels.

References
----------
[Ranjan 2017] SpyNet: a residual flow at each level of a pyramid, after the reference is warped by the one before.
[Sun 2018] PWC-Net: the network is shown how well near shifts fit, not the pictures alone.
[Zheng §II-C] where Seb uses such a network.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

LEVELS = 3
"""Of the pyramid; the finest is half of the picture's size."""
REACH = 2
"""Pixels of a level to each side that a level looks for."""
_CHANNELS = 32
_LUMA = (0.299, 0.587, 0.114)
_FINE_SIDE, _COARSE_SIDE = 5, 9
"""Pixels: over which fits are averaged, and over which brightness that is subtracted first."""
_LEAST_CONTRAST, _START_WEIGHT = 0.02, 8.0


class FlowNet(nn.Module):
    """Where each pixel of a picture lies in its reference; 0.04 M parameters, the same at each level.

    ::

        picture ─ luma ─ ↓ ─ detail ───────┐
                                           ├─ costs of S shifts ─┬─── · −w ──┐
        reference ─ luma ─ ↓ ─ detail ─────┘                     └─ convs ─ + S ─ mean shift ─ + ─▶ flow, ↑2
                                 └ warped by the flow of the coarser level, ↑2                └ + 2 ─ that flow

    S is (2 · REACH + 1)². What the convolutions add says which shift to trust, and the part of a pixel beyond. Without
    them it is a coarse-to-fine search. Brightness is subtracted around each pixel first: it is compensated by itself.

    Input
    -----
    picture, reference : float32 [N, 3, H, W]
        0..1; H and W multiples of `STRIDE`.

    Output
    ------
    flows : list of float32 [N, 2, h, w]
        From the coarsest level to the finest, [right, down] in pixels of the level:
        picture(x) is about reference(x + flow(x)).
    """

    STRIDE = 1 << LEVELS

    def __init__(self) -> None:
        super().__init__()
        edge = range(-REACH, REACH + 1)
        shifts = torch.tensor([[right for _ in edge for right in edge], [down for down in edge for _ in edge]])
        self.register_buffer("shifts", shifts.float(), persistent=False)
        count = shifts.shape[1]
        self.layers = nn.Sequential(
            nn.Conv2d(count + 4, _CHANNELS, 3, padding=1),
            nn.LeakyReLU(0.1),
            nn.Conv2d(_CHANNELS, _CHANNELS, 3, padding=1),
            nn.LeakyReLU(0.1),
            nn.Conv2d(_CHANNELS, _CHANNELS, 3, padding=2, dilation=2),
            nn.LeakyReLU(0.1),
            nn.Conv2d(_CHANNELS, count + 2, 3, padding=1),
        )
        self.weight = nn.Parameter(torch.tensor(_START_WEIGHT))
        with torch.no_grad():
            self.layers[-1].weight.mul_(0.1)
            self.layers[-1].bias.zero_()

    def forward(self, picture: torch.Tensor, reference: torch.Tensor) -> list[torch.Tensor]:
        levels = list(zip(_pyramid(picture), _pyramid(reference), strict=True))[::-1]
        count, _, height, width = levels[0][0].shape
        flow, flows = picture.new_zeros(count, 2, height, width), []
        for wanted, there in levels:
            if flow.shape[2:] != wanted.shape[2:]:
                flow = 2 * functional.interpolate(flow, scale_factor=2.0, mode="bilinear", align_corners=False)
            shown = warped(there, flow)
            costs = fits(wanted, shown)
            added = self.layers(torch.cat([costs, wanted, shown, flow / 8], 1))
            trust = functional.softmax(added[:, :-2] - self.weight * costs, 1)
            flow = flow + torch.einsum("nshw,cs->nchw", trust, self.shifts) + added[:, -2:]
            flows.append(flow)
        return flows


def warped(reference: torch.Tensor, flow: torch.Tensor) -> torch.Tensor:
    """The reference, float32 [N, C, H, W], at x + flow(x): flow float32 [N, 2, H, W], pixels; edges are repeated."""
    height, width = reference.shape[2:]
    down, right = torch.meshgrid(
        torch.arange(height, dtype=flow.dtype, device=flow.device),
        torch.arange(width, dtype=flow.dtype, device=flow.device),
        indexing="ij",
    )
    across = (right + flow[:, 0]) * (2 / max(width - 1, 1)) - 1
    along = (down + flow[:, 1]) * (2 / max(height - 1, 1)) - 1
    grid = torch.stack([across, along], -1)
    return functional.grid_sample(reference, grid, padding_mode="border", align_corners=True)


def fits(wanted: torch.Tensor, shown: torch.Tensor) -> torch.Tensor:
    """How badly each shift of up to `REACH` fits, 0 for the best: float32 [N, (2 · REACH + 1)², H, W].

    Mean difference around each pixel of what is wanted and what is shown, [N, 1, H, W], relative to the mean over all
    shifts.
    """
    height, width = wanted.shape[2:]
    padded = functional.pad(shown, (REACH,) * 4, mode="replicate")
    edge = range(2 * REACH + 1)
    moved = torch.cat([padded[:, :, y : y + height, x : x + width] for y in edge for x in edge], 1)
    differences = _mean_around((moved - wanted).abs(), _FINE_SIDE)
    least, mean = differences.amin(1, keepdim=True), differences.mean(1, keepdim=True)
    return (differences - least) / (mean + _LEAST_CONTRAST)


def _pyramid(picture: torch.Tensor) -> list[torch.Tensor]:
    """Detail in luma at half the size, a quarter …, scaled so that it is about as large as 1."""
    luma = (picture * picture.new_tensor(_LUMA)[:, None, None]).sum(1, keepdim=True)
    levels = []
    for _ in range(LEVELS):
        luma = functional.avg_pool2d(luma, 2)
        levels.append(8 * (luma - _mean_around(luma, _COARSE_SIDE)))
    return levels


def _mean_around(x: torch.Tensor, side: int) -> torch.Tensor:
    return functional.avg_pool2d(x, side, 1, side // 2, count_include_pad=False)
