"""Parsers of what comes in streams and files beside pictures: modem ports, seals, analog symbols, recordings, keys."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from semcom.experiments.robustness.parser import Parser
from semcom.link import FrameError, Item, Key, Scope
from semcom.link.errors import KeyFileError
from semcom.link.frame_seal import FrameOpener, FrameSealer
from semcom.link.packets.kiss import KissParser, encode_kiss
from semcom.link.packets.length_prefix import LengthPrefixParser, encode_length_prefix
from semcom.link.packets.packet import Packet, PacketKind
from semcom.link.packets.stream import StreamCutter, StreamOrder
from semcom.link.parity.item_set import read_items, to_bytes
from semcom.link.parity.set_frame import read_frame
from semcom.link.soft_frame import SoftFrame
from semcom.link.transports.key_files import KeyRing
from semcom.phy import analog
from semcom.phy.errors import PhyError
from semcom.phy.recording.metadata import read_recording

_KEY = bytes(range(32))
_WORDS = [b"", b"a", bytes(range(256)), b"\xc0\xdb" * 40]


def _after_a_cut(encode: Callable[[bytes], bytes]) -> list[bytes]:
    return [b"\x05" + b"".join(map(encode, _WORDS))]


def through_a_file(read: Callable[[Path], Any], name: str = "input.yml") -> Callable[[bytes], Any]:
    """A parser of a file's contents."""
    path = Path(tempfile.mkdtemp(prefix="semcom-fuzz-")) / name
    path.parent.mkdir(exist_ok=True)

    def parse(data: bytes) -> Any:
        path.write_bytes(data)
        path.chmod(0o600)
        return read(path)

    return parse


def _pieces(data: bytes) -> list[bytes]:
    """The input in two parts, cut where its first byte says: streams come in any pieces."""
    cut = data[0] % len(data) if data else 0
    return [data[1:cut], data[cut:]]


def _kiss(data: bytes) -> Any:
    parser = KissParser()
    return [packet for piece in _pieces(data) for packet in parser.push(piece)]


def _length_prefix(data: bytes) -> Any:
    parser = LengthPrefixParser()
    packets = [packet for piece in _pieces(data) for packet in parser.push(piece)]
    parser.end()
    return packets


def _stream(data: bytes) -> Any:
    """Packets of 12 bytes, in any order and with any numbers."""
    order = StreamOrder()
    for begin in range(0, len(data), 12):
        with suppress(FrameError):
            order.take(Packet.from_bytes(data[begin : begin + 12]))
    return order.rest()


def _packets() -> list[bytes]:
    kinds = {PacketKind.END: b"abcd", PacketKind.STATION: b"DL0XYZ"}
    return [Packet(kind, kinds.get(kind, b"some bytes")).to_bytes() for kind in PacketKind]


def _streams() -> list[bytes]:
    cutter = StreamCutter()
    pieces = [cutter.piece(bytes([number]) * 5).to_bytes()[:12].ljust(12, b"\0") for number in range(8)]
    return [b"".join(pieces), b"".join(reversed(pieces)), cutter.end().to_bytes()]


def _soft_block(data: bytes) -> Any:
    """The first byte says how much of it is coded; of the others, LLRs."""
    coded, rest = _pieces(data)
    return read_frame(coded, rest[: 8 * len(coded)])


def _soft_blocks() -> list[bytes]:
    frames = [SoftFrame(Key(1, 0, 0, 255), 7, b"HEADtext" * n, 4).to_bytes() for n in (1, 9)]
    return [bytes([len(frame) + 1]) + frame + bytes(64) for frame in frames]


def _sets() -> list[bytes]:
    items = [Item(Key(1, 2, 3, layer), 7 - layer, bytes(range(20 * layer))) for layer in range(4)]
    return [to_bytes(items[:count], count) for count in (1, 2, 4)]


def _recordings() -> list[bytes]:
    about = {"core:datatype": "cf32_le", "core:sample_rate": 1e6, "core:version": "1.2.0", "core:sha512": "00"}
    captures = [{"core:sample_start": 0, "core:frequency": 2.4e9, "core:datetime": "2026-01-01T00:00:00Z"}]
    return [json.dumps({"global": about, "captures": captures * n, "annotations": []}).encode() for n in (0, 1, 3)]


def _load_keys(path: Path) -> Any:
    return KeyRing.load(path.parent)


STREAM_PARSERS: dict[str, Parser] = {
    "modem packet": Parser(Packet.from_bytes, FrameError, _packets),
    "KISS": Parser(_kiss, (), lambda: _after_a_cut(encode_kiss)),
    "length prefix": Parser(_length_prefix, FrameError, lambda: _after_a_cut(encode_length_prefix)),
    "stream": Parser(_stream, (), _streams),
    "soft block": Parser(_soft_block, FrameError, _soft_blocks),
    "items of a set": Parser(lambda data: read_items(Scope(1, 2, 3), data, True), FrameError, _sets),
    "sealed frame": Parser(
        lambda data: FrameOpener(_KEY).open(data), FrameError, lambda: [FrameSealer(_KEY, 5).seal(b"frame" * 5)]
    ),
    "analog symbols": Parser(analog.from_bytes, PhyError, lambda: [bytes(range(64))]),
    "recording": Parser(through_a_file(read_recording, "a.sigmf-meta"), PhyError, _recordings),
    "key file": Parser(
        through_a_file(_load_keys, "secret.key"), KeyFileError, lambda: [b"# roles: tx\n" + b"a" * 40 + b"\n"]
    ),
}
"""As `fuzzed_parsers.PARSERS`, which they are part of."""
