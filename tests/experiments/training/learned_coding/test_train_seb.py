"""Seb's training: gradients go through the clustering as the paper has it, and patches lie where they belong."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")

from semcom.experiments.training.learned_coding.train_seb import clustered, divided, joined, predicted  # noqa: E402
from semcom.semantic.coding.patches import divide  # noqa: E402


def test_crops_are_divided_as_pictures_are_and_joined_again() -> None:
    crops = torch.rand(2, 3, 256, 256)
    patches = divided(crops)
    for number in range(2):
        wanted = divide(crops[number].permute(1, 2, 0).numpy(), 32)
        np.testing.assert_array_equal(patches[64 * number : 64 * number + 64].permute(0, 2, 3, 1).numpy(), wanted)
    torch.testing.assert_close(joined(patches), crops)


def test_the_gradient_of_a_base_is_copied_to_all_latents_of_its_cluster() -> None:
    torch.manual_seed(1)
    latents = (torch.arange(50) % 2 * 10.0)[:, None, None, None] + torch.rand(50, 3, 2, 2)
    latents.requires_grad_()
    bases, labels, distance = clustered(latents, np.random.default_rng(1))
    assert len(bases) == 2
    flat = latents.detach()
    for number in range(2):
        torch.testing.assert_close(bases[number].detach(), flat[labels == number].mean(0))
    assert float(distance.detach()) == pytest.approx(float((flat - bases[labels].detach()).square().sum()), rel=1e-5)
    weight = torch.rand_like(bases)
    (bases * weight).sum().backward()
    torch.testing.assert_close(latents.grad, weight[labels])


def test_the_distance_moves_latents_to_their_base_not_the_base() -> None:
    latents = torch.rand(50, 1, 2, 2, requires_grad=True)
    bases, labels, distance = clustered(latents, np.random.default_rng(1))
    distance.backward()
    torch.testing.assert_close(latents.grad, 2 * (latents - bases[labels]).detach())


def test_a_base_that_does_not_serve_leaves_grey_as_bright_as_the_patch() -> None:
    torch.manual_seed(2)
    patches = torch.rand(2, 3, 32, 32)
    bases = torch.stack([patches[0] * 0.9, torch.rand(3, 32, 32)]).requires_grad_()
    made = predicted(patches, bases)
    assert float((patches - made.detach())[0].square().mean()) < 0.01
    assert float(made[1].detach().std()) == pytest.approx(0, abs=1e-6)
    assert float(made[1].mean().detach()) == pytest.approx(float(patches[1].mean()), abs=6 / 255)
    made.sum().backward()
    assert bases.grad[0].abs().min() > 0 and bases.grad[1].abs().max() == 0
