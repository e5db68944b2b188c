"""Generator of ES-IRM: a sentence vector of CLIP, noise, and what maps and pixels came → a picture."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from semcom.semantic.nets.es_irm.fusion_block import FusionBlock

STRIDE = 16
"""Sides of a picture are multiples of this."""
NOISE = 64
NUM_PLANES = 5
CLASSES = 8
PIXELS = 3


class EsIrmGenerator(nn.Module):
    """Fusion blocks from 1/16 of the picture up to its full size.

    ::

        sentence, noise ─ linear ─┐
        guide at 1/16 ─ conv ─────┴─ F 1/8 ─ F 1/4 ─ F 1/2 ─ F 1/1 ─ conv ─ sigmoid ─► picture
                                       ▲       ▲       ▲       ▲
                                 guide (drawing, planes, classes), sentence and noise

    Parameters
    ----------
    sentence : int
        Length of CLIP's sentence vector.
    channels : sequence of 5 int
        At 1/16, and after each block.

    Input
    -----
    sentence : float32 [N, sentence]
        Of CLIP's text encoder, of unit length.
    noise : float32 [N, NOISE]
    drawing : float32 [N, 3, H, W]
        sRGB scaled to 0..1: what the drawing decoder makes of the packet; H and W multiples of `STRIDE`.
    planes : float32 [N, 5, H/4, W/4]
        Of `reconstruct.canvas.Canvas`.
    labels : int64 [N, H/4, W/4]
        0..255.

    Output
    ------
    float32 [N, 3, H, W]
        sRGB scaled to 0..1.

    References
    ----------
    ES-ISC, §II; [Tao 2023] GALIP
    """

    def __init__(self, sentence: int, channels: Sequence[int] = (256, 192, 128, 64, 32)) -> None:
        super().__init__()
        self.sentence, self.channels = int(sentence), tuple(int(number) for number in channels)
        guide, condition = PIXELS + NUM_PLANES + CLASSES, self.sentence + NOISE
        self.classes = nn.Embedding(256, CLASSES)
        self.begin = nn.Linear(condition, self.channels[0])
        self.stem = nn.Conv2d(guide, self.channels[0], 3, 1, 1)
        self.blocks = nn.ModuleList(
            FusionBlock(inputs, outputs, guide, condition)
            for inputs, outputs in zip(self.channels, self.channels[1:], strict=False)
        )
        self.picture = nn.Conv2d(self.channels[-1], 3, 3, 1, 1)

    def forward(
        self,
        sentence: torch.Tensor,
        noise: torch.Tensor,
        drawing: torch.Tensor,
        planes: torch.Tensor,
        labels: torch.Tensor,
    ) -> torch.Tensor:
        maps = torch.cat([planes, self.classes(labels).permute(0, 3, 1, 2)], 1)
        maps = functional.interpolate(maps, size=drawing.shape[-2:], mode="nearest")
        guide = torch.cat([(drawing - 0.45) * 4.0, maps], 1)
        condition = torch.cat([sentence, noise], 1)
        rows, columns = (side // STRIDE for side in drawing.shape[-2:])
        x = self.stem(functional.adaptive_avg_pool2d(guide, (rows, columns))) + self.begin(condition)[:, :, None, None]
        for block in self.blocks:
            x = block(x, guide, condition)
        return torch.sigmoid(self.picture(functional.leaky_relu(x, 0.2)))
