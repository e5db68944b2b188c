"""Transforms with divisive normalisation against their formulas, and gains between qualities."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")

from semcom.semantic.nets.transform_coding.transforms import (  # noqa: E402
    REDUCTION,
    Analysis,
    Gains,
    Gdn,
    Synthesis,
    rounded,
)


def test_gdn_is_its_formula_and_the_inverse_multiplies() -> None:
    torch.manual_seed(1)
    x = torch.randn(2, 3, 4, 5)
    for inverse in (False, True):
        gdn = Gdn(3, inverse)
        with torch.no_grad():
            gdn.gamma_root.copy_(torch.rand(3, 3))
            gdn.beta_root.copy_(torch.rand(3) + 0.5)
        gamma, beta = gdn.gamma_root**2, gdn.beta_root**2
        norm = torch.sqrt(beta[None, :, None, None] + torch.einsum("ij,njhw->nihw", gamma, x * x))
        torch.testing.assert_close(gdn(x), x * norm if inverse else x / norm, atol=1e-4, rtol=1e-4)


def test_sizes() -> None:
    latents = Analysis(3, 8, 6)(torch.rand(1, 3, 64, 128))
    assert latents.shape == (1, 6, 64 // REDUCTION, 128 // REDUCTION)
    assert Synthesis(3, 8, 6)(latents).shape == (1, 3, 64, 128)


def test_gains_undo_each_other_also_between_two_qualities() -> None:
    gains, x = Gains(3, 4), torch.randn(1, 4, 2, 2)
    for quality in (0, 0.25, 1, 1.5, 2):
        torch.testing.assert_close(gains.undo(gains.apply_to(x, quality), quality), x)
    between = gains.apply_to(x, 0.5) ** 2
    torch.testing.assert_close(between, gains.apply_to(x, 0) * gains.apply_to(x, 1))


def test_rounding_lets_the_gradient_through() -> None:
    x = torch.tensor([0.4, 1.6], requires_grad=True)
    y = rounded(x)
    y.sum().backward()
    assert y.tolist() == [0, 2] and x.grad.tolist() == [1, 1]
