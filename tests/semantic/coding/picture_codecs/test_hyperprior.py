"""The learned codec: latents alike on every machine, budgets kept, hostile bytes refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")

from semcom.semantic import EncodeRequest, PacketError, decode, encode, registry  # noqa: E402
from semcom.semantic.coding.picture_codecs import hyperprior  # noqa: E402
from semcom.semantic.coding.picture_codecs.hyperprior import LAST_STEP, MAX_PIXELS, Hyperprior  # noqa: E402
from semcom.semantic.errors import LayerError  # noqa: E402
from semcom.semantic.layers import LayerKind  # noqa: E402
from semcom.semantic.metrics.quality import psnr_db  # noqa: E402

from .decoding_elsewhere import check_decodes_alike_everywhere  # noqa: E402

FIRST_VERSION = Path(__file__).parents[3] / "data/picture_codecs/hyperprior_first.bin"
"""`photo()` as the codec coded it before it had other weights."""


def photo(width: int = 150, height: int = 100) -> np.ndarray:
    """Smooth colours and an edge."""
    y, x = np.mgrid[:height, :width]
    picture = np.stack([90 + 60 * np.sin(x / 17), 120 + 50 * np.cos(y / 11), 60 + x / 2], -1)
    picture[30:60, 40:90] += 50
    return picture.clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def coded() -> bytes:
    return Hyperprior().fill(Image.fromarray(photo()), 4000)[0]


def test_latents_are_the_same_with_any_threads_and_kernels_and_pixels_within_1(coded: bytes) -> None:
    check_decodes_alike_everywhere(coded, (150, 100))


def test_more_bytes_give_a_better_picture_and_none_is_exceeded() -> None:
    codec, picture = Hyperprior(), photo()
    qualities = []
    for max_bytes in (900, 2000, 5000):
        data, step = codec.fill(Image.fromarray(picture), max_bytes)
        assert len(data) <= max_bytes and data[0] == step <= LAST_STEP
        qualities.append(psnr_db(picture, codec.decode(data, (150, 100))))
    assert qualities[0] > 20 and qualities == sorted(qualities) and qualities[2] > qualities[0] + 3
    assert codec.fill(Image.fromarray(picture), 3) is None


def test_it_is_a_system_like_the_classical_ones() -> None:
    picture = photo()
    packet = encode(picture, request=EncodeRequest(system="hyperprior", budget_bytes=2500))
    assert len(packet.to_bytes()) <= 2500 and packet.content(LayerKind.PICTURE).codec == "hyperprior"
    assert psnr_db(picture, decode(packet).picture) > 20
    assert registry.create("picture_codecs", "hyperprior").number == 5


def test_hostile_bytes_are_refused_or_decode_within_the_limits(coded: bytes) -> None:
    rng, codec, refused = np.random.default_rng(1), Hyperprior(), 0
    for number in range(60):
        data = bytearray(coded[: 1 + int(rng.integers(len(coded)))] if number % 2 else coded)
        data[int(rng.integers(len(data)))] = int(rng.integers(256))
        try:
            codec.numbers(bytes(data), (150, 100))
        except PacketError:
            refused += 1
    assert refused > 20
    with pytest.raises(PacketError, match="quality must be in"):
        codec.decode(bytes([LAST_STEP + 1, 0]), (150, 100))
    with pytest.raises(PacketError, match=f"at most {MAX_PIXELS} pixels"):
        codec.decode(coded, (2048, 1200))


def test_weights_that_are_unknown_or_missing_are_named(
    coded: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(LayerError, match=r"must be one of hyperprior, seb_bases.*got 'lost'"):
        Hyperprior("lost")
    monkeypatch.setattr(hyperprior, "WEIGHTS", tmp_path)
    hyperprior.model.cache_clear()
    try:
        with pytest.raises(PacketError, match=r"cannot be used here: tables .*hyperprior\.tables\.npz"):
            Hyperprior().decode(coded, (150, 100))
    finally:
        hyperprior.model.cache_clear()


def test_a_picture_of_the_first_version_still_decodes() -> None:
    data, digest = FIRST_VERSION.read_bytes(), "6f78d1fbe6777741d2665c52a990b9f82186f41c65409fe8c7c010a901d834d6"
    step, numbers = Hyperprior().numbers(data, (150, 100))
    assert (step, hashlib.sha256(numbers.tobytes()).hexdigest()) == (data[0], digest)
    assert psnr_db(photo(), Hyperprior().decode(data, (150, 100))) > 25


@pytest.mark.parametrize(("weights", "number"), [("seb_residual", 2), ("seb_alone", 3)])
def test_other_weights_say_their_number(weights: str, number: int) -> None:
    data, step = Hyperprior(weights).fill(Image.fromarray(photo()), 4000)
    assert data[0] == 64 * number + step
    assert psnr_db(photo(), Hyperprior().decode(data, (150, 100))) > 20
