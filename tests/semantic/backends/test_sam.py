"""Segment Anything from a folder: its masks become a detail map; points reach the network at their places."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from semcom.semantic import EncodeRequest, LayerKind, PartChoice, SemanticPacket, encode, registry
from semcom.semantic.backends.sam import points_that_fit

from ...stand_ins import street, street_parts

LENIENT = {"points_per_side": 4, "least_iou": -9.0, "least_stability": 0.0, "most_overlap": 0.95}


@pytest.mark.usefixtures("models")
def test_its_masks_become_a_detail_map() -> None:
    request = EncodeRequest(parts={"detailer": PartChoice("sam", LENIENT)}, budget_bytes=2500)
    with street_parts():
        packet = SemanticPacket.from_bytes(encode(street(240, 160), request=request).to_bytes())
    edges = packet.content(LayerKind.DETAIL_MAP).edges
    assert 0 < edges.mean() < 0.6


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize(("width", "height"), [(96, 64), (64, 96), (16, 16), (300, 100)])
def test_boundaries_have_the_picture_s_size(width: int, height: int) -> None:
    strength = registry.create("detailers", "sam", LENIENT)(street(width, height))
    assert strength.shape == (height, width) and strength.dtype == np.float32
    assert strength.min() >= 0 and strength.max() <= 1


@pytest.mark.usefixtures("models")
def test_nothing_good_enough_is_no_boundary() -> None:
    assert registry.create("detailers", "sam", LENIENT | {"least_stability": 1.1})(street()).max() == 0


@pytest.mark.parametrize(
    ("device", "free", "points"),
    [
        ("cpu", None, 16),
        ("cpu", 64 << 30, 16),
        ("cpu", 1 << 30, 8),
        ("cpu", 0, 1),
        ("cuda:0", 8 << 30, 64),
        ("cuda", 1 << 30, 16),
    ],
)
def test_points_at_a_time_go_by_the_memory_that_is_free(device: str, free: int | None, points: int) -> None:
    assert points_that_fit(device, free) == points


def test_batches_change_nothing_and_points_are_in_pixels(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    detailer = registry.create("detailers", "sam", LENIENT)
    whole = np.concatenate([logits for logits, _ in detailer._prompted(street(96, 64))])
    seen: list[torch.Tensor] = []
    model = detailer._loaded.model
    forward = model.forward
    monkeypatch.setattr(detailer, "_batch", 3)
    monkeypatch.setattr(model, "forward", lambda **given: seen.append(given["input_points"]) or forward(**given))
    parts = np.concatenate([logits for logits, _ in detailer._prompted(street(96, 64))])
    np.testing.assert_allclose(parts, whole, atol=1e-4)
    points = torch.cat(seen, 1)[0, :, 0].numpy()
    assert [len(batch[0]) for batch in seen] == [3, 3, 3, 3, 3, 1]
    np.testing.assert_allclose(points[0], [8.0, 43 / 8], atol=0.1)  # 64 × 43 pixels, a quarter each, the middle of it
    np.testing.assert_allclose(points[-1], [56.0, 43 * 7 / 8], atol=0.1)
    assert whole.shape[0] == 16 * 3 and whole.shape[1:] == (22, 32)
