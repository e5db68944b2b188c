"""The fusion block: text moves whole channels, maps move places."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup models")

from semcom.semantic.nets.es_irm.fusion_block import FusionBlock, SpatialNorm, TextAffine  # noqa: E402


def test_maps_move_only_the_places_near_them() -> None:
    torch.manual_seed(1)
    norm, x, guide = SpatialNorm(4, 2), torch.randn(1, 4, 16, 16), torch.zeros(1, 2, 16, 16)
    other = guide.clone()
    other[..., 4, 4] = 3.0
    moved = (norm(x, other) - norm(x, guide)).abs().amax((0, 1))
    assert moved[4, 4] > 0 and (moved[8:, 8:] == 0).all() and (moved[7:, :] == 0).all()


def test_text_moves_every_place_of_a_channel_alike() -> None:
    torch.manual_seed(1)
    affine, x = TextAffine(3, 4), torch.ones(1, 4, 5, 5)
    assert torch.equal(affine(x, torch.ones(1, 3)), x)  # as it begins, it changes nothing
    torch.nn.init.normal_(affine.scale_shift.weight)
    moved = affine(x, torch.ones(1, 3)) - x
    assert moved.abs().max() > 0 and torch.allclose(moved, moved[..., :1, :1].expand_as(moved))


def test_the_resolution_doubles_whatever_that_of_the_maps_is() -> None:
    block = FusionBlock(8, 6, 2, 3)
    made = block(torch.randn(2, 8, 3, 5), torch.randn(2, 2, 48, 80), torch.randn(2, 3))
    assert made.shape == (2, 6, 6, 10) and made.isfinite().all()
