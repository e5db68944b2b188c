"""AVIF without its container: what is rebuilt decodes to the same pixels as the file it came from."""

import io

import numpy as np
import pytest
from PIL import Image

from semcom.semantic.coding.avif_container import ALL_TOOLS, rebuild_avif, strip_avif

from .maps import painting


def avif(picture, **options):
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "AVIF", subsampling="4:2:0", autotiling=False, max_threads=1, **options)
    return buffer.getvalue()


def pixels(file):
    with Image.open(io.BytesIO(file), formats=["AVIF"]) as opened:
        return np.array(opened.convert("RGB"))


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (9, 5), (33, 64), (96, 64), (512, 512), (640, 700)])
@pytest.mark.parametrize(("speed", "tune"), [(8, "ssim"), (6, "iq"), (8, "psnr")])
def test_rebuilt_file_has_the_same_pixels(size, speed, tune):
    width, height = size
    file = avif(painting(height, width), quality=30, speed=speed, codec="aom", advanced={"tune": tune})
    frame, tools = strip_avif(file, width, height)
    assert 0 <= tools <= ALL_TOOLS
    assert len(frame) < len(file) - 280
    assert np.array_equal(pixels(rebuild_avif(frame, width, height, tools)), pixels(file))


def test_a_file_of_another_kind_is_not_stripped():
    buffer = io.BytesIO()
    Image.fromarray(painting(16, 16)).save(buffer, "AVIF", subsampling="4:4:4")
    assert strip_avif(buffer.getvalue(), 16, 16) is None
    assert strip_avif(avif(painting(16, 16)), 16, 24) is None
    assert strip_avif(b"no picture", 16, 16) is None


def test_size_comes_from_the_declaration_not_from_the_frame():
    """A frame coded for another size cannot bring that size along."""
    frame, tools = strip_avif(avif(painting(64, 96), quality=30), 96, 64)
    with Image.open(io.BytesIO(rebuild_avif(frame, 32, 24, tools)), formats=["AVIF"]) as opened:
        assert opened.size == (32, 24)
