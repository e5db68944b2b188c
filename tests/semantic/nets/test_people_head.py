from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")

from semcom.semantic.nets.backbone import CHANNELS  # noqa: E402
from semcom.semantic.nets.people_head import OUTPUTS, STRIDE, PeopleHead  # noqa: E402


def features(height: int, width: int) -> dict[int, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    return {s: torch.rand(1, c, height // s, width // s, generator=generator) for s, c in CHANNELS.items()}


@pytest.mark.parametrize(("height", "width"), [(64, 64), (96, 352)])
def test_maps_are_at_an_eighth(height: int, width: int) -> None:
    with torch.inference_mode():
        maps = PeopleHead().eval()(features(height, width))
    assert maps.shape == (1, len(OUTPUTS), height // STRIDE, width // STRIDE)


def test_every_stride_it_names_has_a_say() -> None:
    head = PeopleHead().eval()
    with torch.inference_mode():
        before = head(features(64, 64))
        for stride in (8, 16, 32):
            other = features(64, 64)
            other[stride] = other[stride] + 1
            assert not torch.allclose(head(other), before)
        other = features(64, 64)
        other[4] = other[4] + 1
        assert torch.equal(head(other), before)
