from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.metrics.quality import ms_ssim, psnr_db, ssim

skimage_metrics = pytest.importorskip("skimage.metrics", reason="scikit-image is the reference here: scripts/setup dev")


def pair(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[0:200, 0:260]
    base = 128 + 60 * np.sin(x / 17) + 50 * np.cos(y / 23)
    picture = np.clip(base[:, :, None] + rng.normal(0, 10, (200, 260, 3)), 0, 255).astype(np.uint8)
    noisy = np.clip(picture + rng.normal(0, 15, picture.shape), 0, 255).astype(np.uint8)
    return picture, noisy


def test_psnr_against_scikit_image(rng: np.random.Generator) -> None:
    a, b = pair(rng)
    assert psnr_db(a, b) == pytest.approx(skimage_metrics.peak_signal_noise_ratio(a, b), abs=1e-9)
    assert psnr_db(a, a) == float("inf")


def test_ssim_against_scikit_image(rng: np.random.Generator) -> None:
    a, b = pair(rng)
    luma = [image.astype(np.float64) @ [0.299, 0.587, 0.114] for image in (a, b)]
    reference = skimage_metrics.structural_similarity(
        *luma, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert ssim(a, b) == pytest.approx(reference, abs=2e-3)
    assert ssim(a, a) == pytest.approx(1.0, abs=1e-6)


def test_ms_ssim_orders_degradations(rng: np.random.Generator) -> None:
    a, b = pair(rng)
    worse = np.clip(b + rng.normal(0, 40, b.shape), 0, 255).astype(np.uint8)
    assert ms_ssim(a, a) == pytest.approx(1.0, abs=1e-6)
    assert 1 > ms_ssim(a, b) > ms_ssim(a, worse) > 0
    assert 0 < ms_ssim(a[:40, :40], b[:40, :40]) < 1
