"""Deep joint source-channel coding around the linear analog code: a filter before it, a filter behind it.

```
picture ─ + ─────────────► linear analog code ─► symbols ~ noise ~ symbols ─► LMMSE ─► x ─ + ─► picture
          └ before(x, SNR) ┘                                                           └ behind(x, SNR) ┘
```

[Bourtsoulatze 2019] maps pixels to symbols and back by two convolutional networks trained through the channel. Here
their first and last linear stages are the transform, power allocation and LMMSE of `coding.linear_analog`, which serve
any bandwidth ratio and SNR; both filters start as zero, so that training starts from the linear code.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

GRID = 4
"""Pixels of a cell along a side: filters work at a quarter of the resolution, sixteen pixels a channel vector."""
NUM_CONDITIONS = 3
ERROR_OF_SNR = (-2.3, -1.6)
"""Logarithm of the error that a picture has at 0 dB, and what 20 dB change in it: filters add on this scale."""


class Block(nn.Module):
    """Residual block, its channels scaled by what is known of the link."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, 1, 1)
        self.second = nn.Conv2d(channels, channels, 3, 1, 1)
        self.scale = nn.Linear(NUM_CONDITIONS, channels)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.scale.weight)
        nn.init.zeros_(self.scale.bias)

    def forward(self, x: torch.Tensor, conditions: torch.Tensor) -> torch.Tensor:
        y = functional.leaky_relu(self.first(x), 0.2) * (1 + self.scale(conditions))[:, :, None, None]
        return x + self.second(y)


class PictureFilter(nn.Module):
    """What to add to a picture, [N, 3, H, W] of about -1..1; H and W multiples of `GRID`."""

    def __init__(self, channels: int, blocks: int) -> None:
        super().__init__()
        self.enter = nn.Conv2d(3 * GRID**2 + NUM_CONDITIONS, channels, 3, 1, 1)
        self.blocks = nn.ModuleList(Block(channels) for _ in range(blocks))
        self.leave = nn.Conv2d(channels, 3 * GRID**2, 3, 1, 1)
        self.error = nn.Linear(NUM_CONDITIONS, 1)
        with torch.no_grad():
            self.error.bias.fill_(ERROR_OF_SNR[0])
            self.error.weight.copy_(torch.tensor([[ERROR_OF_SNR[1], 0.0, -0.5]]))
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, picture: torch.Tensor, conditions: torch.Tensor) -> torch.Tensor:
        cells = functional.pixel_unshuffle(picture, GRID)
        planes = conditions[:, :, None, None].expand(-1, -1, *cells.shape[2:])
        x = self.enter(torch.cat([cells, planes], 1))
        for block in self.blocks:
            x = block(x, conditions)
        scale = torch.exp(self.error(conditions))[:, :, None, None]
        return scale * functional.pixel_shuffle(self.leave(x), GRID)


class JsccNet(nn.Module):
    """Both filters.

    Input
    -----
    picture : float32 [N, 3, H, W]
        Colours / 127.5 - 1.
    conditions : float32 [N, 3]
        As `conditions` makes them.
    """

    def __init__(self, before: tuple[int, int] = (32, 2), behind: tuple[int, int] = (64, 4)) -> None:
        super().__init__()
        self.before = PictureFilter(*before)
        self.behind = PictureFilter(*behind)


def conditions(snr_db: torch.Tensor, design_snr_db: torch.Tensor, cbr: torch.Tensor) -> torch.Tensor:
    """[N, 3] of what is known of the link, each about -1..1: SNR of the symbols, what power was set for, symbols."""
    return torch.stack([snr_db / 20, design_snr_db / 20, torch.log2(6 * cbr) / 3], 1)
