from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")

from semcom.semantic.nets.backbone import CHANNELS  # noqa: E402
from semcom.semantic.nets.boundary_head import BoundaryHead  # noqa: E402
from semcom.semantic.nets.boundary_net import BoundaryNet  # noqa: E402


def given(height: int, width: int) -> tuple[torch.Tensor, dict[int, torch.Tensor]]:
    generator = torch.Generator().manual_seed(3)
    picture = torch.rand(1, 3, height, width, generator=generator)
    return picture, {s: torch.rand(1, c, height // s, width // s, generator=generator) for s, c in CHANNELS.items()}


@pytest.mark.parametrize(("height", "width"), [(64, 64), (96, 352)])
def test_logits_are_as_large_as_the_picture(height: int, width: int) -> None:
    with torch.inference_mode():
        assert BoundaryHead().eval()(*given(height, width)).shape == (1, 1, height, width)


def test_the_picture_and_every_stride_have_a_say() -> None:
    torch.manual_seed(1)
    head = BoundaryHead().eval()
    with torch.inference_mode():
        picture, features = given(64, 64)
        before = head(picture, features)
        assert not torch.allclose(head(1 - picture, features), before)
        for stride in CHANNELS:
            assert not torch.allclose(head(picture, features | {stride: features[stride] + 1}), before)


def test_decoder_features_for_the_side_outputs() -> None:
    with torch.inference_mode():
        decoded = BoundaryHead().eval().pyramid(*given(64, 96))
    assert [tuple(one.shape[1:]) for one in decoded] == [(32, 32, 48), (40, 16, 24), (48, 8, 12), (64, 4, 6)]


def test_it_begins_with_the_small_network_s_convolutions() -> None:
    head, small = BoundaryHead().eval(), BoundaryNet().eval()
    picture = given(64, 64)[0]
    with torch.inference_mode():
        assert not torch.equal(head.stage4(head.stage2(picture)), small.stage4(small.stage2(picture)))
        head.begin_as(small)
        assert torch.equal(head.stage4(head.stage2(picture)), small.stage4(small.stage2(picture)))


def test_it_has_at_most_half_a_million_parameters() -> None:
    assert sum(parameter.numel() for parameter in BoundaryHead().parameters()) <= 500_000
