"""The CLIP metric with a checkpoint in the published layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from semcom.semantic.metrics.clip import ClipScore

from ...stand_ins import street


def test_a_picture_is_like_itself_and_less_like_another(tiny_models: Path) -> None:
    score = ClipScore(tiny_models / "clip")
    noise = np.random.default_rng(1).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    assert score.of_pictures(street(), street()) == pytest.approx(1.0, abs=1e-5)
    assert -1.0 <= score.of_pictures(street(), noise) < 0.9999
    one, other = score.of_text(street(), "a red car"), score.of_text(street(), "two dogs on the snow")
    assert -1.0 <= one <= 1.0 and one != other
    assert score.of_text(street(), "word " * 300) <= 1.0  # longer than the network takes
