"""A-seg on the pretrained backbone: features at four sizes → category scores at a quarter of the picture's size."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from semcom.semantic.nets.backbone import CHANNELS, Backbone
from semcom.semantic.nets.segmentation_net import GlobalContext, Residual, conv_bn


class SceneHead(nn.Module):
    """Pyramid decoder over the backbone's features [Lin 2017]; 1.0 M parameters.

    ::

        1/32 ─ 1×1 ─ context ─ R ─ conv ─┐↑2
        1/16 ──────── 1×1 ───────────────+ ─ conv ─ R ─ 1×1 ─┐↑2
        1/8  ──────── 1×1 ───────────────────────────────────+ ─ conv ─ 1×1 ─┐↑2
        1/4  ──────── 1×1 ───────────────────────────────────────────────────+ ─ separable ─ 1×1 ─▶ logits (1/4)

    Input
    -----
    features : dict of int to float32 [N, C, h, w]
        As `Backbone.pyramid` gives them.

    Output
    ------
    logits : float32 [N, num_categories, H/4, W/4]
    """

    def __init__(self, num_categories: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.dropout = nn.Dropout2d(dropout)
        self.deep = nn.Sequential(conv_bn(CHANNELS[32], 160, 1), GlobalContext(160), Residual(160), conv_bn(160, 128))
        self.lateral16 = nn.Conv2d(CHANNELS[16], 128, 1)
        self.lateral8 = nn.Conv2d(CHANNELS[8], 80, 1)
        self.lateral4 = nn.Conv2d(CHANNELS[4], 64, 1)
        self.fuse16 = nn.Sequential(conv_bn(128, 128), Residual(128))
        self.narrow16 = nn.Conv2d(128, 80, 1)
        self.fuse8 = conv_bn(80, 80)
        self.narrow8 = nn.Conv2d(80, 64, 1)
        self.fuse4 = nn.Sequential(nn.Conv2d(64, 64, 3, padding=1, groups=64, bias=False), conv_bn(64, 64, 1))
        self.classify = nn.Conv2d(64, num_categories, 1)

    def decoded(self, features: dict[int, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Features before the classifier at 1/4 (64 channels) and at 1/16 (128 channels)."""
        y32 = self.deep(self.dropout(features[32]))
        y16 = self.fuse16(self.lateral16(self.dropout(features[16])) + _twice(y32))
        y8 = self.fuse8(self.lateral8(features[8]) + _twice(self.narrow16(y16)))
        y4 = self.fuse4(functional.relu(self.lateral4(features[4]) + _twice(self.narrow8(y8))))
        return self.dropout(y4), y16

    def forward(self, features: dict[int, torch.Tensor]) -> torch.Tensor:
        return self.classify(self.decoded(features)[0])


class SceneNet(nn.Module):
    """Backbone and head as one network: picture float32 [N, 3, H, W] in 0..1 → logits at 1/4."""

    STRIDE = 32

    def __init__(self, backbone: Backbone, head: SceneHead) -> None:
        super().__init__()
        self.backbone, self.head = backbone, head

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        return self.head(self.backbone.pyramid(picture))


def _twice(x: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
