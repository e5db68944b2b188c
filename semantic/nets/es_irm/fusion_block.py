"""Deep text-image-segmentation fusion block (DFS block) of ES-IRM."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


class SpatialNorm(nn.Module):
    """Normalisation per channel, then scale and shift of each place from the maps ([Park 2019], SPADE)."""

    def __init__(self, channels: int, guide: int, hidden: int = 32) -> None:
        super().__init__()
        self.read = nn.Conv2d(guide, hidden, 3, 1, 1)
        self.scale_shift = nn.Conv2d(hidden, 2 * channels, 3, 1, 1)

    def forward(self, x: torch.Tensor, guide: torch.Tensor) -> torch.Tensor:
        seen = functional.leaky_relu(self.read(guide), 0.2)
        scale, shift = self.scale_shift(seen).chunk(2, 1)
        return functional.instance_norm(x) * (1 + scale) + shift


class TextAffine(nn.Module):
    """Scale and shift of every channel from the sentence and the noise ([Tao 2023], deep fusion)."""

    def __init__(self, condition: int, channels: int) -> None:
        super().__init__()
        self.read = nn.Linear(condition, channels)
        self.scale_shift = nn.Linear(channels, 2 * channels)
        nn.init.zeros_(self.scale_shift.weight)
        nn.init.zeros_(self.scale_shift.bias)

    def forward(self, x: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        scale, shift = self.scale_shift(torch.relu(self.read(condition)))[:, :, None, None].chunk(2, 1)
        return x * (1 + scale) + shift


class FusionBlock(nn.Module):
    """Residual block that brings text and maps together at one resolution, which it doubles first.

    ::

        x ─ ×2 ─┬─ spatial norm (maps) ─ affine (text) ─ ReLU ─ conv ─ affine (text) ─ ReLU ─ conv ─ + ─►
                └──────────────────────────────── 1×1 ─────────────────────────────────────────────┘

    Input
    -----
    x : float32 [N, inputs, h, w]
    guide : float32 [N, guide, H, W]
        What maps and pixels say; brought to the block's resolution.
    condition : float32 [N, condition]
        Sentence vector and noise.

    Output
    ------
    float32 [N, outputs, 2 h, 2 w]

    References
    ----------
    ES-ISC, DFS block; [Tao 2023] GALIP; [Park 2019]
    """

    def __init__(self, inputs: int, outputs: int, guide: int, condition: int) -> None:
        super().__init__()
        self.norm = SpatialNorm(inputs, guide)
        self.first_text, self.second_text = TextAffine(condition, inputs), TextAffine(condition, outputs)
        self.first = nn.Conv2d(inputs, outputs, 3, 1, 1)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1)
        self.short = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: torch.Tensor, guide: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        x = functional.interpolate(x, scale_factor=2.0, mode="nearest")
        near = functional.adaptive_avg_pool2d(guide, x.shape[-2:])
        y = functional.leaky_relu(self.first_text(self.norm(x, near), condition), 0.2)
        y = functional.leaky_relu(self.second_text(self.first(y), condition), 0.2)
        return self.short(x) + self.second(y)
