import builtins

import numpy as np
import pytest
from PIL import Image

from semcom.semantic.errors import ModelError, PictureError
from semcom.semantic.extract import segmenter as module
from semcom.semantic.extract.segmenter import Segmenter
from semcom.semantic.vocabulary import Vocabulary

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
pytest.importorskip("safetensors", reason="safetensors is needed: scripts/setup demo")


@pytest.fixture(scope="module")
def segmenter():
    return Segmenter()


def picture(rng, height, width):
    small = rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


@pytest.mark.parametrize(("height", "width"), [(1, 1), (16, 16), (40, 400), (401, 37), (333, 517), (300, 1500)])
def test_labels_and_scores_have_the_picture_s_size(segmenter, rng, height, width):
    result = segmenter(picture(rng, height, width))
    assert result.labels.shape == result.score.shape == (height, width)
    assert result.labels.dtype == np.uint8 and result.score.dtype == np.float32
    assert result.labels.max() < len(segmenter.vocabulary)
    assert result.score.min() > 0 and result.score.max() <= 1


@pytest.mark.parametrize("value", [0, 255])
def test_plain_pictures_work(segmenter, value):
    result = segmenter(np.full((64, 96, 3), value, np.uint8))
    assert np.isfinite(result.score).all()


def test_same_picture_same_labels_with_any_number_of_threads(segmenter, rng):
    image = picture(rng, 240, 320)
    first = segmenter(image)
    assert np.array_equal(first.labels, segmenter(image).labels)
    other = Segmenter(threads=2)(image)
    assert (first.labels == other.labels).mean() > 0.999  # sums may run in another order


def test_street_is_understood(segmenter, shared_dir):
    """A CamVid val frame: road below, and most pixels right (the weights' card has the figures over the whole set)."""
    folder = shared_dir / "data/camvid/val"
    path = sorted((folder / "images").iterdir())[50]
    truth = np.asarray(Image.open(folder / "masks" / f"{path.stem}.png"))
    result = segmenter(np.asarray(Image.open(path).convert("RGB")))
    names = ["sky", "building", "pole", "road", "pavement", "tree", "sign", "fence", "car", "person", "cyclist"]
    ids = np.array([segmenter.vocabulary[name].id for name in names])
    known = truth < 11
    assert (result.labels[known] == ids[truth[known]]).mean() > 0.75


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
        "photo.png",
    ],
)
def test_other_arrays_are_refused(segmenter, image):
    with pytest.raises(PictureError, match="image must"):
        segmenter(image)


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(ModelError, match=r"gone\.safetensors"):
        Segmenter(tmp_path / "gone.safetensors")


def test_damaged_weights_are_named(tmp_path):
    path = tmp_path / "damaged.safetensors"
    path.write_bytes(module.WEIGHTS.read_bytes()[:100_000])
    with pytest.raises(ModelError, match=r"damaged\.safetensors"):
        Segmenter(path)


def test_weights_of_another_vocabulary_are_refused(tmp_path):
    content = module.WEIGHTS.read_bytes()
    path = tmp_path / "other.safetensors"
    path.write_bytes(content.replace(b'"everyday-1"', b'"everyday-9"'))
    with pytest.raises(ModelError, match="everyday-9"):
        Segmenter(path)
    path.write_bytes(content.replace(f'"{Vocabulary.load("everyday-1").hash:04x}"'.encode(), b'"0000"'))
    with pytest.raises(ModelError, match="vocabulary_hash must be"):
        Segmenter(path)


def test_without_torch_the_error_says_what_to_install(monkeypatch):
    real_import = builtins.__import__

    def without_torch(name, *args, **kwargs):
        if name.startswith("semcom.semantic.nets"):
            raise ImportError("No module named 'torch'")
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_torch)
    with pytest.raises(ModelError, match=r'pip install "gr-semcom\[models\]"'):
        Segmenter()


def test_smaller_working_sizes_alone_see_about_the_same(segmenter, shared_dir):
    folder = shared_dir / "data/camvid/val"
    image = np.asarray(Image.open(sorted((folder / "images").iterdir())[50]).convert("RGB"))
    small = Segmenter(mirror=False, largest_side_px=448)
    assert small.probabilities(image).shape[1] < segmenter.probabilities(image).shape[1]
    assert 0.8 < (small(image).labels == segmenter(image).labels).mean() < 1
    with pytest.raises(ModelError, match="largest_side_px must be at least 224, got 100"):
        Segmenter(largest_side_px=100)
