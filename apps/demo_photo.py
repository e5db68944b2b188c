"""The photo of `semcom demo`: one that scikit-image brings along (the cat Chelsea, by Stéfan van der Walt, CC0)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from semcom.apps.output_folder import write_file_whole
from semcom.semantic import PictureError

PHOTO = "data/chelsea.png"


def write_demo_photo(folder: Path) -> Path:
    """Put the photo into a folder, as ``chelsea.png``.

    Raises
    ------
    PictureError
        scikit-image is not installed.
    """
    package = find_spec("skimage")
    if package is None or package.origin is None:
        raise PictureError(
            'the demo photo comes with scikit-image: pip install "gr-semcom[demo]", or name a photo of yours'
        )
    photo = folder / Path(PHOTO).name
    write_file_whole(photo, (Path(package.origin).parent / PHOTO).read_bytes())
    return photo
