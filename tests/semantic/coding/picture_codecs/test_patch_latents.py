"""Semantic bases as the learned codec has them: alike on every machine, each patch by itself, bad files refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")

from semcom.semantic.coding.picture_codecs.hyperprior import LAST_STEP, MODEL_UNIT, WEIGHTS, Hyperprior  # noqa: E402
from semcom.semantic.coding.picture_codecs.patch_latents import PatchTables  # noqa: E402
from semcom.semantic.errors import ModelError, PacketError  # noqa: E402
from semcom.semantic.metrics.quality import psnr_db  # noqa: E402

from .decoding_elsewhere import check_decodes_alike_everywhere  # noqa: E402

SIZE = (160, 96)


def mosaic() -> np.ndarray:
    """Smooth patches, each of its own colours."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    waves = [90 + 60 * np.sin(x / 9 + y // 32), 120 + 50 * np.cos(y / 7 + x // 32), 60 + 20 * (x // 32) + 0 * y]
    return np.stack(waves, -1).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def coded() -> bytes:
    return Hyperprior("seb_bases").fill(Image.fromarray(mosaic()), 2000)[0]


def test_latents_are_the_same_with_any_threads_and_kernels_and_pixels_within_1(coded: bytes) -> None:
    check_decodes_alike_everywhere(coded, SIZE)


def test_more_bytes_give_better_bases_and_none_is_exceeded() -> None:
    codec, qualities = Hyperprior("seb_bases"), []
    for most in (400, 800, 2000):
        data, step = codec.fill(Image.fromarray(mosaic()), most)
        assert len(data) <= most and data[0] == MODEL_UNIT + step
        qualities.append(psnr_db(mosaic(), Hyperprior().decode(data, SIZE)))
    assert qualities == sorted(qualities) and 15 < qualities[0] < qualities[2]


def test_a_patch_does_not_depend_on_its_neighbours(coded: bytes) -> None:
    codec, patch = Hyperprior("seb_bases"), mosaic()[32:64, 64:96]
    together = codec.patch_latents(np.stack([patch, mosaic()[:32, :32]]))
    np.testing.assert_allclose(together[:1], codec.patch_latents(patch[None]), atol=1e-4)
    _, numbers = codec.numbers(coded, SIZE)
    assert numbers.shape == (15, 48, 2, 2) and numbers.any()


def test_hostile_bytes_are_refused_or_decode(coded: bytes) -> None:
    rng, refused = np.random.default_rng(1), 0
    for number in range(40):
        data = bytearray(coded[: 1 + int(rng.integers(len(coded)))] if number % 2 else coded)
        data[int(rng.integers(len(data)))] = int(rng.integers(256))
        try:
            Hyperprior().numbers(bytes(data), SIZE)
        except PacketError:
            refused += 1
    assert refused > 10
    for model in range(4):
        with pytest.raises(PacketError, match="quality must be in"):
            Hyperprior().decode(bytes([MODEL_UNIT * model + LAST_STEP + 1, 0]), SIZE)


@pytest.mark.parametrize(
    ("rows", "probabilities", "rule"),
    [
        (np.zeros((49, 3)), np.zeros((32, 18)), "1..65535"),
        (np.full((49, 3), 32), np.ones((32, 18)), r"0\.\.31"),
        (np.zeros(49), np.ones((32, 18)), "rows must be"),
        (np.zeros((49, 3)), np.ones((32, 17)), "probabilities must be"),
    ],
)
def test_tables_that_do_not_fit_are_refused(tmp_path: Path, rows, probabilities, rule: str) -> None:
    PatchTables(rows, probabilities).save(tmp_path / "odd.npz")
    with pytest.raises(ModelError, match=rule):
        PatchTables.load(tmp_path / "odd.npz")


def test_missing_and_damaged_tables_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.npz are missing"):
        PatchTables.load(tmp_path / "none.npz")
    (tmp_path / "cut.npz").write_bytes((WEIGHTS / "seb_bases.tables.npz").read_bytes()[:300])
    with pytest.raises(ModelError, match=r"cut\.npz are damaged"):
        PatchTables.load(tmp_path / "cut.npz")
