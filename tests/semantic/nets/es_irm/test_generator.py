"""The generator of ES-IRM: what it is led by, and its size."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup models")

from semcom.semantic.nets.es_irm.generator import NOISE, EsIrmGenerator  # noqa: E402


def given(rows: int = 32, columns: int = 48) -> list:
    torch.manual_seed(2)
    maps = (rows // 4, columns // 4)
    return [
        torch.randn(1, 8), torch.randn(1, NOISE), torch.rand(1, 3, rows, columns), torch.rand(1, 5, *maps),
        torch.randint(0, 256, (1, *maps)),
    ]  # fmt: skip


def test_everything_that_came_leads_it() -> None:
    net = EsIrmGenerator(8, (16, 16, 8, 8, 8)).eval()
    for block in net.blocks:  # a new net does not listen to words yet
        torch.nn.init.normal_(block.first_text.scale_shift.weight)
    with torch.inference_mode():
        made = net(*given())
        assert made.shape == (1, 3, 32, 48) and made.min() >= 0 and made.max() <= 1
        assert torch.equal(made, net(*given()))
        for which, other in enumerate(given()):
            changed = given()
            changed[which] = (other + 1) % 256
            assert not torch.equal(net(*changed), made), which


def test_the_smallest_picture_and_the_weights_of_the_recipe_s_size() -> None:
    net = EsIrmGenerator(512)
    assert net(torch.randn(1, 512), *given(16, 16)[1:]).shape == (1, 3, 16, 16)
    assert 2 * sum(p.numel() for p in net.parameters()) < 16 << 20  # what a weight file may have
