from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")

from semcom.semantic.benchmark.model_measures import Measured, ModelMeasures
from semcom.semantic.errors import ModelError

from ..metrics.test_lpips import write_weights

VECTORS = {"A dog.": (1.0, 0.0), "A white dog.": (0.8, 0.6), "A train.": (0.0, 1.0)}


def sentences(texts: list[str]) -> np.ndarray:
    return np.array([VECTORS[text] for text in texts])


def test_the_nearest_caption_counts(rng) -> None:
    picture = rng.integers(0, 256, (80, 80, 3), dtype=np.uint8)
    measured = ModelMeasures(sentences=sentences)(picture, picture, "A dog.", ["A train.", "A white dog."])
    assert measured == Measured(caption_similarity=pytest.approx(0.8))
    assert ModelMeasures(sentences=sentences)(picture, picture, "", ["A dog."]) == Measured()


def test_lpips_comes_from_the_folder_that_is_named(rng, tmp_path: Path) -> None:
    write_weights(tmp_path, "alex")
    measures = ModelMeasures(tmp_path, sentences=sentences)
    one, other = (rng.integers(0, 256, (80, 80, 3), dtype=np.uint8) for _ in range(2))
    assert measures(one, one, "A dog.", ["A dog."]).lpips == 0 < measures(one, other, "A dog.", ["A dog."]).lpips
    assert measures(one[:40], other[:40], "A dog.", ["A dog."]).lpips is None


def test_a_folder_that_holds_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"alex\.safetensors"):
        ModelMeasures(lpips_folder=tmp_path)
    with pytest.raises(ModelError):
        ModelMeasures(clip_folder=tmp_path)
