"""What people would say: backbone features of a whole picture → probability of each caption word."""

from __future__ import annotations

import torch
from torch import nn

from semcom.semantic.nets.backbone import CHANNELS, Backbone

NUM_FEATURES = 2 * 1280 + CHANNELS[16]
VIEWS = ((384, False), (384, True), (256, False))
"""(longer side in pixels, mirrored): the features of a picture are the mean over these views."""


class WordHead(nn.Module):
    """Two linear layers without anything between them: a rank bounds what a few thousand photos can teach.

    `fusion` joins a word's logit with the backbone's own for the same word: (ours, whole picture, best window, bias).

    Input
    -----
    features : float32 [N, 2680]
        Of `picture_features`.

    Output
    ------
    logits : float32 [N, num_words]
    """

    def __init__(self, num_words: int, rank: int = 400) -> None:
        super().__init__()
        self.reduce = nn.Linear(NUM_FEATURES, rank)
        self.words = nn.Linear(rank, num_words)
        self.register_buffer("fusion", torch.zeros(4))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.words(self.reduce(features))


def picture_features(pyramid: dict[int, torch.Tensor], embedding: torch.Tensor) -> torch.Tensor:
    """float32 [N, 2680]: mean and maximum of the embedding, square roots of both, and the mean of the features at 1/16.

    Parameters
    ----------
    pyramid : dict of int to float32 [N, C, h, w]
        Of `Backbone.pyramid`.
    embedding : float32 [N, 1280, H/32, W/32]
        Of `Backbone.embedding`.
    """
    pooled = torch.cat([embedding.mean((2, 3)), embedding.amax((2, 3))], dim=1)
    return torch.cat([pooled.clamp_min(0).sqrt(), 0.7 * pyramid[16].mean((2, 3))], dim=1)


def window_word_probabilities(backbone: Backbone, embedding: torch.Tensor) -> torch.Tensor:
    """float32 [10, 1000]: the backbone's words for the whole picture, then for nine windows of half its sides.

    Parameters
    ----------
    backbone : Backbone
    embedding : float32 [1, 1280, h, w]
    """
    rows, columns = embedding.shape[2:]
    high, wide = max(2, rows // 2), max(2, columns // 2)
    pools = [embedding.mean((2, 3))]
    for top in _starts(rows, high):
        for left in _starts(columns, wide):
            pools.append(embedding[:, :, top : top + high, left : left + wide].mean((2, 3)))
    return backbone.word_logits(torch.cat(pools)).softmax(dim=1)


def _starts(length: int, window: int) -> list[int]:
    return [round(step * (length - window) / 2) for step in range(3)]
