"""Filters of deep JSCC: nothing at first, the size they must have, and conditions that matter."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup models")

from semcom.semantic.nets.jscc_net import JsccNet, PictureFilter, conditions  # noqa: E402


def known(snr_db: float) -> torch.Tensor:
    return conditions(torch.tensor([snr_db]), torch.tensor([10.0]), torch.tensor([1 / 6]))


def test_conditions_are_about_one():
    torch.testing.assert_close(known(20.0), torch.tensor([[1.0, 0.5, 0.0]]))
    far = conditions(torch.tensor([-10.0]), torch.tensor([0.0]), torch.tensor([1 / 48]))
    torch.testing.assert_close(far, torch.tensor([[-0.5, 0.0, -1.0]]))


def test_training_starts_from_the_linear_code():
    net = JsccNet()
    picture = torch.rand(1, 3, 32, 48)
    for part in (net.before, net.behind):
        added = part(picture, known(5.0))
        assert added.shape == picture.shape and not added.any()


def test_what_is_added_falls_with_the_noise():
    """Untrained: by the scale that the errors of pictures have."""
    part = PictureFilter(8, 1)
    torch.nn.init.ones_(part.leave.bias)
    picture = torch.zeros(1, 3, 16, 16)
    quiet, loud = (part(picture, known(snr)).detach().abs().mean() for snr in (20.0, 0.0))
    assert float(loud / quiet) == pytest.approx(2.718**1.6, rel=0.01)


def test_a_filter_sees_around_a_cell():
    part = PictureFilter(8, 1)
    torch.nn.init.normal_(part.leave.weight, std=0.1)
    picture = torch.zeros(1, 3, 64, 64)
    dot = picture.clone()
    dot[..., 32, 32] = 1
    changed = (part(dot, known(5.0)) - part(picture, known(5.0))).abs().sum((0, 1)) > 0
    rows = changed.any(1).nonzero().flatten()
    assert 32 - 16 <= int(rows[0]) < 32 < int(rows[-1]) < 32 + 20
