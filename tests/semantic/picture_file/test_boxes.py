"""Sizes and colours as the containers of AVIF, HEIC and WebP tell them."""

import io

import numpy as np
import pytest
from PIL import Image

from semcom.semantic.picture_file.boxes import webp_size


@pytest.mark.parametrize("size", [(1, 1), (37, 500), (301, 20)])
@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 50}, {"lossless": True, "exif": b"Exif\0\0"}])
def test_every_kind_of_webp_tells_its_size(size, options):
    file = io.BytesIO()
    pixels = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(file, "WEBP", **options)
    assert webp_size(file.getvalue()) == size
    assert webp_size(file.getvalue()[:29]) is None


def test_other_chunks_tell_none():
    assert webp_size(b"RIFF\0\0\0\0WEBPALPH" + bytes(40)) is None
