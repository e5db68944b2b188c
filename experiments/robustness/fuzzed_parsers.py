"""Every parser of bytes from outside, with good inputs to start from. A parser more is one line in `PARSERS`."""

from __future__ import annotations

import io
import zlib
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from semcom.experiments.robustness.fuzzed_streams import STREAM_PARSERS, through_a_file
from semcom.experiments.robustness.parser import Parser as Parser
from semcom.link import Feedback, FrameError, FrameName, Item, Key, RefinementFrame, Scope, SoftFrame
from semcom.link.arq.feedback import Part
from semcom.link.errors import MessageError
from semcom.link.frame import Frame, item_check
from semcom.link.messages import Kind, Message, split_batch
from semcom.link.parity.item_set import symbols, to_bytes
from semcom.link.parity.set_frame import SetFrame, SetKey
from semcom.link.receiver import Receiver
from semcom.phy.coding.crc import CRC16
from semcom.phy.coding.signal_field import NUM_BITS, SignalField
from semcom.phy.errors import WaveformError
from semcom.phy.mcs import MCS_BY_NUMBER
from semcom.phy.waveform import Waveform, known_waveforms
from semcom.sdr_configs import FOLDER
from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.policy import POLICIES, load_policy
from semcom.sdr_configs.radio import load_radio
from semcom.semantic import SemanticPacket, decode
from semcom.semantic.coding.binary_map import decode_binary_map
from semcom.semantic.coding.label_map import decode_label_map
from semcom.semantic.coding.picture import decode_picture
from semcom.semantic.coding.text import decode_text, encode_text
from semcom.semantic.errors import PacketError, PictureError, SemanticError
from semcom.semantic.layers import LayerKey, decode_layer
from semcom.semantic.picture_file import read_picture
from semcom.semantic.refinement import RefinementRequest, Subject
from semcom.semantic.request import EncodeRequest, PartChoice

REPOSITORY = Path(__file__).resolve().parents[2]
CORPUS = REPOSITORY / "tests" / "data" / "fuzz"
"""Inputs that once made trouble, one folder for each parser."""

_PACKET = REPOSITORY / "tests" / "data" / "packet_v1.sem"


def _packet() -> SemanticPacket:
    return SemanticPacket.from_bytes(_PACKET.read_bytes())


def _payloads() -> list[bytes]:
    return [layer.payload for layer in _packet().layers]


def _crowded() -> list[bytes]:
    """Packets of as many equal layers as there may be: what one layer costs, they cost many times."""
    packets = [_PACKET.read_bytes()]
    for layer in _packet().layers:
        body = bytearray(b"SM\x01\x00\x00\x01")
        for number in range(256):
            length = len(layer.payload)
            body += bytes([number & 127 | 128, number >> 7]) if number > 127 else bytes([number])
            body += bytes([0]) + (bytes([length & 127 | 128, length >> 7]) if length > 127 else bytes([length]))
            body += layer.payload
        packets.append(_with_crc(bytes(body) + bytes(4)))
    return packets


def _with_crc(data: bytes) -> bytes:
    return data[:-4] + zlib.crc32(data[:-4]).to_bytes(4, "big")


def _parse_payloads(data: bytes) -> Any:
    """Two layers that came alone, cut where the first byte says."""
    cut = data[0] % len(data) if data else 0
    return SemanticPacket.from_payloads({LayerKey(0, 0, 1, 1): data[1:cut], LayerKey(0, 0, 1, 2): data[cut:]})


def _frames() -> list[bytes]:
    plain = [Frame((1, 2, 3, 4), 5, bytes(range(n))) for n in (0, 1, 40)]
    pieces = [Frame((1, 2, 3, 4), 5, b"ab", piece, 3, 9, 0xBEEF) for piece in range(3)]
    return [frame.to_bytes(padded) for frame in (*plain, *pieces) for padded in (0, 64)]


def _soft_frames() -> list[bytes]:
    return [SoftFrame(Key(1, 0, 0, 255), 7, b"HEADtext" * n, 4).to_bytes() for n in (1, 9)]


def _set_frames() -> list[bytes]:
    items = [Item(Key(1, 2, 3, layer), 7 - layer, bytes(range(20 * layer))) for layer in range(4)]
    whole = to_bytes(items, 4)
    numbers = range(8)
    made = zip(numbers, symbols(whole, 43, numbers), strict=True)
    return [
        SetFrame(SetKey.of(Scope(1, 2, 3), 0), n, len(whole), item_check(whole), part).to_bytes() for n, part in made
    ]


def _reports() -> list[bytes]:
    parts = (Part(False, 4, frozenset({0, 4000})), Part(True, 2, frozenset(range(200))))
    short, whole = frozenset({1}), frozenset(range(256))
    return [
        Feedback(Scope(1, 2, 3), 5, layers, layers, parts, frozenset({3, 63}), 4.5, True).to_bytes()
        for layers in (short, whole)
    ]


def _refinements() -> list[bytes]:
    made = [RefinementRequest(subject) for subject in (Subject.CLASS_MAP, Subject.DETAIL_MAP, Subject.SCENE)]
    made += [RefinementRequest(Subject.OBJECT, 3), RefinementRequest(Subject.CATEGORIES, 0, (1, 2))]
    return [request.to_bytes() for request in made]


def _encode_requests() -> list[bytes]:
    parts = {"segmenter": PartChoice("everyday", {"threads": 2, "mirror": False})}
    wide = EncodeRequest("es-isc", parts, {"compression": 200.0}, 600, "tasks", ("person", "vehicle"), 7)
    return [EncodeRequest().to_json().encode(), wide.to_json().encode()]


def _refinement_frames() -> list[bytes]:
    return [RefinementFrame(Scope(1, 2, 3), 4, content).to_bytes() for content in (b"a", bytes(64))]


def _messages() -> list[bytes]:
    """One of each kind of field, and all of them back to back."""
    quality = {"snr_db": 9.5, "cfo_hz": -20.0, "evm_db": -9.0, "mcs": "qpsk-1/2"}
    place = {"burst": 3, "block": 0, "start_sample": 1 << 40}
    bodies = (
        (Kind.HELLO, {"role": 1, "window": 64, "name": "host tx"}),
        (Kind.RECEIVED, {"number": 1, "crc_ok": True, **quality, **place, "frame": b"abc"}),
        (Kind.OUTCOMES, {"outcomes": ((1, 0), (2, 5))}),
        (Kind.RECEIPT, {"up_to": 12, "names": (FrameName(Key(1, 2, 3, 4), 0),) * 2}),
    )
    made = [Message(kind, body, 11, 22, 33).to_bytes() for kind, body in bodies]
    return [*made, b"".join(made)]


def _parse_frames(data: bytes) -> Any:
    """A link receiver that takes the input as frames of 64 bytes, sealed; it never raises."""
    receiver = Receiver(max_pictures=4)
    for begin in range(0, len(data), 64):
        arrival = receiver.push(_with_crc(data[begin : begin + 64]))
        if arrival.name:
            receiver.missing(arrival.name.key.scope)
    return receiver


def _sheets(*paths: Path) -> list[bytes]:
    odd = (
        "!!int ''",
        "!!bool x",
        "!!timestamp x",
        "&a [*a]",
        "9" * 5000,
        "1:" * 500 + "1",
        ".inf",
        "<<: {a: 1}",
        "2001-99-99",
    )
    good = [path.read_bytes() for path in paths]
    return good + [good[0] + f"\n{key}: {value}\n".encode() for value in odd for key in ("driver", "fft_size", "x")]


def _pictures() -> list[bytes]:
    """One of each format, with an orientation and a profile where it takes them; rare TIFFs; and moving pictures."""
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 256, (24, 40, 3), dtype=np.uint8)
    picture, exif = Image.fromarray(noise), Image.Exif()
    exif[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    told = {"exif": exif.tobytes(), "icc_profile": profile}
    ways: list[tuple[Image.Image, str, dict[str, Any]]] = [
        *((picture, name, {}) for name in ("BMP", "JPEG2000", "PPM", "GIF", "TIFF")),
        *((picture, name, told) for name in ("PNG", "JPEG", "WEBP", "AVIF")),
        (picture, "JPEG", {"progressive": True}),
        *((picture, name, {"save_all": True, "append_images": [picture]}) for name in ("GIF", "WEBP", "PNG", "TIFF")),
    ]
    deep = Image.fromarray(noise[:, :, 0].astype(np.uint16) * 257)
    floats = Image.fromarray(noise[:, :, 0].astype(np.float32) / 255)
    packings = (None, "tiff_lzw", "packbits", "tiff_adobe_deflate")
    ways += [(image, "TIFF", {"compression": packing}) for image in (deep, floats) for packing in packings]
    ways += [(deep, "PNG", {}), (picture.convert("CMYK"), "JPEG", {}), (picture.convert("P"), "PNG", {})]
    made = []
    for image, name, options in ways:
        file = io.BytesIO()
        image.save(file, name, **options)
        made.append(file.getvalue())
    with suppress(ImportError):
        from pillow_heif import from_pillow

        file = io.BytesIO()
        from_pillow(picture).save(file)
        made.append(file.getvalue())
    return made


def _signal_fields() -> list[bytes]:
    return [np.packbits(SignalField(mcs, 64, 8192, 255, 63).to_bits()).tobytes() for mcs in MCS_BY_NUMBER]


def _sealed_field(data: bytes) -> bytes:
    """Eight bytes whose last two are the CRC of a field."""
    word = data[:6].ljust(6, b"\0")
    return word + (CRC16.checksum(word) ^ 0xFFFF).to_bytes(2, "big")


def _parse_field(data: bytes) -> Any:
    return SignalField.from_bits(np.unpackbits(np.frombuffer(data[:8].ljust(8, b"\0"), np.uint8))[:NUM_BITS])


_SHEETS = [FOLDER / "waveforms" / f"{name}.yml" for name in known_waveforms()]

PARSERS: dict[str, Parser] = {
    "packet": Parser(SemanticPacket.from_bytes, PacketError, _crowded, _with_crc),
    "payloads": Parser(_parse_payloads, PacketError, lambda: [b"\x20" + a + b for a, b in pairwise(_payloads())]),
    "layer": Parser(lambda data: decode_layer(LayerKey(0, 0, 1, 1), data), PacketError, _payloads),
    "drawing": Parser(
        lambda data: decode(SemanticPacket.from_bytes(data), "drawing"), SemanticError, _crowded, _with_crc
    ),
    "text": Parser(decode_text, PacketError, lambda: [encode_text("A red boat on a lake. " * n) for n in (0, 1, 9)]),
    "label map": Parser(lambda data: decode_label_map(data, 512, 512, 27), PacketError, _payloads),
    "binary map": Parser(lambda data: decode_binary_map(data, 1024, 1024), PacketError, _payloads),
    "sub-image": Parser(lambda data: decode_picture(data, 96, 128), PacketError, _payloads),
    "picture file": Parser(read_picture, PictureError, _pictures),
    "frame": Parser(Frame.from_bytes, FrameError, _frames, _with_crc),
    "frames": Parser(_parse_frames, (), lambda: [b"".join(_frames()), b"".join(_set_frames())]),
    "soft frame": Parser(SoftFrame.from_bytes, FrameError, _soft_frames),
    "set frame": Parser(SetFrame.from_bytes, FrameError, _set_frames, _with_crc),
    "report": Parser(Feedback.from_bytes, FrameError, _reports, _with_crc),
    "refinement frame": Parser(RefinementFrame.from_bytes, FrameError, _refinement_frames, _with_crc),
    "refinement request": Parser(RefinementRequest.from_bytes, PacketError, _refinements),
    "encode request": Parser(EncodeRequest.from_json, SemanticError, _encode_requests),
    "messages": Parser(lambda data: [Message.from_bytes(one) for one in split_batch(data)], MessageError, _messages),
    "signal field": Parser(_parse_field, (), _signal_fields, _sealed_field),
    "waveform file": Parser(through_a_file(Waveform.load), WaveformError, lambda: _sheets(*_SHEETS)),
    "policy file": Parser(through_a_file(load_policy), ConfigError, lambda: _sheets(*sorted(POLICIES.glob("*.yml")))),
    "radio file": Parser(through_a_file(load_radio), ConfigError, lambda: _sheets(*sorted(FOLDER.glob("*.yml")))),
    **STREAM_PARSERS,
}
"""Every parser of bytes from outside, by the name of its folder in tests/data/fuzz."""
