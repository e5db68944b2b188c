"""B-seg network: picture → boundary score per pixel."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from semcom.semantic.nets.segmentation_net import GlobalContext, Residual, conv_bn


class BoundaryNet(nn.Module):
    """Where segments of a picture meet, whatever they are; 0.39 M parameters.

    ::

        picture ─ conv/2 ─ R ─┬──────────────────────── 1×1 ─ + ─ conv ─ conv ─ shuffle 2 ─▶ logit (1/1)
                         1/2  └ conv/2 ─ R R ─┬─────── 1×1 ─ + ─ conv ┘↑2
                                         1/4  └ conv/2 ─ R R ─┬ 1×1 ─ + ─ conv ┘↑2
                                                         1/8  └ conv/2 ─ R ─ context ─ 1×1 ┘↑2
                                                                   1/16

    Each stage of the decoder also has a side output, which only the training uses (deep supervision, [Xie 2015]).

    Input
    -----
    picture : float32 [N, 3, H, W]
        sRGB scaled to 0..1; H and W multiples of 16.

    Output
    ------
    logit : float32 [N, 1, H, W]

    References
    ----------
    [Xie 2015] holistically nested edges; [Lin 2017] feature pyramid, see docs/references.md
    """

    STRIDE = 16

    def __init__(self, widths: tuple[int, int, int, int] = (24, 40, 64, 64), decoder: int = 28) -> None:
        super().__init__()
        w2, w4, w8, w16 = widths
        self.stage2 = nn.Sequential(conv_bn(3, w2, stride=2), Residual(w2))
        self.stage4 = nn.Sequential(conv_bn(w2, w4, stride=2), Residual(w4), Residual(w4))
        self.stage8 = nn.Sequential(conv_bn(w4, w8, stride=2), Residual(w8), Residual(w8))
        self.stage16 = nn.Sequential(conv_bn(w8, w16, stride=2), Residual(w16), GlobalContext(w16))
        self.lateral2 = nn.Conv2d(w2, decoder, 1)
        self.lateral4 = nn.Conv2d(w4, decoder, 1)
        self.lateral8 = nn.Conv2d(w8, decoder, 1)
        self.lateral16 = nn.Conv2d(w16, decoder, 1)
        self.fuse8 = conv_bn(decoder, decoder)
        self.fuse4 = conv_bn(decoder, decoder)
        self.fuse2 = conv_bn(decoder, decoder)
        self.classify = nn.Conv2d(decoder, 4, 3, 1, 1)
        self.shuffle = nn.PixelShuffle(2)

    def pyramid(self, picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Decoder features at 1/2, 1/4 and 1/8, `decoder` channels each."""
        x2 = self.stage2((picture - 0.45) * 4.0)
        x4 = self.stage4(x2)
        x8 = self.stage8(x4)
        y8 = self.fuse8(self.lateral8(x8) + _twice(self.lateral16(self.stage16(x8))))
        y4 = self.fuse4(self.lateral4(x4) + _twice(y8))
        return self.fuse2(self.lateral2(x2) + _twice(y4)), y4, y8

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        return self.shuffle(self.classify(self.pyramid(picture)[0]))


def _twice(x: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
