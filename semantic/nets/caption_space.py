"""Pictures and captions in one space: from what the word head makes of a picture, and from a bag of caption words."""

from __future__ import annotations

import torch
from torch import nn

RANK = 400
"""Of the word head's first layer, which this stands on."""
NUM_DIMENSIONS = 384


class CaptionSpace(nn.Module):
    """Two linear maps into a space of sentence vectors.

    `towards`: reduced features float32 [N, 400] of `WordHead.reduce` → the vector that people's captions of the picture
    have on average, float32 [N, 384]. `words`: float32 [num_words + 1, 384], what each caption word adds to the vector
    of a sentence; the last row is what every sentence has.
    """

    def __init__(self, num_words: int) -> None:
        super().__init__()
        self.towards = nn.Linear(RANK, NUM_DIMENSIONS)
        self.words = nn.Parameter(torch.zeros(num_words + 1, NUM_DIMENSIONS))

    def forward(self, reduced: torch.Tensor) -> torch.Tensor:
        return self.towards(reduced)
