"""Small pictures: under the cap at every size, better with more bytes, hostile bytes."""

import numpy as np
import pytest
from PIL import Image

from semcom.semantic.coding import picture as picture_module
from semcom.semantic.coding.picture import MAX_PICTURE_SIDE, decode_picture, encode_picture, picture_scale
from semcom.semantic.errors import LayerError, PacketError

from .maps import painting


def psnr_db(a, b):
    return 10 * np.log10(255**2 / max(np.mean((a.astype(np.float64) - b) ** 2), 1e-9))


def round_trip(rgb, max_bytes):
    coded = encode_picture(rgb, max_bytes)
    assert len(coded) <= max_bytes
    decoded = decode_picture(coded, *rgb.shape[:2])
    assert decoded.shape == rgb.shape and decoded.dtype == np.uint8
    return coded, psnr_db(rgb, decoded)


@pytest.mark.parametrize(
    ("width", "height", "max_bytes", "least_psnr_db"),
    [
        (1, 1, 60, 15),
        (8, 8, 40, 13),
        (8, 64, 80, 11),
        (33, 21, 120, 13),
        (64, 64, 200, 13),
        (192, 128, 800, 16),
        (512, 384, 4000, 20),
    ],
)
def test_any_size_fits_its_cap(width, height, max_bytes, least_psnr_db):
    _, quality = round_trip(painting(height, width), max_bytes)
    assert quality > least_psnr_db


def test_more_bytes_look_better(shared_dir):
    photo = Image.open(shared_dir / "data/kodak/kodim07.png").convert("RGB").resize((96, 64), Image.Resampling.LANCZOS)
    rgb = np.array(photo)
    results = [round_trip(rgb, max_bytes) for max_bytes in (60, 150, 400, 1500)]
    qualities = [quality for _, quality in results]
    assert qualities == sorted(qualities)
    assert qualities[0] > 18 and qualities[-1] > 30
    scales = [picture_scale(coded) for coded, _ in results]
    assert scales[0] < 1.0 and scales[-1] == 1.0


def test_flat_picture_costs_almost_nothing():
    coded, quality = round_trip(np.full((200, 300, 3), (40, 90, 160), dtype=np.uint8), 20_000)
    assert len(coded) < 400 and quality > 30


def test_what_does_not_fit_is_refused(rng):
    with pytest.raises(LayerError, match="64 × 64 cannot be coded in 4 bytes"):
        encode_picture(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8), 4)


def test_webp_serves_where_there_is_no_avif(monkeypatch):
    monkeypatch.setattr(picture_module.features, "check", lambda name: name != "avif")
    coded, quality = round_trip(painting(64, 96), 400)
    assert coded[0] & 3 == 1 and quality > 14


def test_wrong_pictures_are_refused():
    with pytest.raises(LayerError, match=r"uint8 \[height, width, 3\], got uint8 \[8, 8\]"):
        encode_picture(np.zeros((8, 8), dtype=np.uint8), 100)
    with pytest.raises(LayerError, match="width must be 1 to 1024, got 1025"):
        encode_picture(np.zeros((8, MAX_PICTURE_SIDE + 1, 3), dtype=np.uint8), 100)
    with pytest.raises(LayerError, match="max_bytes must be 2 to 65536, got 1"):
        encode_picture(np.zeros((8, 8, 3), dtype=np.uint8), 1)


@pytest.mark.parametrize(
    ("data", "height", "width", "rule"),
    [
        (b"", 8, 8, "length must be 2 to"),
        (bytes(70_000), 8, 8, "length must be 2 to"),
        (b"\x00\x00", 8, 5000, "width must be 1 to 1024, got 5000"),
        (b"\x03\x00", 8, 8, "known codec, got 0x03"),
        (b"\x05\x00", 8, 8, "known codec, got 0x05"),
        (b"\xe0\x00", 8, 8, "known inner size, got 0xe0"),
        (b"\x00\x00", 8, 8, "AVIF frame of 1 bytes must decode"),
        (b"\x01\x00\x00", 8, 8, "WEBP frame of 2 bytes must decode"),
    ],
)
def test_rules_are_named(data, height, width, rule):
    with pytest.raises(PacketError, match=rule):
        decode_picture(data, height, width)


def test_scale_of_nothing_is_refused():
    with pytest.raises(PacketError, match="at least 1 byte"):
        picture_scale(b"")


@pytest.mark.parametrize("codec", ["avif", "webp"])
def test_cut_and_changed_bytes_end_in_a_picture_or_a_packet_error(rng, monkeypatch, codec):
    if codec == "webp":
        monkeypatch.setattr(picture_module.features, "check", lambda name: name != "avif")
    coded = encode_picture(painting(48, 64), 250)
    damaged = [coded[:length] for length in range(0, len(coded), 3)]
    for _ in range(200):
        changed = bytearray(coded)
        changed[rng.integers(len(coded))] = rng.integers(256)
        damaged.append(bytes(changed))
    damaged += [coded[:1] + rng.bytes(rng.integers(0, 400)) for _ in range(150)]
    refused = 0
    for data in damaged:
        try:
            assert decode_picture(data, 48, 64).shape == (48, 64, 3)
        except PacketError:
            refused += 1
    assert refused > len(damaged) // 10
