"""Inputs that people brought: each is read rightly or refused by name. Their kinds are tested beside, made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcom.semantic.errors import PictureError
from semcom.semantic.picture_file import read_picture

ASTRONAUT = 149.3
"""Mean grey of the picture that most of them show."""

READ = {
    "skimage_bicubic.tif": (178.9, ["32-bit floats", "outside of 0 to 1"]),
    "f32_inf.tif": (ASTRONAUT, ["32-bit floats", "1 values are not finite"]),
    "grey16_minwhite.tif": (ASTRONAUT, []),
    "grey_u32.tif": (ASTRONAUT, []),
    "grey_f64.tif": (ASTRONAUT, ["64-bit floats"]),
    "icc_greylin16.png": (148.7, []),
    "multi_thumbfirst.tif": (147.5, ["2 pages: page 2, the largest"]),
    "exif6_srational.jpg": (147.5, []),
    "base_trunc2bytes.jpg": (147.5, ["cut off"]),
    "x.heic": (147.1, []),
    "six_mp.jpg": (114.8, []),
}
REFUSED = {"holiday.jpg": "is a PostScript file", "stub.dng": r"camera raw file \(DNG\)"}


@pytest.fixture
def photos(shared_dir: Path) -> Path:
    folder = shared_dir / "cases" / "photo"
    if not folder.is_dir():
        pytest.skip(f"no reference data in {folder}: SEMCOM_SHARED=FOLDER make test, where FOLDER has cases/")
    return folder


@pytest.mark.parametrize("name", READ)
def test_read_rightly(name: str, photos: Path) -> None:
    mean, notes = READ[name]
    picture = read_picture(photos / name)
    assert abs(picture.pixels.mean() - mean) < 0.6
    assert len(picture.notes) == len(notes)
    assert all(words in note for words, note in zip(notes, picture.notes, strict=True))


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name(name: str, photos: Path) -> None:
    with pytest.raises(PictureError, match=REFUSED[name]):
        read_picture(photos / name)


def test_no_case_is_forgotten(photos: Path) -> None:
    assert {path.name for path in photos.iterdir()} == {*READ, *REFUSED}
