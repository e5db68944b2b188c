"""ES-IRM network: drawing, maps and caption → what is likeliest to be missing, and detail to make up."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


class DeepFusion(nn.Module):
    """Text-conditioned scale and shift of every channel, with a ReLU after it ([Tao 2022], deep fusion block)."""

    def __init__(self, text: int, channels: int) -> None:
        super().__init__()
        self.affine = nn.Linear(text, 2 * channels)
        nn.init.zeros_(self.affine.weight)
        nn.init.zeros_(self.affine.bias)

    def forward(self, x: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        scale, shift = self.affine(text)[:, :, None, None].chunk(2, 1)
        return torch.relu(x * (1 + scale) + shift)


class SpatialFusion(nn.Module):
    """Residual block at 1/8: scale and shift per place from the maps ([Park 2019], SPADE), per channel from text."""

    def __init__(self, channels: int, guide: int, text: int) -> None:
        super().__init__()
        self.spade = nn.Conv2d(guide, 2 * channels, 3, 1, 1)
        self.fusion = DeepFusion(text, channels)
        self.first = nn.Conv2d(channels, channels, 3, 1, 1)
        self.second = nn.Conv2d(channels, channels, 3, 1, 1)
        nn.init.normal_(self.spade.weight, std=0.01)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: torch.Tensor, guide: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        scale, shift = self.spade(guide).chunk(2, 1)
        y = self.fusion(self.first(torch.relu(x * (1 + scale) + shift)), text)
        return x + self.second(y)


class Fine(nn.Module):
    """Residual block at 1/4."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, 1, 1)
        self.second = nn.Conv2d(channels, channels, 3, 1, 1)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.second(functional.leaky_relu(self.first(x), 0.2))


class Detail(nn.Module):
    """Detail that is made up: features and noise at 1/4, modulated by the sentence → what to add at full size.

    Smoothed by (1, 2, 1) / 4 along both sides, which takes away the checkerboard that pixel shuffle invites.
    """

    def __init__(self, channels: int, noise: int, text: int) -> None:
        super().__init__()
        self.mix = nn.Conv2d(channels + noise, channels, 3, 1, 1)
        self.fusion = DeepFusion(text, channels)
        self.fine = nn.Sequential(Fine(channels), Fine(channels))
        self.out = nn.Conv2d(channels, 48, 3, 1, 1)
        nn.init.normal_(self.out.weight, std=1e-3)
        nn.init.zeros_(self.out.bias)

    def forward(self, fine: torch.Tensor, noise: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        x = self.fusion(self.mix(torch.cat([fine, noise.to(fine.dtype)], 1)), text)
        return smoothed(functional.pixel_shuffle(self.out(functional.leaky_relu(self.fine(x), 0.2)), 4))


def smoothed(picture: torch.Tensor) -> torch.Tensor:
    """[N, 3, H, W] with (1, 2, 1) / 4 along both sides, continued beyond its edges by repetition."""
    taps = torch.tensor([0.25, 0.5, 0.25], dtype=picture.dtype, device=picture.device)
    kernel = (taps[:, None] * taps)[None, None].expand(picture.shape[1], 1, 3, 3)
    return functional.conv2d(functional.pad(picture, (1, 1, 1, 1), mode="replicate"), kernel, groups=picture.shape[1])


class GeneratorNet(nn.Module):
    """Residual generator at 1/4 and 1/8 of the picture; 0.8 M parameters.

    ::

        drawing ─ unshuffle 4 ─┐                                     sentence vector ─ MLP ─▶ text
        planes, class ids ─────┴ conv ─┬──────────────────────────────── + ─ F F F ─┬ conv ─ shuffle 4 ─▶ change
                                   1/4 └ conv/2 ─ S S S ─ 1×1 ─ shuffle 2 ─┘         └ D ── shuffle 4 ──▶ detail
                                     1/8           ▲ maps, text                       ▲ noise, text

    The detail reads features, it does not shape them. No normalisation over places: a part of a picture gives what the
    whole gives there.

    Input
    -----
    drawing : float32 [N, 3, H, W]
        sRGB scaled to 0..1; H and W multiples of 8.
    planes : float32 [N, 5, H/4, W/4]
        Of `reconstruct.canvas.Canvas`.
    labels : int64 [N, H/4, W/4]
        0..255.
    sentence : float32 [N, 384]
        `reconstruct.sentence_vector` of the caption; zeros without one.
    noise : float32 [N, 8, H/4, W/4] or None
        Standard normal; what detail is made of. None: no detail is wanted.

    Output
    ------
    change : float32 [N, 3, H, W]
        To add to the drawing.
    detail : float32 [N, 3, H, W] or None
        To add to that, where a picture shall look whole rather than be near.

    References
    ----------
    [Ye 2024] ES-ISC, ES-IRM; [Tao 2022] deep fusion; [Park 2019] spatially adaptive normalisation
    """

    STRIDE = 8
    NUM_NOISE = 8

    def __init__(
        self, fine: int = 48, coarse: int = 80, text: int = 32, sentence: int = 384, planes: int = 5, classes: int = 8
    ) -> None:
        super().__init__()
        self.sentence = nn.Linear(sentence, text, bias=False)
        self.read = nn.Sequential(nn.Linear(text, text), nn.ReLU(), nn.Linear(text, text))
        self.classes = nn.Embedding(256, classes)
        guide = planes + classes
        self.stem = nn.Conv2d(48 + guide, fine, 3, 1, 1)
        self.down = nn.Conv2d(fine, coarse, 3, 2, 1)
        self.coarse = nn.ModuleList(SpatialFusion(coarse, guide, text) for _ in range(3))
        self.up = nn.Conv2d(coarse, 4 * fine, 1)
        self.fine = nn.Sequential(*(Fine(fine) for _ in range(3)))
        self.change = nn.Conv2d(fine, 48, 3, 1, 1)
        self.detail = Detail(fine, self.NUM_NOISE, text)
        nn.init.normal_(self.classes.weight, std=0.3)
        nn.init.zeros_(self.change.weight)
        nn.init.zeros_(self.change.bias)

    def forward(
        self,
        drawing: torch.Tensor,
        planes: torch.Tensor,
        labels: torch.Tensor,
        sentence: torch.Tensor,
        noise: torch.Tensor | None,
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        text = self.read(4.0 * self.sentence(sentence))
        guide = torch.cat([planes, self.classes(labels).permute(0, 3, 1, 2)], 1)
        x = functional.pixel_unshuffle((drawing - 0.45) * 4.0, 4)
        fine = self.stem(torch.cat([x, guide.to(x.dtype)], 1))
        coarse = self.down(torch.relu(fine))
        half = functional.avg_pool2d(guide, 2)
        for block in self.coarse:
            coarse = block(coarse, half, text)
        fine = self.fine(fine + functional.pixel_shuffle(self.up(coarse), 2))
        fine = functional.leaky_relu(fine, 0.2)
        change = functional.pixel_shuffle(self.change(fine), 4) * 0.5
        return change, None if noise is None else self.detail(fine.detach(), noise, text.detach())
