"""A-seg network: picture → category scores at a quarter of its size."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


def conv_bn(in_channels: int, out_channels: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Convolution, batch norm, ReLU."""
    conv = nn.Conv2d(in_channels, out_channels, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(out_channels), nn.ReLU(inplace=True))


class Residual(nn.Module):
    """Two 3×3 convolutions with a way around them (He et al. 2016)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = conv_bn(channels, channels)
        self.second = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x + self.norm(self.second(self.first(x))))


class GlobalContext(nn.Module):
    """Adds what the whole picture looks like to each place: mean over the picture, one linear layer, added."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.project = nn.Conv2d(channels, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + torch.relu(self.project(x.mean(dim=(2, 3), keepdim=True)))


class SegmentationNet(nn.Module):
    """Residual encoder, light pyramid decoder; 1.4 M parameters with the default widths.

    ::

        picture ─ unshuffle 2 ─ conv/2 ─ R ──────────────┬─── 1×1 ──────────────── + ─ conv ─ 1×1 ─▶ logits (1/4)
                                     1/4 └ conv/2 ─ R R ─┬─── 1×1 ────── + ─ conv ─┘↑2
                                               1/8       └ conv/2 ─ R R ─┬ 1×1 ─ + ─ conv ─┘↑2
                                                              1/16       └ conv/2 ─ R ─ context ─ 1×1 ┘↑2
                                                                              1/32

    Plain 3×3 convolutions throughout: on one CPU core they run nearer to the arithmetic peak than depthwise ones.
    `dropout` (whole channels, while training) acts on 1/16, 1/32 and the last features.

    Input
    -----
    picture : float32 [N, 3, H, W]
        sRGB scaled to 0..1; H and W multiples of 32.

    Output
    ------
    logits : float32 [N, num_categories, H/4, W/4]

    References
    ----------
    [He 2016] residual blocks; [Lin 2017] feature pyramid, see docs/references.md
    """

    STRIDE = 32

    def __init__(
        self, num_categories: int, widths: tuple[int, int, int, int] = (40, 72, 120, 128), dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.dropout = nn.Dropout2d(dropout)
        w4, w8, w16, w32 = widths
        decoder = 64
        self.stage4 = nn.Sequential(nn.PixelUnshuffle(2), conv_bn(12, w4, stride=2), Residual(w4))
        self.stage8 = nn.Sequential(conv_bn(w4, w8, stride=2), Residual(w8), Residual(w8))
        self.stage16 = nn.Sequential(conv_bn(w8, w16, stride=2), Residual(w16), Residual(w16))
        self.stage32 = nn.Sequential(conv_bn(w16, w32, stride=2), Residual(w32), GlobalContext(w32))
        self.lateral4 = nn.Conv2d(w4, decoder, 1)
        self.lateral8 = nn.Conv2d(w8, decoder, 1)
        self.lateral16 = nn.Conv2d(w16, decoder, 1)
        self.lateral32 = nn.Conv2d(w32, decoder, 1)
        self.fuse16 = conv_bn(decoder, decoder)
        self.fuse8 = conv_bn(decoder, decoder)
        self.fuse4 = conv_bn(decoder, 56)
        self.classify = nn.Conv2d(56, num_categories, 1)

    def encoded(self, picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Encoder features at 1/4, 1/8 and 1/16."""
        x4 = self.stage4((picture - 0.45) * 4.0)
        x8 = self.stage8(x4)
        return x4, x8, self.stage16(x8)

    def pyramid(self, picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Decoder features at 1/4 (56 channels) and at 1/16 (64 channels)."""
        x4, x8, x16 = self.encoded(picture)
        x32 = self.dropout(self.stage32(x16))
        y16 = self.fuse16(self.lateral16(self.dropout(x16)) + _twice(self.lateral32(x32)))
        y8 = self.fuse8(self.lateral8(x8) + _twice(y16))
        return self.dropout(self.fuse4(self.lateral4(x4) + _twice(y8))), y16

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        return self.classify(self.pyramid(picture)[0])


def _twice(x: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
