"""WebP without its container: the rebuilt file is the file."""

import io

import pytest
from PIL import Image

from semcom.semantic.coding.webp_container import rebuild_webp, strip_webp

from .maps import painting


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (33, 21), (300, 200)])
@pytest.mark.parametrize("quality", [0, 60])
def test_rebuilt_file_is_the_original(size, quality):
    width, height = size
    buffer = io.BytesIO()
    Image.fromarray(painting(height, width)).save(buffer, "WEBP", quality=quality)
    frame = strip_webp(buffer.getvalue())
    assert len(frame) <= len(buffer.getvalue()) - 27
    assert rebuild_webp(frame, width, height) == buffer.getvalue()


def test_a_file_of_another_kind_is_not_stripped():
    buffer = io.BytesIO()
    Image.fromarray(painting(16, 16)).save(buffer, "WEBP", lossless=True)
    assert strip_webp(buffer.getvalue()) is None
    assert strip_webp(b"RIFF") is None
