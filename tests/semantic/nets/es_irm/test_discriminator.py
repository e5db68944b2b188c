"""The discriminator's head: sentence and maps both count, place by place. CLIP itself: tests/semantic/backends."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup models")

from semcom.semantic.nets.es_irm.discriminator import ClipDiscriminator  # noqa: E402


def test_it_listens_to_the_sentence_and_looks_at_the_maps() -> None:
    torch.manual_seed(3)
    judge, maps, sentence = ClipDiscriminator(6, 4, 8), torch.randn(2, 6, 5, 5), torch.randn(2, 4)
    score = judge(maps, sentence)
    assert score.shape == (2,) and score.isfinite().all()
    assert (judge(maps, sentence.roll(1, 0)) != score).all() and (judge(maps.roll(1, 0), sentence) != score).all()
    assert torch.allclose(judge(maps[:1], sentence[:1]), score[:1], atol=1e-6)
