"""SimSiam's loss: its target gets no gradient, and a few steps bring views of a photo together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")

from semcom.experiments.training.learned_coding.train_projector import (  # noqa: E402
    found_again,
    simsiam_loss,
    thinned,
)
from semcom.semantic.nets.set_projector import FEATURES, PROJECTED, Predictor, SetProjector  # noqa: E402


class Identity(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def test_the_target_gets_no_gradient_and_equal_directions_are_best() -> None:
    a = torch.tensor([[1.0, 0.0], [0.0, 3.0]], requires_grad=True)
    b = torch.tensor([[2.0, 0.0], [5.0, 0.0]], requires_grad=True)
    loss = simsiam_loss(Identity(), lambda x: x * 2, a, b)
    assert float(loss.detach()) == pytest.approx(-0.5)  # one pair agrees, the other is at a right angle
    predicted = simsiam_loss(Identity(), lambda x: x.detach(), a, b)
    assert not predicted.requires_grad  # only what goes through the predictor moves


def test_steps_bring_views_of_a_photo_together() -> None:
    """Views differ by what all photos share: 40 directions that the projector is to overlook."""
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    own, shared = rng.normal(size=(64, 1, FEATURES)), rng.normal(size=(40, FEATURES))
    views = torch.from_numpy((own + rng.normal(size=(64, 6, 40)) @ shared / 2.5).astype(np.float32))
    projector, predictor = SetProjector(64), Predictor()
    optimizer = torch.optim.SGD([*projector.parameters(), *predictor.parameters()], 0.05, momentum=0.9)
    found = []
    for steps in (0, 80):
        for _ in range(steps):
            a, b = (views[:, int(number)] for number in rng.choice(6, 2, replace=False))
            loss = simsiam_loss(projector.train(), predictor, a, b)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.inference_mode():
            found.append(found_again(projector.eval()(views.flatten(0, 1)).reshape(64, 6, PROJECTED)))
    assert found[1] > max(found[0], found_again(views)) + 0.2


def test_photos_are_thinned_evenly() -> None:
    photos = [Path(str(number)) for number in range(10)]
    assert thinned(photos, 4) == [Path("0"), Path("3"), Path("6"), Path("9")]
    assert thinned(photos, 99) == photos
