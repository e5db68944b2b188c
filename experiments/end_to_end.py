"""Recipe: the figures of the end-to-end slice, asked and measured → docs/results/end_to_end.md.

Run: ``python -m semcom.experiments.end_to_end`` (or ``make bench``). Needs the Kodak pictures of the reference data
(``SEMCOM_SHARED``, or ``shared`` beside the checkout). Takes a few minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.semantic import PacketError, SemanticPacket

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
            measure_soak(),
            measure_per(),
            *kodak,
            measure_lost(photos[0], folder),
            measure_cost(photos[0], folder),
            measure_hostile(folder / "sent" / photos[0].stem / "packet.sem"),
        ]
        sheet = contact_sheet(photos, folder / "sent")
    options.out.mkdir(parents=True, exist_ok=True)
    sheet.save(options.out / "end_to_end_kodak.jpg", quality=82)
    (options.out / "end_to_end.md").write_text(as_markdown(rows, entries), encoding="utf-8")
    print(as_markdown(rows, entries))


Row = tuple[str, str, str, str]
"""What, asked, measured, command."""


def command(*arguments: object) -> tuple[subprocess.CompletedProcess, float, float, float]:
    """Run `semcom`: (result, wall seconds, CPU seconds, peak memory in MiB of the largest child so far)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "semcom.apps.cli", *map(str, arguments)], capture_output=True, text=True, timeout=900
    )
    wall_s = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done, wall_s, cpu_s, after.ru_maxrss / 1024


def measure_kodak(photos: list[Path], folder: Path) -> tuple[list[dict], list[Row]]:
    """All pictures over the loopback, with every default."""
    done, wall_s, _, _ = command("send", *photos, "--snr-db", SNR_DB, "--out", folder / "sent")
    assert done.returncode == 0, done.stderr
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
            f"{complete} of {len(photos)}, all five kinds aboard in {all_kinds} ({wall_s:.0f} s in all)",
            told,
        ),
        ("packet smaller than the raw picture", "≥ 100 times", f"{min(ratios):.0f} to {max(ratios):.0f} times", told),
    ]


def measure_soak() -> Row:
    """Frames lost back to back in GNU Radio without noise."""
    told = "python -m semcom.experiments.loopback_soak --frames 2000"
    done = subprocess.run([sys.executable, *told.split()[1:], "--json"], capture_output=True, text=True, timeout=1800)
    found = json.loads(done.stdout)
    measured = f"{found['lost']} of {found['sent']} lost"
    return "GNU Radio loopback without noise, back to back", "0 of 2,000 lost", measured, f"`{told}`"


def measure_per() -> Row:
    """PER of QPSK-1/2 with everything included."""
    told = "python -m semcom.experiments.per_curves --mcs qpsk-1/2 --frame-bytes 120 --snr-db 2.5 --frames 2000"
    done = subprocess.run([sys.executable, *told.split()[1:], "--json"], capture_output=True, text=True, timeout=1800)
    (point,) = json.loads(done.stdout)
    interval = f"95 % interval {point['low']:.2%} to {point['high']:.2%}"
    measured = f"{point['per']:.2%} ({point['errors']} of {point['frames']}, {interval})"
    asked = "PER ≤ 1 % at 2.5 dB SNR"
    return "QPSK-1/2, AWGN, CFO ±0.5 subcarrier, random timing, 120-byte frames", asked, measured, f"`{told}`"


def measure_lost(photo: Path, folder: Path) -> Row:
    """A photo under the noise."""
    done, *_ = command("send", photo, "--snr-db", -25, "--out", folder / "lost")
    (entry,) = json.loads((folder / "lost" / "report.json").read_text(encoding="utf-8"))
    traceback = "a traceback" if "Traceback" in done.stderr else "no traceback"
    measured = f"status {done.returncode}, outcome “{entry['outcome']}”, {traceback}"
    return "a photo at −25 dB", "status 3, a report, no traceback", measured, "`semcom send ... --snr-db -25`"


def measure_cost(photo: Path, folder: Path) -> Row:
    """CPU and memory of encoding and decoding, each in a process of its own, start-up included."""
    packet = folder / "cost.sem"
    command("encode", photo, "-o", packet)  # first, so that nothing is compiled during the measurement
    command("decode", packet, "-o", folder / "cost")
    _, _, encode_s, _ = command("encode", photo, "-o", packet)
    _, _, decode_s, peak_mib = command("decode", packet, "-o", folder / "cost")
    measured = f"{encode_s:.1f} s + {decode_s:.1f} s, start of Python included; peak memory {peak_mib:.0f} MiB"
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
