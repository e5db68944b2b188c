"""What generator and discriminator of ES-IRM are trained by: hinge losses with mismatched sentences, as in GALIP.

References
----------
[Tao 2023] GALIP, §3.4; [Tao 2022] the matching-aware gradient penalty
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from semcom.semantic.nets.es_irm.discriminator import ClipDiscriminator, ClipFeatures

PENALTY, POWER = 2.0, 6
CLIP_WEIGHT = 4.0
"""Of the cosine between the vectors of picture and sentence."""
PIXEL_WEIGHT = 10.0
"""Of the mean difference to the photo: maps and scene are to be followed, which GALIP has none of."""


def discriminator_loss(
    judge: ClipDiscriminator, features: ClipFeatures, photo: torch.Tensor, made: torch.Tensor, sentence: torch.Tensor
) -> torch.Tensor:
    """High for photos with their sentences; low for photos with others' sentences and for what was made."""
    with torch.no_grad():
        real, fake = features(photo)[0], features(made)[0]
    real, words = real.requires_grad_(), sentence.detach().clone().requires_grad_()
    matching = judge(real, words)
    loss = functional.relu(1 - matching).mean()
    mismatched, false = judge(real.detach(), sentence.roll(1, 0)), judge(fake, sentence)
    loss = loss + (functional.relu(1 + mismatched).mean() + functional.relu(1 + false).mean()) / 2
    slopes = torch.autograd.grad(matching.sum(), (real, words), create_graph=True)
    steepness = torch.cat([slope.flatten(1) for slope in slopes], 1).norm(dim=1)
    return loss + PENALTY * (steepness**POWER).mean()


def generator_loss(
    judge: ClipDiscriminator, features: ClipFeatures, photo: torch.Tensor, made: torch.Tensor, sentence: torch.Tensor
) -> torch.Tensor:
    """Low where what was made passes for a photo, goes with the sentence, and is near the photo."""
    maps, vector = features(made)
    likeness = (vector * sentence).sum(1).mean()
    return -judge(maps, sentence).mean() - CLIP_WEIGHT * likeness + PIXEL_WEIGHT * (made - photo).abs().mean()


def step(loss: torch.Tensor, net: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """Down the gradient, which is bounded."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    optimizer.step()


def on_device(batch: Sequence[torch.Tensor], device: str) -> list[torch.Tensor]:
    return [each.to(device) for each in batch]
