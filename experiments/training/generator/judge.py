"""What the generator's detail is trained by: the frozen backbone's features, and small heads on them that judge.

As in GALIP the judge stands on a pretrained network that stays as it is, and is shown photos with others' sentences,
too; here the network is the one that comes by pip.

References
----------
[Tao 2023] GALIP, §3.2; [Zhang 2018] perceptual distance
"""

from __future__ import annotations

from itertools import islice

import torch
from torch import nn
from torch.nn import functional

from semcom.semantic.nets.backbone import Backbone, load_backbone

CHANNELS = {2: 16, 4: 24, 8: 48, 16: 120}
"""Of the features, by how many times smaller than the picture they are."""
_STAGES = {0: 2, 1: 4, 2: 8, 4: 16}
_JUDGED = (4, 8, 16)
"""Sizes at which the judge looks; it hears the sentence at the last one."""


class FrozenFeatures(nn.Module):
    """Features of the backbone at four sizes; its weights stay as they are.

    Input
    -----
    picture : float32 [N, 3, H, W]
        sRGB scaled to 0..1; sides multiples of 16.
    """

    def __init__(self, backbone: Backbone | None = None) -> None:
        super().__init__()
        self.backbone = (backbone or load_backbone()).requires_grad_(False).eval()
        self.to(memory_format=torch.channels_last)

    def forward(self, picture: torch.Tensor) -> dict[int, torch.Tensor]:
        outputs = self.backbone.stage_outputs(picture.to(memory_format=torch.channels_last))
        first = enumerate(islice(outputs, max(_STAGES) + 1))
        return {_STAGES[number]: x for number, x in first if number in _STAGES}


def perceptual(made: dict[int, torch.Tensor], photo: dict[int, torch.Tensor]) -> torch.Tensor:
    """Mean over the sizes of the squared distance of features of unit length at each place."""
    distances = [
        (functional.normalize(made[size], dim=1) - functional.normalize(photo[size], dim=1)).square().sum(1).mean()
        for size in CHANNELS
    ]
    return sum(distances) / len(distances)


class Judge(nn.Module):
    """Features, and a sentence → how much each place looks like a photo that the sentence describes.

    Input
    -----
    features : of `FrozenFeatures`
    sentence : float32 [N, 384]

    Output
    ------
    list of float32 [N, 1, h, w]
        One for each size; above zero: real.
    """

    def __init__(self, width: int = 48, sentence: int = 384) -> None:
        super().__init__()
        self.heads = nn.ModuleDict(
            {
                str(size): nn.Sequential(
                    nn.Conv2d(channels, width, 3, 1, 1), nn.LeakyReLU(0.2), nn.Conv2d(width, width, 3, 1, 1)
                )
                for size, channels in CHANNELS.items()
                if size in _JUDGED
            }
        )
        self.scores = nn.ModuleDict({str(size): nn.Conv2d(width, 1, 1) for size in _JUDGED})
        self.words = nn.Linear(sentence, width, bias=False)

    def forward(self, features: dict[int, torch.Tensor], sentence: torch.Tensor) -> list[torch.Tensor]:
        words = self.words(sentence)[:, :, None, None]
        scores = []
        for size in _JUDGED:
            seen = self.heads[str(size)](features[size])
            score = self.scores[str(size)](functional.leaky_relu(seen, 0.2))
            scores.append(score + (seen * words).mean(1, keepdim=True) if size == _JUDGED[-1] else score)
        return scores


def judge_loss(
    judge: Judge, photo: dict[int, torch.Tensor], made: dict[int, torch.Tensor], sentence: torch.Tensor
) -> torch.Tensor:
    """Hinge: high for photos with their sentences; low for what was made, and for photos with others' sentences."""
    loss = torch.zeros(())
    scores = judge(photo, sentence), judge(made, sentence), judge(photo, sentence.roll(1, 0))
    for real, false in zip(*scores[:2], strict=True):
        loss = loss + functional.relu(1 - real).mean() + functional.relu(1 + false).mean()
    loss = loss + functional.relu(1 + scores[2][-1]).mean() / 2
    return loss / len(_JUDGED)


def fooled(judge: Judge, made: dict[int, torch.Tensor], sentence: torch.Tensor) -> torch.Tensor:
    """Low where the judge takes what was made for photos."""
    return -sum(score.mean() for score in judge(made, sentence)) / len(_JUDGED)
