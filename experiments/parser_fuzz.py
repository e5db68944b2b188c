"""Hostile bytes into every parser that takes bytes from outside.

    python -m semcom.experiments.parser_fuzz --minutes 5
    python -m semcom.experiments.parser_fuzz --only frame "waveform file" --seed 7

Inputs are good ones (`_seeds` of each parser) and those that once made trouble (tests/data/fuzz, one folder for each
parser), cut, spliced, repeated and flipped, with checksums made right again. A parser answers with a result or with the
error it is known for, within `MAX_SECONDS`; the address space is limited, so that what grows fails. What does otherwise
is written to ``--keep`` and named. Ends with status 1 then.

A parser more is one line in `PARSERS`.
"""

from __future__ import annotations

import argparse
import io
import resource
import sys
import tempfile
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from semcom.link import FrameError
from semcom.link.frame import Frame
from semcom.link.receiver import Receiver
from semcom.phy.errors import WaveformError
from semcom.phy.waveform import Waveform, known_waveforms
from semcom.sdr_configs import FOLDER
from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.radio import load_radio
from semcom.semantic import SemanticPacket, decode
from semcom.semantic.coding.binary_map import decode_binary_map
from semcom.semantic.coding.label_map import decode_label_map
from semcom.semantic.coding.picture import decode_picture
from semcom.semantic.coding.text import decode_text, encode_text
from semcom.semantic.errors import PacketError, PictureError, SemanticError
from semcom.semantic.layers import LayerKey, decode_layer
from semcom.semantic.picture_file import decode_picture_file

MAX_SECONDS = 2.0
MAX_INPUT_BYTES = 1 << 18
MAX_MEMORY_BYTES = 512 << 20
"""Address space that parsing may take beyond what the process has when it begins."""

REPOSITORY = Path(__file__).resolve().parents[1]
CORPUS = REPOSITORY / "tests" / "data" / "fuzz"
_PACKET = REPOSITORY / "tests" / "data" / "packet_v1.sem"


@dataclass(frozen=True)
class Parser:
    """A parser under test.

    Attributes
    ----------
    parse : callable
        Takes bytes.
    errors : type or tuple of types
        What it may raise.
    seeds : callable
        Gives good inputs.
    seal : callable
        Makes checksums right again after a mutation.
    """

    parse: Callable[[bytes], Any]
    errors: Any
    seeds: Callable[[], list[bytes]]
    seal: Callable[[bytes], bytes] = bytes


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
    loose = [Frame((1, 0, 0, 255), 7, b"text", deliver_with_errors=True)]
    return [frame.to_bytes(padded) for frame in (*plain, *pieces, *loose) for padded in (0, 64)]


def _parse_frames(data: bytes) -> Any:
    """A link receiver that takes the input as frames of 64 bytes, sealed; it never raises."""
    receiver = Receiver(max_pictures=4)
    for begin in range(0, len(data), 64):
        arrival = receiver.push(_with_crc(data[begin : begin + 64]))
        if arrival.name:
            receiver.missing(arrival.name.key.scope)
    return receiver


def _through_a_file(read: Callable[[Path], Any]) -> Callable[[bytes], Any]:
    path = Path(tempfile.mkdtemp(prefix="semcom-fuzz-")) / "input.yml"

    def parse(data: bytes) -> Any:
        path.write_bytes(data)
        return read(path)

    return parse


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
    rng, made = np.random.default_rng(1), []
    picture = Image.fromarray(rng.integers(0, 256, (24, 40, 3), dtype=np.uint8))
    for name in ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "TIFF", "BMP", "JPEG2000", "PPM"):
        file = io.BytesIO()
        picture.save(file, name)
        made.append(file.getvalue())
    return made


_SHEETS = [FOLDER / "waveforms" / f"{name}.yml" for name in known_waveforms()]

PARSERS: dict[str, Parser] = {
    "packet": Parser(SemanticPacket.from_bytes, PacketError, _crowded, _with_crc),
    "payloads": Parser(_parse_payloads, PacketError, lambda: [b"\x20" + a + b for a, b in pairwise(_payloads())]),
    "layer": Parser(lambda data: decode_layer(LayerKey(0, 0, 1, 1), data), PacketError, _payloads),
    "drawing": Parser(lambda data: decode(SemanticPacket.from_bytes(data)), SemanticError, _crowded, _with_crc),
    "text": Parser(decode_text, PacketError, lambda: [encode_text("A red boat on a lake. " * n) for n in (0, 1, 9)]),
    "label map": Parser(lambda data: decode_label_map(data, 512, 512, 27), PacketError, _payloads),
    "binary map": Parser(lambda data: decode_binary_map(data, 1024, 1024), PacketError, _payloads),
    "sub-image": Parser(lambda data: decode_picture(data, 96, 128), PacketError, _payloads),
    "picture file": Parser(decode_picture_file, PictureError, _pictures),
    "frame": Parser(Frame.from_bytes, FrameError, _frames, _with_crc),
    "frames": Parser(_parse_frames, (), lambda: [b"".join(_frames())]),
    "waveform file": Parser(_through_a_file(Waveform.load), WaveformError, lambda: _sheets(*_SHEETS)),
    "radio file": Parser(_through_a_file(load_radio), ConfigError, lambda: _sheets(*sorted(FOLDER.glob("*.yml")))),
}
"""Every parser of bytes from outside, by the name of its folder in tests/data/fuzz."""


def mutated(inputs: list[bytes], rng: np.random.Generator) -> bytes:
    """One of the inputs after a few accidents."""
    data = bytearray(inputs[rng.integers(len(inputs))])
    for _ in range(int(rng.geometric(0.4)) - 1):
        at, other = int(rng.integers(len(data) + 1)), inputs[rng.integers(len(inputs))]
        length = int(min(10 ** rng.uniform(0, 3), len(data)))
        match rng.integers(8):
            case 0:
                del data[at:]
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = data[at : at + length] * int(rng.integers(1, 30))
            case 3:
                data[at : at + length] = rng.bytes(length)
            case 4:
                data[at:at] = other[int(rng.integers(len(other) + 1)) :][: 10 * length]
            case 5:
                data[at : at + 1] = bytes([int(rng.choice([0, 1, 127, 128, 255]))]) * int(rng.integers(1, 6))
            case 6:
                data[at : at + 4] = int(rng.integers(2**32)).to_bytes(4, "big")
            case _ if at < len(data):
                data[at] ^= 1 << int(rng.integers(8))
    return bytes(data[:MAX_INPUT_BYTES])


def trouble(parser: Parser, data: bytes) -> str:
    """What is wrong with how a parser takes these bytes; empty where nothing is."""
    started = time.perf_counter()
    try:
        parser.parse(data)
    except parser.errors:
        pass
    except Exception:
        return traceback.format_exc(limit=-2)
    seconds = time.perf_counter() - started
    return f"took {seconds:.1f} s" if seconds > MAX_SECONDS else ""


def known_inputs(name: str) -> list[bytes]:
    """What is kept of earlier trouble."""
    return [path.read_bytes() for path in sorted((CORPUS / name).glob("*.bin"))]


def limit_memory() -> None:
    """From here on the process may take `MAX_MEMORY_BYTES` more."""
    now = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MAX_MEMORY_BYTES, resource.RLIM_INFINITY))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0, help="for all parsers together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=PARSERS, default=list(PARSERS))
    parser.add_argument("--keep", type=Path, default=Path("out/fuzz"))
    options = parser.parse_args(arguments)
    inputs = {name: PARSERS[name].seeds() + known_inputs(name) for name in options.only}
    for name in options.only:  # compiled and loaded before memory is limited
        for data in inputs[name][:1]:
            trouble(PARSERS[name], data)
    limit_memory()
    counts, found = Counter(), Counter()
    for name in options.only:
        rng, slowest = np.random.default_rng(options.seed), 0.0
        end = time.monotonic() + 60 * options.minutes / len(options.only)
        pending = list(inputs[name])
        while time.monotonic() < end or pending:
            data = pending.pop() if pending else PARSERS[name].seal(mutated(inputs[name], rng))
            counts[name] += 1
            started = time.perf_counter()
            problem = trouble(PARSERS[name], data)
            slowest = max(slowest, time.perf_counter() - started)
            if problem:
                found[name] += 1
                kept = options.keep / name / f"{sha256(data).hexdigest()[:12]}.bin"
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_bytes(data)
                if found[name] <= 5:
                    print(f"{name}: {kept}: {problem}", flush=True)
        print(f"{name}: {counts[name]} inputs, {found[name]} in trouble, slowest {1e3 * slowest:.0f} ms", flush=True)
    return 1 if found.total() else 0


if __name__ == "__main__":
    sys.exit(main())
