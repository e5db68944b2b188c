"""Classical codecs: within the bytes, back to the pixels of the library itself, bounded against bytes from outside."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from semcom.semantic import registry
from semcom.semantic.coding.picture_codecs import codec as codec_file
from semcom.semantic.coding.picture_codecs.codec import ENLARGED_BY, MAX_CODED_PIXELS, MAX_CODED_SIDE, check_size
from semcom.semantic.errors import PacketError
from semcom.semantic.metrics.quality import ms_ssim

from ....stand_ins import street

NAMES = registry.own_names("picture_codecs")
CLASSICAL = [name for name in NAMES if name != "hyperprior"]
"""Those whose files a library makes."""


def textured(width: int, height: int) -> np.ndarray:
    """uint8 [height, width, 3]: the street with texture, so that quality costs bytes."""
    noise = np.random.default_rng(3).normal(0, 12, (height, width, 3))
    return np.clip(street(width, height) + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [(240, 160), (97, 65), (131, 70)])
def test_what_is_coded_comes_back_within_the_bytes(name: str, size: tuple[int, int]) -> None:
    codec, image = registry.create("picture_codecs", name), textured(*size)
    few, many = codec.encode(image, 600), codec.encode(image, 4000)
    similarity = []
    for coded, most in ((few, 600), (many, 4000)):
        assert len(coded.data) <= most
        shown = Image.fromarray(codec.decode(coded.data, (coded.width, coded.height))).resize(size)
        similarity.append(ms_ssim(image, np.asarray(shown)))
    assert similarity[1] > 0.9 and similarity[1] > similarity[0]
    assert codec.encode(image, 600) == few  # whatever was coded before


def test_the_same_budget_gives_the_same_bytes_whatever_was_coded_before() -> None:
    codec, image = registry.create("picture_codecs", "webp"), textured(240, 160)
    alone = codec.encode(image, 900)
    codec.encode(image, 3000)
    codec.encode(textured(97, 65), 900)
    assert codec.encode(image, 900) == alone


@pytest.mark.parametrize("name", NAMES)
def test_too_few_bytes_give_none(name: str) -> None:
    assert registry.create("picture_codecs", name).encode(textured(240, 160), 12) is None


def test_a_smaller_size_serves_better_where_bytes_are_few() -> None:
    image = textured(480, 320)
    full = registry.create("picture_codecs", "webp", {"best_size": False})
    best = registry.create("picture_codecs", "webp")
    similarity = []
    for codec in (full, best):
        coded = codec.encode(image, 1500)
        small = Image.fromarray(codec.decode(coded.data, (coded.width, coded.height)))
        similarity.append(ms_ssim(image, np.asarray(small.resize((480, 320), ENLARGED_BY[coded.enlarged_by]))))
    assert full.encode(image, 1500).width == 480 and best.encode(image, 1500).width < 480
    assert similarity[1] > similarity[0]


@pytest.mark.parametrize("name", CLASSICAL)
def test_pixels_are_those_of_the_file_that_the_library_made(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The container taken off and put on again changes no pixel: compared with the file decoded as it was made."""
    files: list[bytes] = []

    class Kept(io.BytesIO):
        def close(self) -> None:
            pass

        def getvalue(self) -> bytes:
            files.append(super().getvalue())
            return files[-1]

    codec, size = registry.create("picture_codecs", name), (200, 134)
    picture = Image.fromarray(textured(*size))
    monkeypatch.setattr(f"semcom.semantic.coding.picture_codecs.{name}.io.BytesIO", Kept)
    data = codec.compress(picture, 30)
    monkeypatch.undo()
    if name == "heic":
        import pillow_heif

        whole = pillow_heif.open_heif(io.BytesIO(files[0])).to_pillow().convert("RGB")
    else:
        whole = Image.open(io.BytesIO(files[0])).convert("RGB")
    np.testing.assert_array_equal(codec.decode(data, size), np.asarray(whole))
    assert len(data) < len(files[0]) - 20


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None)
@example(data=bytes(2), width=1, height=1)
@given(data=st.binary(min_size=1, max_size=300), width=st.integers(1, 300), height=st.integers(1, 300))
def test_random_bytes_are_a_picture_of_that_size_or_refused(name: str, data: bytes, width: int, height: int) -> None:
    codec = registry.create("picture_codecs", name)
    try:
        picture = codec.decode(data, (width, height))
    except PacketError as error:
        assert str(error).startswith("picture: ")
    else:
        assert picture.shape == (height, width, 3) and picture.dtype == np.uint8


@pytest.mark.parametrize("name", NAMES)
def test_every_cut_is_a_picture_of_that_size_or_refused(name: str) -> None:
    codec = registry.create("picture_codecs", name)
    coded = codec.encode(textured(96, 64), 1200)
    size = (coded.width, coded.height)
    for length in range(1, len(coded.data), 7):
        with contextlib.suppress(PacketError):
            assert codec.decode(coded.data[:length], size).shape == (*size[::-1], 3)


@pytest.mark.parametrize(
    ("size", "said"),
    [
        ((0, 5), "coded width must be 1 to"),
        ((5, MAX_CODED_SIDE + 1), f"coded height must be 1 to {MAX_CODED_SIDE}"),
        ((4096, 1025), f"at most {MAX_CODED_PIXELS} coded pixels, got 4096 × 1025"),
    ],
)
def test_sizes_are_bounded_before_anything_is_opened(size: tuple[int, int], said: str) -> None:
    check_size(4096, 1024)
    for name in NAMES:
        with pytest.raises(PacketError, match=said):
            registry.create("picture_codecs", name).decode(b"data", size)


def test_larger_originals_are_coded_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec_file, "MAX_CODED_PIXELS", 6000)
    coded = registry.create("picture_codecs", "webp").encode(textured(240, 160), 6000)
    assert coded.width * coded.height <= 6000
