"""Projector of image set splitting: pooled features of the backbone → a space in which pictures of one scene are near.

References
----------
[Zheng §II-A, equation 1] the projector, there on ResNet-50; [Chen 2021] Exploring Simple Siamese Representation
Learning: projector, predictor, stop-gradient.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional

FEATURES = 1280
"""Of `Backbone.embedding`, pooled over the picture."""
PROJECTED = 256


class SetProjector(nn.Module):
    """Multilayer perceptron of two layers, 0.8 M parameters: features float32 [N, 1280] → float32 [N, 256]."""

    def __init__(self, hidden: int = 512) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(FEATURES, hidden, bias=False),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
            nn.Linear(hidden, PROJECTED, bias=False),
            nn.BatchNorm1d(PROJECTED, affine=False),
        )

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.layers(features)

    def directions(self, features: torch.Tensor) -> torch.Tensor:
        """What is clustered: projections of unit length, float32 [N, 256]; SimSiam's loss knows only their angles."""
        return functional.normalize(self(features), dim=1)


@torch.inference_mode()
def direction(projector: SetProjector, features: np.ndarray) -> np.ndarray:
    """float32 [PROJECTED], of unit length, of a picture's features, float32 [FEATURES]."""
    return projector.directions(torch.from_numpy(features)[None])[0].numpy()


class Predictor(nn.Module):
    """What training needs beside the projector: one view's projection → the other one's. It is not shipped."""

    def __init__(self, hidden: int = 64) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(PROJECTED, hidden, bias=False),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
            nn.Linear(hidden, PROJECTED),
        )

    def forward(self, projected: torch.Tensor) -> torch.Tensor:
        return self.layers(projected)
