"""TIFF files: which page is the picture, and who decodes it.

```
directories ─ no camera raw ─► largest page ─┬─ up to 8 bits, colours of 16 ─► a file of this page alone ─► Pillow
                                             └─ deep greys, floats, planes ──► `tiff_samples`
```

Pillow never sees more than the tags that pixels need: neither damaged metadata nor a second page can mislead it.

References
----------
TIFF 6.0; TIFF Technical Note 1 (sub-directories); Adobe DNG 1.6 (what marks a camera raw file).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

from PIL import Image

from semcom.semantic.errors import PictureError
from semcom.semantic.picture_file import tiff_layout as tags
from semcom.semantic.picture_file.limits import check_size
from semcom.semantic.picture_file.metadata import MAX_PROFILE_BYTES, ORIENTATION, Metadata
from semcom.semantic.picture_file.tiff_directory import MAX_DIRECTORIES, Directory, read_directories
from semcom.semantic.picture_file.tiff_layout import Layout
from semcom.semantic.picture_file.tiff_samples import COLOURS, check_samples, read_samples
from semcom.semantic.picture_file.tiff_strips import is_cut_off

_SUBFILE_TYPE, _PROFILE, _DNG_VERSION = 254, 34675, 50706
_REDUCED, _MASK = 1, 4

_RAW_PHOTOMETRIC = {32803, 34892}
_RAW_COMPRESSION = {32767, 32769, 32770, 34713, 65000, 65535}
_DECODED = {1, 2, 3, 4, 5, 6, 7, 8, 32773, 32946, 34925, 50000, 50001}
_COMPRESSION = {33003: "JPEG 2000", 33005: "JPEG 2000", 34712: "JPEG 2000", 34892: "lossy JPEG", 34887: "LERC",
                34676: "SGI LogLuv", 34677: "SGI LogLuv", 50002: "JPEG XL", 52546: "JPEG XL", 34661: "JBIG",
                32809: "ThunderScan", 32771: "CCITT in words"}  # fmt: skip
_NEEDED = (
    tags.WIDTH, tags.HEIGHT, tags.BITS, tags.COMPRESSION, tags.PHOTOMETRIC, tags.FILL_ORDER, tags.STRIP_OFFSETS,
    tags.SAMPLES, tags.ROWS_PER_STRIP, tags.STRIP_BYTES, tags.PLANAR, tags.FAX_OPTIONS, tags.FAX_OPTIONS + 1,
    tags.PREDICTOR, tags.COLOUR_MAP, tags.TILE_WIDTH, tags.TILE_HEIGHT, tags.TILE_OFFSETS, tags.TILE_BYTES,
    tags.EXTRA_SAMPLES, tags.SAMPLE_FORMAT, tags.JPEG_TABLES, *range(512, 522), *range(529, 533),
)  # fmt: skip
"""Tags that say where samples are and what they mean."""
_LONG, _EIGHT_BYTES, _ROOM = 4, (16, 17, 18), 4


Decode = Callable[[], tuple[Image.Image, float, list[str]]]
"""Gives the picture, the share of its rows that came, and notes."""


def open_tiff(data: bytes, name: str) -> tuple[Image.Image | Decode, Metadata]:
    """The picture of a TIFF file, chosen and checked but not decoded: opened by Pillow, or what decodes it.

    Raises
    ------
    PictureError
        A camera raw file, a layout that is not read, a size outside the limits, no page.
    """
    try:
        directories = read_directories(data)
    except PictureError as error:
        raise PictureError(f"{name}: {error}") from None
    _refuse_camera_raw(directories, name)
    page, note = _chosen(directories, name)
    metadata = Metadata(notes=[note] if note else [])
    _take_metadata(page, metadata)
    layout = Layout.of(page, name)
    check_size(layout.width, layout.height, name)
    _check_layout(layout, name)
    cut_off = is_cut_off(page)
    if cut_off and (layout.compression in tags.FAX_OR_JPEG or layout.photometric not in COLOURS):
        raise PictureError(f"{name}: is a TIFF of {layout.kind} that is cut off")
    if _goes_to_pillow(layout) and not cut_off:  # behind the end of the file it would read what we write there
        return Image.open(io.BytesIO(_alone(data, page)), formats=["TIFF"]), metadata
    check_samples(layout, name)
    return lambda: read_samples(page, layout, name), metadata


def _refuse_camera_raw(directories: list[Directory], name: str) -> None:
    for page in directories:
        raw = (
            page.number(tags.PHOTOMETRIC, 0) in _RAW_PHOTOMETRIC or page.number(tags.COMPRESSION, 1) in _RAW_COMPRESSION
        )
        if raw or _DNG_VERSION in page:
            kind = "DNG" if _DNG_VERSION in page else "TIFF with sensor data"
            raise PictureError(f"{name}: is a camera raw file ({kind}), which must be developed first")


def _chosen(directories: list[Directory], name: str) -> tuple[Directory, str]:
    """The largest page, the first of equals, and what to say about the choice."""
    pages = [page for page in directories if page.number(tags.WIDTH, 0) > 0 and page.number(tags.HEIGHT, 0) > 0]
    pictures = [page for page in pages if not page.number(_SUBFILE_TYPE, 0) & _MASK] or pages
    if not pictures:
        raise PictureError(f"{name}: is a TIFF without a picture: no page has a width and a height")
    areas = [page.number(tags.WIDTH, 0) * page.number(tags.HEIGHT, 0) for page in pictures]
    at = areas.index(max(areas))
    others = [page for page in pictures if not page.number(_SUBFILE_TYPE, 0) & _REDUCED and not page.is_sub]
    if at == 0 and len(others) < 2:
        return pictures[0], ""
    number = f"{len(pictures)} or more" if len(directories) >= MAX_DIRECTORIES else f"{len(pictures)}"
    which = f"page {at + 1}, the largest, is taken" if len(set(areas)) > 1 else "the first is taken"
    return pictures[at], f"the file holds {number} pages: {which}"


def _take_metadata(page: Directory, metadata: Metadata) -> None:
    profile = page.raw(_PROFILE)
    if profile is not None and len(profile) <= MAX_PROFILE_BYTES:
        metadata.profile = profile
    elif _PROFILE in page:
        metadata.notes.append("the colour profile is damaged and is ignored")
    orientation = page.number(ORIENTATION, 1)
    if 1 <= orientation <= 8:
        metadata.orientation = orientation
    else:
        metadata.notes.append(f"orientation {orientation} does not exist and is ignored")


def _check_layout(layout: Layout, name: str) -> None:
    """Refuse by name what neither decoder reads rightly."""
    problem = ""
    if layout.photometric not in tags.PHOTOMETRIC_NAMES or layout.photometric > tags.LAB:
        problem = f"with {tags.PHOTOMETRIC_NAMES.get(layout.photometric, f'colour space {layout.photometric}')} colours"
    elif layout.compression not in _DECODED:
        problem = f"with compression {_COMPRESSION.get(layout.compression, layout.compression)}"
    elif layout.sample_format not in (tags.UNSIGNED, tags.FLOAT):
        problem = f"of {layout.kind}: they have no full scale to go by"
    elif not 1 <= layout.samples <= 64 or layout.planar not in (1, 2):
        problem = f"with {layout.samples} samples a pixel in arrangement {layout.planar}"
    if problem:
        raise PictureError(f"{name}: is a TIFF {problem}, which is not read")


def _goes_to_pillow(layout: Layout) -> bool:
    """Whether Pillow reads this layout, and rightly."""
    if layout.sample_format != tags.UNSIGNED:
        return False
    if layout.compression in tags.FAX_OR_JPEG:
        return True
    if layout.planar == 2 and layout.samples > 1:
        return False
    extra = layout.extra[:1]
    if layout.photometric in (tags.MIN_IS_WHITE, tags.MIN_IS_BLACK):
        return layout.bits in (1, 2, 4, 8) and layout.samples == 1
    if layout.photometric == tags.RGB:
        return layout.bits in (8, 16) and (layout.samples == 3 or (layout.samples == 4 and extra in ((1,), (2,))))
    if layout.photometric == tags.YCBCR:
        return layout.compression != tags.RAW_BYTES
    if layout.photometric == tags.CMYK:
        return layout.bits in (8, 16) and layout.samples == 4
    return layout.photometric in (tags.PALETTE, tags.LAB) and layout.bits <= 8


def _alone(data: bytes, page: Directory) -> bytes:
    """The same file with one page, of the tags that pixels need: its directory is written anew behind the end.

    Always as a plain TIFF: files that are read are short enough, and Pillow does not know every kind of BigTIFF.
    """
    body, entries = bytearray(data), []
    body[:4] = b"II*\0" if page.order == "<" else b"MM\0*"
    for number in sorted(_NEEDED):
        tag, raw = page.tags.get(number), page.raw(number)
        if tag is None or raw is None:
            continue
        kind, offset = tag.type, tag.offset
        if kind in _EIGHT_BYTES:
            raw = struct.pack(f"{page.order}{tag.count}I", *(min(int(n), 0xFFFFFFFF) for n in page.numbers(number)))
            kind, offset = _LONG, len(body)
            body += raw if len(raw) > _ROOM else b""
        value = raw.ljust(_ROOM, b"\0") if len(raw) <= _ROOM else struct.pack(page.order + "I", offset)
        entries.append(struct.pack(page.order + "HHI", number, kind, tag.count) + value)
    body += bytes(len(body) % 2)
    body[4:8] = struct.pack(page.order + "I", len(body))
    return bytes(body) + struct.pack(page.order + "H", len(entries)) + b"".join(entries) + bytes(4)
