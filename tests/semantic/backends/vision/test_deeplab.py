"""DeepLab from a folder that the user names: the whole picture is looked at, VOC's classes become ours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from semcom.semantic import registry
from semcom.semantic.vocabulary import Vocabulary

from ....stand_ins import street
from ..vision_checkpoints import deeplab

OURS = Vocabulary.load("everyday-1")


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize("kind", ["mobilevit", "mobilenet_v2"])
def test_from_a_named_folder(tmp_path: Path, kind: str) -> None:
    segmenter = registry.create("segmenters", "deeplab", {"folder": str(deeplab(tmp_path / "deeplab", kind))})
    for width, height in ((96, 64), (16, 16), (50, 200)):
        found = segmenter(street(width, height))
        assert found.labels.shape == (height, width)
    probabilities = segmenter.probabilities(street())
    assert probabilities[OURS["car"].id].max() > 0 and probabilities[OURS["sky"].id].max() == 0
    assert probabilities.sum(0).max() < 1.0


@pytest.mark.usefixtures("models")
def test_the_whole_of_a_wide_picture_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own processor would cut the middle out."""
    from transformers import MobileViTForSemanticSegmentation

    seen, forward = [], MobileViTForSemanticSegmentation.forward
    monkeypatch.setattr(
        MobileViTForSemanticSegmentation,
        "forward",
        lambda self, pixel_values: seen.append(pixel_values) or forward(self, pixel_values),
    )
    wide = np.full((64, 320, 3), 255, np.uint8)
    wide[:, :40] = 0
    registry.create("segmenters", "deeplab").probabilities(wide)
    assert seen[0].shape == (1, 3, 64, 64)
    row = seen[0][0, :, 32].numpy()
    assert row[:, :6].max() < 0.05 and row[:, 11:].min() > 0.95
