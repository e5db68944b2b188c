"""What a file is, told by its bytes: a closed list, and names for what is not on it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from PIL import Image

from semcom.semantic.errors import PictureError
from semcom.semantic.picture_file import FORMATS, SUFFIXES, format_of, probe_picture, read_picture

from .files import COLOURS, saved

POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 200 200\n%%EndComments\n{ } loop\nshowpage\n%%EOF\n"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "PPM", "GIF", "AVIF", "JPEG2000"])
def test_every_format_is_known_and_read(kind: str) -> None:
    data = saved(COLOURS, kind)
    picture = read_picture(data)
    assert picture.format == format_of(data) == probe_picture(data) and picture.format in FORMATS
    assert picture.format.replace(" ", "").upper() == kind
    assert picture.pixels.shape == COLOURS.shape and not picture.notes


def test_heic() -> None:
    pillow_heif = pytest.importorskip("pillow_heif", reason="pillow-heif is needed: scripts/setup dev")
    heif = pillow_heif.from_pillow(Image.fromarray(COLOURS))
    import io

    file = io.BytesIO()
    heif.save(file, quality=95)
    picture = read_picture(file.getvalue())
    assert picture.format == "HEIC" and picture.pixels.shape == COLOURS.shape
    with pytest.raises(PictureError, match="HEIC"):
        read_picture(file.getvalue()[: len(file.getvalue()) // 2])


def test_heic_without_its_package_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(PictureError, match="package pillow-heif"):
        read_picture(b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(64))


@pytest.mark.parametrize("data", [POSTSCRIPT, b"\xc5\xd0\xd3\xc6" + bytes(28) + POSTSCRIPT])
def test_postscript_under_any_name_starts_nothing(data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*arguments: object, **options: object) -> None:
        raise AssertionError(f"a program was started: {arguments}")

    for name in ("Popen", "run", "call", "check_call", "check_output"):
        monkeypatch.setattr(subprocess, name, started)
    path = tmp_path / "holiday.jpg"
    path.write_bytes(data)
    for read in (lambda: read_picture(path), lambda: probe_picture(data, "holiday.jpg")):
        with pytest.raises(PictureError, match=r"holiday\.jpg: is a PostScript file"):
            read()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7\n", "a PDF document"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b"\xef\xbb\xbf <svg/>", "an SVG drawing"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"II*\0\x10\0\0\0CR\x02\0" + bytes(40), r"camera raw file \(Canon CR2\)"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(40), r"camera raw file \(Canon CR3\)"),
        (b"FUJIFILMCCD-RAW 0201" + bytes(40), r"camera raw file \(Fujifilm RAF\)"),
        (b"IIU\0" + bytes(40), r"camera raw file \(Panasonic RW2\)"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(40), "a video"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + bytes(40), "a video"),
        (b"RIFF\x10\0\0\0AVI LIST", "a video"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "a sound file"),
        (b"\x1aE\xdf\xa3" + bytes(40), "a video"),
        (b"\xff\x0a\xfa\x7f", "a JPEG XL picture"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"),
        (b"8BPS\0\1" + bytes(40), "a Photoshop document"),
        (b"v/1\x01" + bytes(40), "an OpenEXR picture"),
        (b"#?RADIANCE\n", "a Radiance HDR picture"),
        (b"Pf\n16 16\n-1.0\n" + bytes(1024), "a PFM map of floats"),
        (b"SIMPLE  =                    T", "a FITS file"),
        (bytes(128) + b"DICM" + bytes(40), "a DICOM file"),
        (b"\0\0\1\0\1\0\x10\x10" + bytes(40), "a Windows icon"),
        (b"PK\x03\x04" + bytes(40), "a ZIP archive"),
        (b"\x1f\x8b\x08" + bytes(40), "a gzip archive"),
        (b"SM\x01\0\0\1", "a semantic packet"),
        (b"\x7fELF\2\1\1", "a program"),
        (bytes(4096), "4096 bytes of zeros"),
        (b"", "is empty"),
        (b"just words", "not a picture in a format we can read: JPEG, PNG, WebP"),
        (b"BMX" + bytes(60), "not a picture"),
        (b"P9 16 16 255\n", "not a picture"),
    ],
)
def test_what_is_not_read_is_named(data: bytes, words: str) -> None:
    with pytest.raises(PictureError, match=words) as caught:
        read_picture(data, "it")
    assert str(caught.value).startswith("it: ") and "\n" not in str(caught.value)
    with pytest.raises(PictureError, match=words):
        probe_picture(data, "it")


def test_the_name_of_a_file_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "photo.txt"
    path.write_bytes(saved(COLOURS, "PNG"))
    assert read_picture(path).format == "PNG"
    assert ".heic" in SUFFIXES and ".eps" not in SUFFIXES


def test_brands_of_heic_and_avif_in_any_place() -> None:
    def head(*brands: bytes) -> bytes:
        return (16 + 4 * len(brands[1:])).to_bytes(4, "big") + b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:])

    assert format_of(head(b"mif1", b"mif1", b"avif", b"miaf")) == "AVIF"
    assert format_of(head(b"mif1", b"heic", b"mif1")) == "HEIC"
    avif = saved(COLOURS, "AVIF")
    assert avif[8:12] == b"avif"
    assert read_picture(avif[:8] + b"mif1" + avif[12:]).pixels.shape == COLOURS.shape


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_brand_counts_wherever_it_stands(tmp_path: Path, place: int) -> None:
    """The first box: its length, ftyp, the major brand, a version, then the compatible brands."""
    brands = [b"mif1", b"miaf", b"MA1B"]
    brands[place] = b"avif"
    head = (16 + 4 * len(brands)).to_bytes(4, "big") + b"ftyp" + b"mif1" + bytes(4) + b"".join(brands)
    assert format_of(head, "a.bin") == "AVIF"
