"""Pictures fitted to bytes: never above, nearly all used, better than a fixed size; and the measure behind it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from semcom.semantic.coding.picture import decode_picture, encode_picture
from semcom.semantic.coding.picture_fitting import PictureFitter
from semcom.semantic.coding.similarity import Likeness
from semcom.semantic.metrics.quality import ms_ssim

from .maps import painting


@pytest.mark.parametrize(("height", "width"), [(384, 512), (16, 16), (40, 700), (700, 40), (61, 33)])
@pytest.mark.parametrize("max_bytes", [60, 333, 2500])
def test_never_above_its_bytes(height: int, width: int, max_bytes: int) -> None:
    fitted = PictureFitter(painting(height, width)).fit(max_bytes)
    if fitted is None:
        assert max_bytes == 60
        return
    assert len(fitted.coded) <= max_bytes
    assert fitted.pixels.shape == (fitted.height, fitted.width, 3)
    assert fitted.height <= height and fitted.width <= width


def test_too_few_bytes_give_nothing() -> None:
    assert PictureFitter(painting(100, 100)).fit(1) is None
    assert PictureFitter(painting(100, 100)).fit(5) is None
    assert PictureFitter(painting(100, 100)).probe(-3) is None


def test_more_bytes_look_better_and_are_used() -> None:
    fitter = PictureFitter(painting(300, 400))
    fitted = [fitter.fit(max_bytes) for max_bytes in (150, 400, 1200)]
    assert [f.likeness for f in fitted] == sorted(f.likeness for f in fitted)
    assert all(len(f.coded) > 0.85 * most for f, most in zip(fitted, (150, 400, 1200), strict=True))


def test_a_photo_is_fitted_in_few_codings(shared_dir, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each costs a tenth of a second; a fixed slope, begun anew at each size, took 11 and 10."""
    photo = np.asarray(Image.open(shared_dir / "data/kodak/kodim05.png").convert("RGB"))
    codings: list[int] = []
    code = PictureFitter._code

    def counted(fitter: PictureFitter, picture: Image.Image, quality: int, speed: int) -> tuple[bytes, int] | None:
        codings.append(quality)
        return code(fitter, picture, quality, speed)

    monkeypatch.setattr(PictureFitter, "_code", counted)
    for max_bytes in (1000, 3000):
        codings.clear()
        fitted = PictureFitter(photo).fit(max_bytes)
        assert len(codings) <= 8 and len(fitted.coded) > 0.94 * max_bytes


def test_same_bytes_again() -> None:
    picture = painting(200, 300)
    assert PictureFitter(picture).fit(500).coded == PictureFitter(picture).fit(500).coded


def test_a_fitted_size_beats_a_given_one(shared_dir) -> None:
    photo = np.asarray(Image.open(shared_dir / "data/kodak/kodim23.png").convert("RGB"))
    fitted = PictureFitter(photo).fit(1000)
    given = np.asarray(Image.fromarray(photo).resize((192, 128), Image.Resampling.LANCZOS))
    fixed = decode_picture(encode_picture(given, 1000), 128, 192)

    def quality(small: np.ndarray) -> float:
        return ms_ssim(photo, np.asarray(Image.fromarray(small).resize(photo.shape[1::-1], Image.Resampling.BICUBIC)))

    assert quality(fitted.pixels) > quality(fixed)
    assert fitted.likeness == pytest.approx(quality(fitted.pixels), abs=0.03)


def test_likeness_is_one_for_the_original_and_falls_with_noise(rng: np.random.Generator) -> None:
    for height, width in ((120, 200), (16, 16), (20, 300)):
        picture = painting(height, width)
        likeness = Likeness(picture)
        assert likeness(picture) == pytest.approx(1.0, abs=1e-4)
        noisy = [np.clip(picture + rng.normal(0, sigma, picture.shape), 0, 255).astype(np.uint8) for sigma in (5, 40)]
        assert 1.0 > likeness(noisy[0]) > likeness(noisy[1])


def test_quick_is_within_its_bytes_too_and_nearly_as_good(shared_dir) -> None:
    photo = np.asarray(Image.open(shared_dir / "data/kodak/kodim23.png").convert("RGB").resize((512, 384)))
    quick, slow = PictureFitter(photo, quick=True).fit(700), PictureFitter(photo).fit(700)
    assert len(quick.coded) <= 700 and quick.coded != slow.coded
    assert slow.likeness - 0.05 < quick.likeness < slow.likeness
