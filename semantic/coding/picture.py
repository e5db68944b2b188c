"""Small colour picture ⇄ a few bytes: AVIF or WebP without their containers, at the size that serves best.

Where bytes are few, a smaller picture enlarged again beats a full one of starved quality. The encoder tries inner
sizes around the one the byte budget suggests, finds for each the best quality that fits, and keeps what looks most
like the original.

The first byte says how to read the rest: codec (bits 0..1), AV1 tools (bits 2..4), inner size (bits 5..7). Width
and height are not in it: whoever holds the picture's place (a box, a header) knows them. Codec 2 is AVIF of what a
picture has more than its prediction (`coding.prediction`); bits 5..7 are then the weight of the prediction.

Layout: docs/coding.md.

References
----------
[Wang 2003] multi-scale structural similarity, for the choice. See docs/coding.md.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, features
from scipy.ndimage import uniform_filter

from semcom.semantic.coding.avif_container import ALL_TOOLS, rebuild_avif, strip_avif
from semcom.semantic.coding.prediction import FULL_WEIGHT
from semcom.semantic.coding.webp_container import rebuild_webp, strip_webp
from semcom.semantic.errors import LayerError, PacketError

MAX_PICTURE_SIDE = 1024
MAX_PICTURE_BYTES = 1 << 16
MIN_PICTURE_BYTES = 2

_AVIF, _WEBP, _DIFFERENCE = 0, 1, 2
_CODEC_BITS = 3
_TOOLS_SHIFT, _SCALE_SHIFT = 2, 5
_SCALES = (1.0, 0.75, 0.5, 0.375, 0.25, 0.1875, 0.125)
_SMALLEST_SIDE = 8
_WEBP_BELOW_BYTES = 400  # above, AVIF was never worse
NUM_QUALITIES = 64  # quantisers of AV1; Pillow's 0..100 addresses each
_CLOSE_ENOUGH = 0.97  # of the byte cap: where the search for a quality stops

AVIF_TOOLS = {"tune": "ssim", "enable-cdef": "0", "enable-restoration": "0"}
"""Settings of the AV1 encoder. The two loop filters cost more bits than they earn in pictures this small: without them
MS-SSIM is 0.003 higher at 1000 bytes (`experiments/semantic/budget_curves.py` has the ways that were compared)."""


@dataclass(frozen=True)
class _Coded:
    """A candidate: its bytes (first byte included) and how much it looks like the original."""

    data: bytes
    likeness: float


def encode_picture(rgb: np.ndarray, max_bytes: int) -> bytes:
    """Code a picture in at most `max_bytes`, as well as that allows.

    Parameters
    ----------
    rgb : uint8 [height, width, 3]
        Sides 1 to MAX_PICTURE_SIDE.
    max_bytes : int
        Up to MAX_PICTURE_BYTES.

    Raises
    ------
    LayerError : shape, type or size outside the rules, or no coding is small enough
    """
    rgb = np.ascontiguousarray(rgb)
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise LayerError(f"picture must be uint8 [height, width, 3], got {rgb.dtype} {list(rgb.shape)}")
    height, width = rgb.shape[:2]
    _check_sides(height, width, LayerError)
    if not MIN_PICTURE_BYTES <= max_bytes <= MAX_PICTURE_BYTES:
        raise LayerError(f"picture: max_bytes must be {MIN_PICTURE_BYTES} to {MAX_PICTURE_BYTES}, got {max_bytes}")
    picture, views = Image.fromarray(rgb), _views(rgb)
    best: _Coded | None = None
    start = _suggested_scale(height, width, max_bytes)
    for way in (range(start, len(_SCALES)), range(start - 1, -1, -1)):  # smaller, then larger, while it improves
        for scale in way:
            coded = _best_at_scale(picture, views, scale, max_bytes)
            if coded is not None and (best is None or coded.likeness > best.likeness):
                best = coded
            elif best is not None:
                break
    if best is None:
        raise LayerError(f"picture of {width} × {height} cannot be coded in {max_bytes} bytes")
    return best.data


def decode_picture(data: bytes, height: int, width: int) -> np.ndarray:
    """Read back what `encode_picture` wrote.

    Returns
    -------
    uint8 [height, width, 3]
        Of a difference (`prediction_weight` is not 0): what it has more than its prediction, 128 where nothing.

    Raises
    ------
    PacketError : size outside the rules, unknown codec or inner size, or the frame does not decode
    """
    _check_sides(height, width, PacketError)
    if not MIN_PICTURE_BYTES <= len(data) <= MAX_PICTURE_BYTES:
        raise PacketError(f"picture: length must be {MIN_PICTURE_BYTES} to {MAX_PICTURE_BYTES} bytes, got {len(data)}")
    codec, inner = data[0] & _CODEC_BITS, _inner_size(height, width, _scale_index(data))
    if codec in (_AVIF, _DIFFERENCE):
        file, name = rebuild_avif(data[1:], inner[1], inner[0], data[0] >> _TOOLS_SHIFT & ALL_TOOLS), "AVIF"
    elif codec == _WEBP and not data[0] >> _TOOLS_SHIFT & ALL_TOOLS:
        file, name = rebuild_webp(data[1:], inner[1], inner[0]), "WEBP"
    else:
        raise PacketError(f"picture: first byte must name a known codec, got {data[0]:#04x}")
    try:
        with Image.open(io.BytesIO(file), formats=[name]) as opened:
            if opened.size != (inner[1], inner[0]):
                raise PacketError(f"picture: coded size must be {inner[1]} × {inner[0]}, got {opened.size}")
            picture = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, RuntimeError, EOFError) as error:
        raise PacketError(f"picture: {name} frame of {len(data) - 1} bytes must decode, got: {error}") from None
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.BICUBIC)
    return np.array(picture)


def picture_scale(data: bytes) -> float:
    """Inner size over outer size of a coded picture: 1.0 where every pixel was coded, 0.5 where every other was.

    A difference has every pixel coded.

    Raises
    ------
    PacketError : no data, or an unknown inner size
    """
    if not data:
        raise PacketError("picture: length must be at least 1 byte, got 0")
    return _SCALES[_scale_index(data)]


def prediction_weight(data: bytes) -> int:
    """Weight of the prediction that a coded picture is to be added to, in eighths; 0 where it is a whole picture."""
    if not data or data[0] & _CODEC_BITS != _DIFFERENCE:
        return 0
    return (data[0] >> _SCALE_SHIFT) + 1


def difference_flags(flags: int, weight: int) -> int | None:
    """First byte of a difference, from that of its coding as a picture (`encode_avif`); None where it is not AVIF."""
    if not 1 <= weight <= FULL_WEIGHT:
        raise LayerError(f"picture: weight of a prediction must be 1 to {FULL_WEIGHT}, got {weight}")
    return None if flags & _CODEC_BITS != _AVIF else flags | _DIFFERENCE | weight - 1 << _SCALE_SHIFT


def _scale_index(data: bytes) -> int:
    if prediction_weight(data):
        return 0
    index = data[0] >> _SCALE_SHIFT
    if index >= len(_SCALES):
        raise PacketError(f"picture: first byte must name a known inner size, got {data[0]:#04x}")
    return index


def _inner_size(height: int, width: int, index: int) -> tuple[int, int]:
    """Height and width that are coded."""
    return tuple(min(side, max(_SMALLEST_SIDE, math.ceil(side * _SCALES[index]))) for side in (height, width))


def _suggested_scale(height: int, width: int, max_bytes: int) -> int:
    """Index of the inner size where starved quality and lost resolution weighed about the same, on photographs."""
    wanted = math.sqrt(8 * max_bytes / (height * width) / 0.5)
    return min(range(len(_SCALES)), key=lambda i: abs(math.log(_SCALES[i] / wanted)))


def _best_at_scale(picture: Image.Image, views: list[np.ndarray], scale: int, max_bytes: int) -> _Coded | None:
    """The better of AVIF and WebP at one inner size, or None where neither fits."""
    best: _Coded | None = None
    for encoder in (encode_avif, encode_webp):
        if encoder is encode_webp and max_bytes >= _WEBP_BELOW_BYTES and best is not None:
            continue
        data = _best_quality(picture, scale, max_bytes, encoder)
        if data is not None:
            coded = _Coded(data, _likeness(views, decode_picture(data, picture.height, picture.width)))
            if best is None or coded.likeness > best.likeness:
                best = coded
    return best


def _best_quality(picture: Image.Image, scale: int, max_bytes: int, encoder: Callable) -> bytes | None:
    """The best quality that fits, or None: bisection on the logarithm of the length."""
    height, width = _inner_size(picture.height, picture.width, scale)
    inner = picture if picture.size == (width, height) else picture.resize((width, height), Image.Resampling.LANCZOS)
    first = encoder(inner, 0)
    if first is None or 1 + len(first[0]) > max_bytes:
        return None
    low, low_bytes, fitting = 0, len(first[0]), first
    high, high_bytes = NUM_QUALITIES, None
    while high - low > 1 and 1 + low_bytes < _CLOSE_ENOUGH * max_bytes:
        if high_bytes is None:  # nothing too long yet: bytes grow about sevenfold over 16 qualities
            guess = low + 1 + int(8 * math.log(max_bytes / low_bytes))
        else:
            share = math.log(max_bytes / low_bytes) / math.log(high_bytes / low_bytes)
            guess = low + round(share * (high - low))
        quality = min(max(guess, low + 1), high - 1)
        coded = encoder(inner, quality)
        if coded is not None and 1 + len(coded[0]) <= max_bytes:
            low, low_bytes, fitting = quality, len(coded[0]), coded
        else:
            high, high_bytes = quality, len(coded[0]) if coded else max_bytes + 1
    frame, flags = fitting
    return bytes((flags | scale << _SCALE_SHIFT,)) + frame


def encode_avif(picture: Image.Image, quality: int, speed: int | None = None) -> tuple[bytes, int] | None:
    """AV1 frame and first byte; None where this Pillow has no AVIF encoder, or one whose files we cannot rebuild.

    `quality` is 0 to NUM_QUALITIES - 1; `speed` is 0 (slow, small) to 10, None goes by the picture's size.
    """
    if not features.check("avif"):
        return None
    buffer = io.BytesIO()
    area = picture.width * picture.height
    if speed is None:
        speed = 4 if area <= 64 * 64 else 6 if area <= 512 * 384 else 8
    picture.save(
        buffer,
        "AVIF",
        quality=round(quality * 100 / (NUM_QUALITIES - 1)),
        subsampling="4:2:0",
        speed=speed,
        max_threads=1,
        autotiling=False,
        codec="aom",
        advanced=AVIF_TOOLS,
    )
    stripped = strip_avif(buffer.getvalue(), picture.width, picture.height)
    return stripped and (stripped[0], _AVIF | stripped[1] << _TOOLS_SHIFT)


def encode_webp(picture: Image.Image, quality: int, speed: int | None = None) -> tuple[bytes, int] | None:
    """VP8 frame and first byte; None where the file is not built as expected. There is one speed."""
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=round(quality * 100 / (NUM_QUALITIES - 1)), method=6)
    frame = strip_webp(buffer.getvalue())
    return frame and (frame, _WEBP)


def _views(rgb: np.ndarray) -> list[np.ndarray]:
    """Luma at three dyadic scales, then the colours."""
    luma = rgb @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    views = [luma]
    while len(views) < 3 and min(views[-1].shape) >= 16:
        even = views[-1][: views[-1].shape[0] // 2 * 2, : views[-1].shape[1] // 2 * 2]
        views.append(even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2).mean(axis=(1, 3)))
    return [*views, rgb.astype(np.float32)]


def _likeness(views: list[np.ndarray], rgb: np.ndarray) -> float:
    """Mean structural similarity over the scales, and a hundredth of the PSNR in dB so that colours count."""
    other = _views(rgb)
    similarity = np.mean([_structural_similarity(a, b) for a, b in zip(views[:-1], other[:-1], strict=True)])
    mean_square = max(float(np.mean((views[-1] - other[-1]) ** 2)), 0.1)
    return float(similarity) + 0.1 * math.log10(255**2 / mean_square)


def _structural_similarity(a: np.ndarray, b: np.ndarray) -> float:
    """Mean SSIM over 7 × 7 windows, [Wang 2003]."""
    mean_a, mean_b = uniform_filter(a, 7), uniform_filter(b, 7)
    var_a, var_b = uniform_filter(a * a, 7) - mean_a**2, uniform_filter(b * b, 7) - mean_b**2
    covariance = uniform_filter(a * b, 7) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    numerator = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    return float(np.mean(numerator / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))))


def _check_sides(height: int, width: int, error: type[Exception]) -> None:
    for name, side in (("height", height), ("width", width)):
        if not 1 <= side <= MAX_PICTURE_SIDE:
            raise error(f"picture: {name} must be 1 to {MAX_PICTURE_SIDE}, got {side}")
