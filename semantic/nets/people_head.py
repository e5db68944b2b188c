"""People on the pretrained backbone: where a person's box is, and where each person's middle is, at an eighth."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from semcom.semantic.nets.backbone import CHANNELS
from semcom.semantic.nets.segmentation_net import GlobalContext, Residual, conv_bn

STRIDE = 8
OUTPUTS = ("inside", "middle", "log_width", "log_height")


class PeopleHead(nn.Module):
    """Objects as points [Zhou 2019] over the backbone's features; 0.4 M parameters.

    ::

        1/32 ─ 1×1 ─ context ─ R ─┐↑2
        1/16 ──────── 1×1 ────────+ ─ conv ─ 1×1 ─┐↑2
        1/8  ──────── 1×1 ────────────────────────+ ─ conv ─ R ─ 1×1 ─▶ inside, middle, width, height

    Input
    -----
    features : dict of int to float32 [N, C, h, w]
        As `Backbone.pyramid` gives them; the one at 1/4 is not used.

    Output
    ------
    maps : float32 [N, 4, H/8, W/8]
        Logit that a place lies in the box of a person; logit that it is the middle of one; natural logarithms of the
        box's width and height in cells of 8 pixels, as they are meant at its middle.
    """

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.dropout = nn.Dropout2d(dropout)
        self.deep = nn.Sequential(conv_bn(CHANNELS[32], 96, 1), GlobalContext(96), Residual(96))
        self.lateral16 = nn.Conv2d(CHANNELS[16], 96, 1)
        self.lateral8 = nn.Conv2d(CHANNELS[8], 64, 1)
        self.fuse16 = conv_bn(96, 96)
        self.narrow16 = nn.Conv2d(96, 64, 1)
        self.fuse8 = nn.Sequential(conv_bn(64, 64), Residual(64))
        self.say = nn.Conv2d(64, len(OUTPUTS), 1)
        with torch.no_grad():
            self.say.bias.copy_(torch.tensor([-1.5, -4.6, 1.0, 1.5]))  # few places are a person's middle

    def forward(self, features: dict[int, torch.Tensor]) -> torch.Tensor:
        y16 = self.fuse16(self.lateral16(self.dropout(features[16])) + _twice(self.deep(self.dropout(features[32]))))
        y8 = self.fuse8(functional.relu(self.lateral8(features[8]) + _twice(self.narrow16(y16))))
        return self.say(self.dropout(y8))


def _twice(x: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
