"""B-seg on the pretrained backbone: the picture at a half and a quarter, the backbone's features below → boundaries."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn
from torch.nn import functional

from semcom.semantic.nets.backbone import CHANNELS
from semcom.semantic.nets.boundary_net import BoundaryNet
from semcom.semantic.nets.segmentation_net import GlobalContext, Residual, conv_bn


class BoundaryHead(nn.Module):
    """Fine convolutions on the picture, side outputs of the backbone fused top-down [Xie 2015]; 0.4 M parameters.

    ::

        backbone 1/32 ─ 1×1 ─ context ─ R ───────┐↑2
        backbone 1/16 ─ 1×1 ─────────────────────+ ─ conv ─ R ─ 1×1 ─┐↑2
        backbone 1/8  ─ 1×1 ─────────────────────────────────────────+ ─ conv ─ R ─ 1×1 ─┐↑2
        backbone 1/4  ─ 1×1 ─────────────────────────────────────────────────────────────+ ─ conv ─ R ─ 1×1 ─┐↑2
        picture ─ conv/2 ─ R ─┬─ conv/2 ─ R R ─ 1×1 ─────────────────────────────────────┘                   │
                              └─ 1×1 ────────────────────────────────────────────────────────────────────────+ ─ conv ─┐
                                                                           logit (1/1) ◀── shuffle 2 ─ conv ─┘

    The convolutions on the picture begin as those of `BoundaryNet`, so that they need not be learned anew.

    Input
    -----
    picture : float32 [N, 3, H, W]
        sRGB scaled to 0..1; H and W multiples of 32.
    features : dict of int to float32 [N, C, h, w]
        Of the same picture, as `Backbone.pyramid` gives them.

    Output
    ------
    logit : float32 [N, 1, H, W]

    References
    ----------
    [Xie 2015] holistically nested edges; [Lin 2017] feature pyramid, see docs/references.md
    """

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.dropout = nn.Dropout2d(dropout)
        self.stage2 = nn.Sequential(conv_bn(3, 24, stride=2), Residual(24))
        self.stage4 = nn.Sequential(conv_bn(24, 40, stride=2), Residual(40), Residual(40))
        self.deep = nn.Sequential(conv_bn(CHANNELS[32], 64, 1), GlobalContext(64), Residual(64))
        self.lateral16 = nn.Conv2d(CHANNELS[16], 64, 1)
        self.lateral8 = nn.Conv2d(CHANNELS[8], 48, 1)
        self.lateral4 = nn.Conv2d(CHANNELS[4] + 40, 40, 1)
        self.lateral2 = nn.Conv2d(24, 32, 1)
        self.fuse16 = nn.Sequential(conv_bn(64, 64), Residual(64))
        self.fuse8 = nn.Sequential(conv_bn(48, 48), Residual(48))
        self.fuse4 = nn.Sequential(conv_bn(40, 40), Residual(40))
        self.fuse2 = conv_bn(32, 32)
        self.narrow16 = nn.Conv2d(64, 48, 1)
        self.narrow8 = nn.Conv2d(48, 40, 1)
        self.narrow4 = nn.Conv2d(40, 32, 1)
        self.classify = nn.Conv2d(32, 4, 3, 1, 1)
        self.shuffle = nn.PixelShuffle(2)

    def begin_as(self, small: BoundaryNet) -> None:
        """Take over the convolutions on the picture of the network without a backbone."""
        self.stage2.load_state_dict(small.stage2.state_dict())
        self.stage4.load_state_dict(small.stage4.state_dict())

    def pyramid(self, picture: torch.Tensor, features: Mapping[int, torch.Tensor]) -> tuple[torch.Tensor, ...]:
        """Decoder features at 1/2 (32 channels), 1/4 (40), 1/8 (48) and 1/16 (64)."""
        x2 = self.stage2((picture - 0.45) * 4.0)
        x4 = torch.cat([self.stage4(x2), features[4]], dim=1)
        y16 = self.fuse16(self.lateral16(self.dropout(features[16])) + _twice(self.deep(self.dropout(features[32]))))
        y8 = self.fuse8(self.lateral8(self.dropout(features[8])) + _twice(self.narrow16(y16)))
        y4 = self.fuse4(self.lateral4(x4) + _twice(self.narrow8(y8)))
        return self.fuse2(self.lateral2(x2) + _twice(self.narrow4(y4))), y4, y8, y16

    def forward(self, picture: torch.Tensor, features: Mapping[int, torch.Tensor]) -> torch.Tensor:
        return self.shuffle(self.classify(self.pyramid(picture, features)[0]))


def _twice(x: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
