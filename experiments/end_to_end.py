"""Recipe: the figures of the end-to-end slice, asked and measured → docs/results/end_to_end.md.

Run: ``python -m semcom.experiments.end_to_end`` (or ``make bench``). Needs the Kodak pictures of the reference data
(``SEMCOM_SHARED``, or ``shared`` beside the checkout). Takes a few minutes on two cores.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import tracemalloc
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.semantic import LayerKey, LayerKind, PacketError, SemanticPacket
from semcom.semantic.coding.picture import decode_picture, encode_picture
from semcom.semantic.layers import SubImage, encode_layer
from semcom.semantic.wire import ByteWriter

REPOSITORY = Path(__file__).resolve().parents[1]
SNR_DB = 10.0
NUM_HOSTILE = 3000
MIB = 1 << 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("SEMCOM_SHARED", REPOSITORY.parent / "shared"))
    )
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "results")
    options = parser.parse_args()
    photos = sorted((options.shared / "data" / "kodak").glob("kodim*.png"))
    if not photos:
        parser.error(f"no Kodak pictures under {options.shared}; set --shared or SEMCOM_SHARED")

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        entries, kodak = measure_kodak(photos, folder)
        rows = [
            measure_soak(folder),
            measure_per(folder),
            *kodak,
            measure_lost(photos[0], folder),
            measure_cost(photos[0], folder),
            measure_hostile(folder / "sent" / photos[0].stem / "packet.sem"),
            measure_worst(folder),
        ]
        sheet = contact_sheet(photos, folder / "sent")
    options.out.mkdir(parents=True, exist_ok=True)
    sheet.save(options.out / "end_to_end_kodak.jpg", quality=82)
    (options.out / "end_to_end.md").write_text(as_markdown(rows, entries), encoding="utf-8")
    print(as_markdown(rows, entries))


Row = tuple[str, str, str, str]
"""What, asked, measured, command."""


@dataclass(frozen=True)
class Run:
    """What a command said and cost."""

    status: int
    stderr: str
    wall_s: float
    cpu_s: float
    peak_mib: float


def command(*arguments: object) -> Run:
    """Run `semcom` in a process of its own."""
    with tempfile.TemporaryFile("w+") as said:
        start = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, "-m", "semcom.apps.cli", *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=said
        )
        _, status, usage = os.wait4(child.pid, 0)
        wall_s = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        return Run(child.returncode, said.read(), wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def measure_kodak(photos: list[Path], folder: Path) -> tuple[list[dict], list[Row]]:
    """All pictures over the loopback, with every default."""
    done = command("send", *photos, "--snr-db", SNR_DB, "--out", folder / "sent")
    assert done.status == 0, done.stderr
    entries = json.loads((folder / "sent" / "report.json").read_text(encoding="utf-8"))
    kinds = ("caption", "objects", "class_map", "detail_map", "sub_image")
    complete = sum(entry["outcome"] == "complete" for entry in entries)
    all_kinds = sum(all(any(la["kind"] == kind for la in e["layers"]) for kind in kinds) for e in entries)
    ratios = [entry["compression_ratio"] for entry in entries]
    told = f"`semcom send shared/data/kodak/*.png --snr-db {SNR_DB:g}`"
    return entries, [
        (
            f"Kodak, {len(photos)} pictures at {SNR_DB:g} dB: every layer delivered",
            f"{len(photos)} of {len(photos)}",
            f"{complete} of {len(photos)}, all five kinds aboard in {all_kinds} ({done.wall_s:.0f} s in all)",
            told,
        ),
        ("packet smaller than the raw picture", "≥ 100 times", f"{min(ratios):.0f} to {max(ratios):.0f} times", told),
    ]


def recipe(told: str, folder: Path) -> list[dict[str, str]]:
    """Run another recipe into a folder and read the table it wrote."""
    arguments = [sys.executable, *told.split()[1:], "--name", "table", "--out", str(folder)]
    subprocess.run(arguments, check=True, capture_output=True, text=True, timeout=1800)
    with (folder / "table.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def measure_soak(folder: Path) -> Row:
    """Frames lost back to back in GNU Radio without noise."""
    told = "python -m semcom.experiments.modem.loopback_soak --frames 2000"
    total = recipe(told, folder)[-1]
    measured = f"{total['lost']} of {int(total['frames']):,} lost, lengths 14 to 600 bytes at random"
    return "GNU Radio loopback without noise, back to back", "0 of 2,000 frames lost", measured, f"`{told}`"


def measure_per(folder: Path) -> Row:
    """PER of QPSK-1/2 with everything included."""
    told = (
        "python -m semcom.experiments.modem.per_curves --mcs qpsk-1/2 --frame-bytes 120 --snr-db 2.5 --frames 2000 "
        "--cfo-subcarriers 0.5"
    )
    (point,) = recipe(told, folder)
    interval = f"95 % interval up to {float(point['per_high']):.2%}"
    measured = f"{float(point['per']):.2%} of {int(point['frames']):,} frames lost ({interval})"
    asked = "PER ≤ 1 % at 2.5 dB SNR"
    return "QPSK-1/2, AWGN, CFO ±0.5 subcarrier, random timing, 120-byte frames", asked, measured, f"`{told}`"


def measure_lost(photo: Path, folder: Path) -> Row:
    """A photo under the noise."""
    done = command("send", photo, "--snr-db", -25, "--out", folder / "lost")
    (entry,) = json.loads((folder / "lost" / "report.json").read_text(encoding="utf-8"))
    traceback = "a traceback" if "Traceback" in done.stderr else "no traceback"
    measured = f"status {done.status}, outcome “{entry['outcome']}”, {traceback}"
    return "a photo at −25 dB", "status 3, a report, no traceback", measured, "`semcom send ... --snr-db -25`"


def measure_cost(photo: Path, folder: Path) -> Row:
    """CPU and memory of encoding and decoding, each in a process of its own, start-up included."""
    packet = folder / "cost.sem"
    command("encode", photo, "-o", packet)  # first, so that nothing is compiled during the measurement
    command("decode", packet, "-o", folder / "cost")
    made = command("encode", photo, "-o", packet)
    shown = command("decode", packet, "-o", folder / "cost")
    peak_mib = f"{made.peak_mib:.0f} and {shown.peak_mib:.0f} MiB"
    measured = f"{made.cpu_s:.1f} s + {shown.cpu_s:.1f} s of CPU, start of Python included; peak memory {peak_mib}"
    asked = "≤ 5 s of CPU, ≤ 1536 MiB"
    return "encoding plus decoding of a 768 × 512 photo", asked, measured, "`semcom encode`, `semcom decode`"


def measure_hostile(packet: Path) -> Row:
    """Slowest and largest decoding of damaged packets whose checksum was mended."""
    rng = np.random.default_rng(11)
    data = packet.read_bytes()
    SemanticPacket.from_bytes(data)
    slowest_s = 0.0
    refused = 0
    for _ in range(NUM_HOSTILE):
        hostile = mutated(data, rng)
        start = time.perf_counter()
        refused += not readable(hostile)
        slowest_s = max(slowest_s, time.perf_counter() - start)
    tracemalloc.start()
    for _ in range(200):
        readable(mutated(data, rng))
    peak_mib = tracemalloc.get_traced_memory()[1] / MIB
    tracemalloc.stop()
    measured = (
        f"{NUM_HOSTILE} damaged packets: {refused} refused, none crashed; slowest {slowest_s * 1e3:.0f} ms, "
        f"peak {peak_mib:.1f} MiB"
    )
    return "hostile packets", "no crash, ≤ 64 MiB", measured, "`python -m semcom.experiments.end_to_end`"


def measure_worst(folder: Path) -> Row:
    """Packets made to cost as much as the format allows: the largest map, of noise, and 250 large close-ups."""
    noise = np.random.default_rng(3).bytes(200_000)
    size = ByteWriter().varint(1024).varint(1024).to_bytes()
    claim = bytes([1 << 4 | LayerKind.DETAIL_MAP]) + size + b"\x01"
    largest = SemanticPacket.from_bytes(with_frame([claim + noise]))
    small = np.full((8, 8, 3), 90, np.uint8)
    coded = encode_picture(small, 200)
    close_ups = [
        SubImage(4000, 4000, 1, (0, 0, 4000 - n, 4000), decode_picture(coded, 8, 8), coded) for n in range(250)
    ]
    payloads = [encode_layer(LayerKey(0, 0, 1, n), LayerKind.SUB_IMAGE, c).payload for n, c in enumerate(close_ups, 1)]
    seconds = []
    for name, layers in (("map", [claim + noise]), ("close_ups", payloads)):
        (folder / f"{name}.sem").write_bytes(with_frame(layers))
        start = time.perf_counter()
        SemanticPacket.from_bytes(with_frame(layers))
        seconds.append(time.perf_counter() - start)
    shown = command("decode", folder / "close_ups.sem", "-o", folder / "worst")
    read = "refused" if largest.damaged else "read"
    drawn = (
        f"{shown.cpu_s:.1f} s and {shown.peak_mib:.0f} MiB for all of `semcom decode`, which draws 16 million pixels"
    )
    measured = (
        f"largest map of noise ({read}): {seconds[0] * 1e3:.0f} ms; 250 close-ups of 4000 × 4000: "
        f"{seconds[1] * 1e3:.0f} ms to read, {drawn}"
    )
    return "packets made to cost the most", "reading within 1 s and 64 MiB (the limit declared)", measured, "the same"


def with_frame(payloads: list[bytes]) -> bytes:
    """A packet file around payloads, whatever they are."""
    writer = ByteWriter().raw(b"SM").u8(1).varint(0).varint(0).varint(1)
    for number, payload in enumerate(payloads, start=1):
        writer.varint(number).u8(2).block(payload)
    body = writer.to_bytes()
    return body + zlib.crc32(body).to_bytes(4, "big")


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    body = bytearray(data[:-4])
    for _ in range(int(rng.integers(1, 6))):
        body[int(rng.integers(3, len(body)))] = int(rng.integers(0, 256))
    if rng.random() < 0.2:
        body = body[: int(rng.integers(3, len(body)))]
    return bytes(body) + zlib.crc32(bytes(body)).to_bytes(4, "big")


def readable(data: bytes) -> bool:
    try:
        return not SemanticPacket.from_bytes(data).damaged
    except PacketError:
        return False


def contact_sheet(photos: list[Path], sent: Path) -> Image.Image:
    """Original, class map and reconstruction of every picture, side by side."""
    width, height = 300, 200
    sheet = Image.new("RGB", (6 * width, -(-len(photos) // 2) * height), "white")
    for number, photo in enumerate(photos):
        x, y = number % 2 * 3 * width, number // 2 * height
        sources = (photo, sent / photo.stem / "class_map.png", sent / photo.stem / "reconstruction.png")
        for column, source in enumerate(sources):
            with Image.open(source) as image:
                tile = image.convert("RGB")
                tile.thumbnail((width, height))
                sheet.paste(tile, (x + column * width + (width - tile.width) // 2, y))
    return sheet


def as_markdown(rows: list[Row], entries: list[dict]) -> str:
    """The page kept in docs/results."""
    cores = len(os.sched_getaffinity(0))
    lines = [
        "# End to end: asked and measured",
        "",
        f"`make bench` on {cores} cores ({platform.machine()}), Python {platform.python_version()}.",
        "",
        "| what | asked | measured | command |",
        "|---|---|---|---|",
        *(f"| {what} | {asked} | {measured} | {told} |" for what, asked, measured, told in rows),
        "",
        "Set-up, demo and tests from an empty clone: [fresh_clone.md](fresh_clone.md). "
        "The networks: [models.md](models.md).",
        "",
        f"## Kodak at {SNR_DB:g} dB, QPSK-1/2, every default",
        "",
        "![photo, class map, reconstruction](end_to_end_kodak.jpg)",
        "",
        "| picture | bytes | ratio | PSNR dB | MS-SSIM | SNR est. dB | on air ms | caption |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {e['image']} | {e['bytes_packet']} | {e['compression_ratio']:.0f} | {e['metrics']['psnr_db']:.1f} | "
        f"{e['metrics']['ms_ssim']:.3f} | {e['snr_db_estimated']:.1f} | {1e3 * e['airtime_s']:.0f} | {e['caption']} |"
        for e in entries
    ]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
