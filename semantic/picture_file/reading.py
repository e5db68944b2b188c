"""A picture file becomes an sRGB array, and notes on what was decided on the way.

```
bytes ─ format_of ─► one of ten formats ─► picture alone + metadata ─ size checked ─► decoded ─ to_srgb ─► pixels, notes
```
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from semcom.semantic.errors import PictureError
from semcom.semantic.picture_file import boxes, formats, partial
from semcom.semantic.picture_file.colours import to_srgb
from semcom.semantic.picture_file.formats import format_of
from semcom.semantic.picture_file.jpeg import END, bare_jpeg
from semcom.semantic.picture_file.limits import MAX_FILE_BYTES, MAX_PICTURE_PIXELS, check_size
from semcom.semantic.picture_file.metadata import Metadata
from semcom.semantic.picture_file.png import bare_png
from semcom.semantic.picture_file.tiff import Decode, open_tiff

_PILLOW_NAMES = {formats.WEBP: "WEBP", formats.JPEG2000: "JPEG2000"}
_MAX_REASON = 160


@dataclass(frozen=True)
class PictureFile:
    """What a picture file holds.

    Attributes
    ----------
    pixels : uint8 [height, width, 3]
        sRGB, upright.
    format : str
        One of `formats.FORMATS`.
    notes : tuple of str
        What was decided for the user, and what of the file is not honoured: a line each, without the file's name.
    """

    pixels: np.ndarray
    format: str
    notes: tuple[str, ...] = ()


def load_picture(path: str | Path) -> np.ndarray:
    """Read a picture file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    uint8 [height, width, 3]
        sRGB, upright. `read_picture` also gives notes.

    Raises
    ------
    PictureError
        Not a file, not a picture, damaged, or outside the limits. Sizes are checked before pixels are decoded.
    """
    return read_picture(path).pixels


def read_picture(source: str | Path | bytes, name: str | None = None) -> PictureFile:
    """Read a picture, from a file or from the bytes of one.

    Parameters
    ----------
    source : str, Path or bytes
    name : str, optional
        As errors call it; None takes the path.

    Raises
    ------
    PictureError
        As `load_picture`. One sentence, which begins with the name.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return _decode(bytes(source), name or "picture")
    return _decode(read_bytes(source), name or str(source))


def decode_picture_file(data: bytes, name: str = "picture") -> np.ndarray:
    """uint8 [height, width, 3] of the bytes of a picture file."""
    return read_picture(bytes(data), name).pixels


def read_bytes(path: str | Path) -> bytes:
    """All of a file, bounded; raises `PictureError` where it is none or cannot be read."""
    path = Path(path)
    try:
        if path.exists() and not path.is_file():  # a device or a pipe may never end
            raise PictureError(f"{path}: must be a file")
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise PictureError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # a name with a zero byte
        raise PictureError(f"{str(path)!r}: cannot be read: {error}") from error
    if len(data) > MAX_FILE_BYTES:
        raise PictureError(f"{path}: a picture file must have at most {MAX_FILE_BYTES} bytes")
    return data


def probe_picture(data: bytes, name: str = "picture") -> str:
    """The format of a picture file whose size is within the limits; nothing is decoded.

    Raises
    ------
    PictureError
        It cannot be a picture that is read, and why.
    """
    kind = format_of(data, name)
    with _plain_errors(name, kind):
        _open(data, kind, name)
    return kind


@dataclass
class _Opened:
    """A picture about to be decoded: by Pillow, or by a function; `file` is what the decoder was given."""

    image: Image.Image | Decode
    metadata: Metadata
    file: bytes = b""


def _decode(data: bytes, name: str) -> PictureFile:
    kind = format_of(data, name)
    with _plain_errors(name, kind):
        opened = _open(data, kind, name)
        image, notes = _loaded(opened, kind, name)
        check_size(*image.size, name)
        pixels, more = to_srgb(image, opened.metadata)
    return PictureFile(pixels, kind, (*opened.metadata.notes, *notes, *more))


def _open(data: bytes, kind: str, name: str) -> _Opened:
    """The picture opened, its size checked."""
    if kind == formats.TIFF:
        image, metadata = open_tiff(data, name)
        return _Opened(image, metadata)
    metadata = Metadata()
    if kind == formats.JPEG:
        data, metadata = bare_jpeg(data, name)
    elif kind == formats.PNG:
        data, metadata = bare_png(data)
    elif kind == formats.WEBP and (size := boxes.webp_size(data)) is not None:
        check_size(*size, name)  # its decoder takes memory for the whole picture when it is opened
    elif kind in (formats.AVIF, formats.HEIC):
        metadata.notes += boxes.colour_notes(data)
    image = _opened_heic(data, name) if kind == formats.HEIC else _opened_by_pillow(data, kind)
    check_size(*image.size, name)
    if kind in (formats.WEBP, formats.AVIF):  # that of HEIC its decoder has followed
        metadata.take_exif(image.info.get("exif") or b"")
    if kind == formats.JPEG2000:
        metadata.profile = boxes.jpeg2000_profile(data)
    elif kind in (formats.WEBP, formats.AVIF, formats.HEIC):
        metadata.profile = image.info.get("icc_profile") or None
    metadata.notes += _frame_notes(image, kind)
    return _Opened(image, metadata, data)


def _opened_by_pillow(data: bytes, kind: str) -> Image.Image:
    if kind == formats.AVIF and data[8:12] not in (b"avif", b"avis"):  # the main brand may be one of the general ones
        data = data[:8] + b"avif" + data[12:]
    return Image.open(io.BytesIO(data), formats=[_PILLOW_NAMES.get(kind, kind)])


def _opened_heic(data: bytes, name: str) -> Image.Image:
    try:
        from pillow_heif import HeifImageFile
    except ImportError:
        raise PictureError(f"{name}: is a HEIC picture: the package pillow-heif reads such files") from None
    return HeifImageFile(io.BytesIO(data))


def _frame_notes(image: Image.Image, kind: str) -> list[str]:
    """A line where a file holds more than one picture."""
    if kind not in (formats.GIF, formats.WEBP, formats.AVIF, formats.HEIC):
        return []
    try:
        more = bool(getattr(image, "is_animated", False))
    except Exception:  # a second frame that is damaged
        more = True
    if not more:
        return []
    if kind == formats.HEIC:
        return ["the file holds several pictures: its main one is taken"]
    return ["the picture is animated: its first frame is taken"]


def _loaded(opened: _Opened, kind: str, name: str) -> tuple[Image.Image, list[str]]:
    """The decoded picture, and a note where not all of it came."""
    if not isinstance(opened.image, Image.Image):
        image, share, notes = opened.image()
        partial.check_share(share, name, None)
        return image, [*notes, partial.cut_off_note(share)] if share < 1.0 else notes
    try:
        image, share, error = partial.load_pixels(opened.image)
    except OSError:
        if kind != formats.JPEG:
            raise
        image, share, error = opened.image, 0.0, OSError("cut off")
    if error is None:
        return image, []
    if kind == formats.JPEG:
        return _ended_jpeg(opened.file, share, name)
    partial.check_share(share, name, error)
    return image, [partial.cut_off_note(share)]


def _ended_jpeg(data: bytes, share: float, name: str) -> tuple[Image.Image, list[str]]:
    """A JPEG that lacks its end, decoded again with one: the decoder then gives all that came.

    `share` is what came without that: nothing of a progressive one, of which every scan is needed.
    """
    with Image.open(io.BytesIO(data + END), formats=["JPEG"]) as image:
        image.load()
        before_end = partial.rows_before_flat_end(np.asarray(image.convert("RGB")))
        progressive = "progressive" in image.info
    if progressive:
        return image, ["the file is cut off: the picture is less fine than it was"]
    share = max(share, before_end)
    partial.check_share(share, name, None)
    return image, [partial.cut_off_note(share, "of one colour")]


@contextlib.contextmanager
def _plain_errors(name: str, kind: str) -> Iterator[None]:
    """Whatever decoders raise becomes a `PictureError` of one line that says what the file is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own limits speak, not Pillow's warning about large pictures
            yield
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise PictureError(f"{name}: a picture must have at most {MAX_PICTURE_PIXELS} pixels: {error}") from error
    except MemoryError as error:
        raise PictureError(f"{name}: is a {kind} picture that needs more memory than there is") from error
    except UnidentifiedImageError as error:
        raise PictureError(f"{name}: is a {kind} file that is damaged, or of a kind that is not read") from error
    except Exception as error:  # decoders of damaged files raise nearly anything
        reason = " ".join(str(error).split())[:_MAX_REASON] or type(error).__name__
        raise PictureError(f"{name}: is a {kind} file that is damaged: {reason}") from error
