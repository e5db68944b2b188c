"""Discriminator of ES-IRM on CLIP-ViT: whether a picture is a photo that a sentence describes. For training alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

MEAN, DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
"""Of the pictures that CLIP was trained on, sRGB scaled to 0..1."""


class ClipFeatures(nn.Module):
    """Hidden states of CLIP-ViT, which stays as it is, as maps; and its picture vector.

    Parameters
    ----------
    clip : CLIPModel
        Of transformers.
    layers : sequence of int, optional
        Whose hidden states; an early, a middle and a late one where not given ([Tao 2023] takes 2, 5, 9 of 12).

    Input
    -----
    float32 [N, 3, H, W]
        sRGB scaled to 0..1.

    Output
    ------
    maps : float32 [N, width · layers, g, g]
    vector : float32 [N, projection]
        Of unit length.
    """

    def __init__(self, clip: Any, layers: Sequence[int] | None = None) -> None:
        super().__init__()
        self.clip = clip.eval().requires_grad_(False)
        vision = clip.config.vision_config
        count = vision.num_hidden_layers
        self.layers = tuple(layers or sorted({max(1, round(count * share)) for share in (0.2, 0.5, 0.8)}))
        self.side, self.grid = vision.image_size, vision.image_size // vision.patch_size
        self.channels = vision.hidden_size * len(self.layers)
        self.register_buffer("mean", torch.tensor(MEAN)[:, None, None], persistent=False)
        self.register_buffer("deviation", torch.tensor(DEVIATION)[:, None, None], persistent=False)

    def forward(self, picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        size = (self.side, self.side)
        small = functional.interpolate(picture, size=size, mode="bilinear", antialias=True, align_corners=False)
        pixels = ((small - self.mean) / self.deviation).to(self.clip.dtype)
        seen = self.clip.vision_model(pixel_values=pixels, output_hidden_states=True)
        tokens = torch.cat([seen.hidden_states[layer][:, 1:] for layer in self.layers], 2).float()
        maps = tokens.transpose(1, 2).unflatten(2, (self.grid, self.grid))
        vector = self.clip.visual_projection(seen.pooler_output).float()
        return maps, functional.normalize(vector, dim=1)


class ClipDiscriminator(nn.Module):
    """Maps of `ClipFeatures` and a sentence vector → how much picture and sentence look real together.

    ::

        maps ─ 1×1 ─ conv ─┬─ conv ─ ─┐
                           └── 1×1 ── + ─┬─ conv ─ conv ─ mean ─► score
        sentence, at every place ────────┘

    Input
    -----
    maps : float32 [N, channels, g, g]
    sentence : float32 [N, sentence]

    Output
    ------
    float32 [N]
        Above zero: real and described.

    References
    ----------
    ES-ISC, §II; [Tao 2023] GALIP, §3.2
    """

    def __init__(self, channels: int, sentence: int, width: int = 128) -> None:
        super().__init__()
        self.read = nn.Sequential(nn.Conv2d(channels, width, 1), nn.LeakyReLU(0.2), nn.Conv2d(width, width, 3, 1, 1))
        self.more = nn.Sequential(nn.LeakyReLU(0.2), nn.Conv2d(width, width, 3, 1, 1))
        self.judge = nn.Sequential(
            nn.Conv2d(width + sentence, width, 3, 1, 1), nn.LeakyReLU(0.2), nn.Conv2d(width, 1, 1)
        )

    def forward(self, maps: torch.Tensor, sentence: torch.Tensor) -> torch.Tensor:
        seen = self.read(maps)
        seen = seen + self.more(seen)
        words = sentence[:, :, None, None].expand(-1, -1, *seen.shape[-2:])
        return self.judge(torch.cat([seen, words], 1)).mean((1, 2, 3))
