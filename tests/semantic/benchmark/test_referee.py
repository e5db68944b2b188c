"""The referee keeps to the bytes, gives codecs their best, and says who wins."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from semcom.apps.report.referee_page import render, words
from semcom.semantic import registry
from semcom.semantic.benchmark import labels
from semcom.semantic.benchmark.judge import Verdict, _found_again, _work
from semcom.semantic.benchmark.rivals import Rival, rivals
from semcom.semantic.benchmark.truth import Truth, load_truth
from semcom.semantic.layers import Caption, Objects, SceneObject
from semcom.semantic.metrics.quality import ms_ssim
from semcom.semantic.protocols import Coded
from semcom.semantic.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def scene():
    """A picture with edges, gradients and texture, 192 × 128."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:128, :192]
    picture = np.stack([x * 255 // 191, y * 2, 255 - x], axis=2).astype(float)
    picture[(x - 60) ** 2 + (y - 64) ** 2 < 900] = (220, 40, 30)
    picture[80:, 110:] += rng.normal(0, 25, (48, 82, 3))
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("rival", rivals(), ids=lambda rival: rival.name)
def test_codecs_keep_to_the_bytes_and_improve_with_them(rival, scene):
    few, many = rival.best(scene, 500), rival.best(scene, 3000)
    assert many.num_bytes <= 3000 and many.picture.shape == scene.shape
    assert ms_ssim(scene, many.picture) > 0.9
    if few is not None:
        assert few.num_bytes <= 500 and ms_ssim(scene, few.picture) < ms_ssim(scene, many.picture)


def test_a_codec_that_fits_nothing_is_no_rival(scene):
    assert Rival("AVIF", registry.create("picture_codecs", "avif")).best(scene, 10) is None


def test_a_codec_of_another_package_is_a_rival(scene):
    class Flat:
        name, number = "flat", 9

        def encode(self, image, max_bytes):
            return Coded(bytes(image.mean((0, 1)).astype(np.uint8)), 1, 1, "bicubic", "one colour")

        def decode(self, data, size):
            return np.frombuffer(data, np.uint8).reshape(1, 1, 3)

    with registry.override("picture_codecs", "flat", Flat()):
        flat = next(rival for rival in rivals() if rival.name == "flat, best size").best(scene, 100)
    assert flat.num_bytes == 3 and flat.picture.shape == scene.shape and flat.setting == "one colour"
    assert len(np.unique(flat.picture.reshape(-1, 3), axis=0)) == 1


def test_the_best_size_is_at_least_as_good_as_the_full_one(scene):
    full, best = (next(r for r in rivals() if r.name == name) for name in ("AVIF", "AVIF, best size"))
    assert ms_ssim(scene, best.best(scene, 800).picture) >= ms_ssim(scene, full.best(scene, 800).picture)


def verdict(rival, ours, **figures):
    return Verdict("a.png", rival, ours, 500, 490, **figures)


def test_words_name_the_winner_whoever_it_is():
    lines = words(
        [
            verdict("es-isc, meaning", True, ms_ssim=0.7, mean_iou=0.5, caption_chrf=0.5),
            verdict("AVIF", False, ms_ssim=0.8, mean_iou=0.3, caption_chrf=0.5),
        ],
        500,
    )
    assert "AVIF wins, 0.8 to 0.7 of es-isc, meaning" in lines[0]
    assert any("es-isc, meaning is ahead, 0.5 to 0.3 of AVIF" in line for line in lines)
    assert any("are level" in line for line in lines)
    assert not any("PSNR" in line for line in lines)


def test_the_page_shows_every_rival(scene):
    verdicts = [
        verdict("es-isc, <meaning>", True, ms_ssim=0.7, picture=scene, caption="a & b"),
        verdict("AVIF", False, ms_ssim=0.8, picture=scene, caption=None),
        Verdict("a.png", "WebP", False, 500, None),
    ]
    html = render(verdicts, {"a.png": scene})
    assert "es-isc, &lt;meaning&gt;: 490 B" in html and "a &amp; b" in html
    assert "do not fit so few bytes with WebP" in html and html.count("<img") == 3


def test_objects_are_found_again_once_each():
    vocabulary = labels.VOCABULARY
    car, dog = vocabulary["car"].id, vocabulary["dog"].id

    def objects(*items):
        return Objects(100, 100, vocabulary, tuple(SceneObject(i, c, b, 0.9) for i, (c, b) in enumerate(items, 1)))

    sent = objects((car, (0, 0, 50, 50)), (car, (50, 50, 100, 100)), (dog, (0, 50, 30, 90)))
    assert _found_again(sent, sent) == 1
    assert _found_again(sent, objects((car, (0, 0, 50, 45)), (dog, (60, 0, 90, 40)))) == pytest.approx(1 / 3)
    assert _found_again(sent, None) == 0 and _found_again(objects(), sent) is None


def test_truth_is_read_as_its_kind_says(tmp_path):
    mask = np.array([[0, 1, 11], [8, 9, 10]], np.uint8)
    Image.fromarray(mask).save(tmp_path / "street.png")
    truth = load_truth(tmp_path, tmp_path / "street.jpg", "camvid")
    assert truth.classes.tolist() == [[0, 1, -1], [8, 9, 10]]
    assert truth.class_of[labels.VOCABULARY["truck"].id] == labels.CAMVID.index("car")
    assert load_truth(tmp_path, tmp_path / "other.jpg", "camvid") is None


@pytest.mark.parametrize(("shape", "expected"), [((4, 6), 0.5), ((5, 6), None), (None, None)])
def test_truth_counts_where_there_is_one_of_the_same_size(shape, expected):
    """By people all of class 0, of which the receiver has half: half of the union."""
    labels = np.repeat(np.array([[0], [1]], np.uint8), 2, axis=0).repeat(6, axis=1)
    truth = None if shape is None else Truth(np.zeros(shape, np.int64), np.arange(256), 2)
    objects = Objects(6, 4, Vocabulary.load("everyday-1"), ())
    sender = SimpleNamespace(labels=labels, objects=objects, caption=Caption("a road"))
    result = verdict("AVIF", False)
    _work(result, sender, labels, None, Caption("a road"), truth, ())
    assert result.mean_iou == expected and result.agreement == 1.0
    assert result.caption_bleu == pytest.approx(1) and result.objects_found is None
    assert result.caption_right is None and result.caption_found is None


def test_people_s_captions_are_the_measure_where_there_are_some():
    labels, objects = np.zeros((2, 2), np.uint8), Objects(6, 4, Vocabulary.load("everyday-1"), ())
    sender = SimpleNamespace(labels=labels, objects=objects, caption=Caption("A dog."))
    result = verdict("AVIF", False)
    _work(result, sender, labels, None, Caption("A dog on a bed."), None, ("A cat on a bed.",) * 3)
    assert result.caption_right == 0.5 and result.caption_found == 0.5
    assert result.caption_chrf < 1


def test_of_distances_the_least_is_best_and_what_nobody_measured_has_no_column():
    one, other = (Verdict("a", name, name == "ours", 500, 400, ms_ssim=0.5) for name in ("ours", "AVIF"))
    one.picture = other.picture = np.zeros((8, 8, 3), np.uint8)
    one.lpips, other.lpips = 0.2, 0.4
    (line,) = [line for line in words([one, other], 500) if line.startswith("LPIPS")]
    assert "ours is ahead, 0.2 to 0.4 of AVIF" in line
    page = render([one, other], {"a": one.picture})
    assert "<strong>0.200</strong>" in page and "CLIP" not in page and "mean IoU" not in page
