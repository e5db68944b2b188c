"""How fast and how steady the live page is: start, latency of words and map, camera rate, 50 viewers, memory.

    python -m semcom.experiments.live.page_figures --minutes 20

Needs the page's packages (scripts/setup live) and a quiet machine. Writes docs/results/live_page.md.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import platform
import shlex
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from semcom.experiments.live.page_client import LIMIT_S, PageClient, Viewer, camera_photos, listening, resident_mib
from semcom.experiments.live.served import Served, served

MEMORY_EVERY_S = 10.0
SLOW_S = 0.2
"""Between two events that the slow viewer reads."""


@dataclass
class Figures:
    """What was measured; see `report`."""

    page_s: float = 0.0
    picture_s: float = 0.0
    words_ms: list[float] = field(default_factory=list)
    map_ms: list[float] = field(default_factory=list)
    camera_per_s: float = 0.0
    viewers: int = 0
    sent: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    slow_saw: int = 0
    slow_resyncs: int = 0
    slow_bursts: tuple[int, int] = (0, 0)
    memory_mib: list[float] = field(default_factory=list)
    pictures: int = 0


async def until_settled(client: PageClient, numbers: list[int]) -> None:
    """Until all of these are drawn, or have failed."""
    deadline_s = time.monotonic() + LIMIT_S
    while True:
        pictures = await asyncio.to_thread(client.pictures)
        here = [pictures[number] for number in numbers if number in pictures]
        if all("complete" in picture and picture["stage"] == "sent" for picture in here):
            return
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"pictures are not settled within {LIMIT_S} s")
        await asyncio.sleep(0.1)


async def measure_start(client: PageClient, live: Served, figures: Figures) -> None:
    client.call("/")
    figures.page_s = time.monotonic() - live.started_at_s
    number = client.call("/api/demo", b"")["number"]
    while "received" not in client.pictures()[number]["views"]:
        await asyncio.sleep(0.02)
    figures.picture_s = time.monotonic() - live.started_at_s
    await until_settled(client, [number])


async def measure_latency(client: PageClient, photos: list[bytes], figures: Figures) -> None:
    """One picture after the other, full networks."""
    viewer = Viewer(client.address)
    async with listening([viewer]):
        await asyncio.sleep(1.0)
        for photo in photos:
            await until_settled(client, [await asyncio.to_thread(client.submit, photo, "latency", False)])
    figures.words_ms, figures.map_ms = viewer.words_ms, viewer.map_ms


async def run_camera(client: PageClient, photos: list[bytes], seconds: float, pause_s: float = 0.0) -> list[int]:
    """Pictures of a camera for so long, as fast as they are taken, or with a pause; their numbers."""
    numbers: list[int] = []
    photo_of = itertools.cycle(photos)
    deadline_s = time.monotonic() + seconds
    while time.monotonic() < deadline_s:
        number = await asyncio.to_thread(client.submit, next(photo_of), "camera", True)
        if number:
            numbers.append(number)
        await asyncio.sleep(pause_s if number else 0.05)
        while (await asyncio.to_thread(client.pictures)).get(number, {}).get("stage") == "waiting":
            await asyncio.sleep(0.05)
    return numbers


async def measure_camera(client: PageClient, photos: list[bytes], seconds: float, figures: Figures) -> None:
    await until_settled(client, [client.submit(photos[0], "warm", True)])
    since_s = time.monotonic()
    numbers = await run_camera(client, photos, seconds)
    await until_settled(client, numbers)
    figures.camera_per_s = len(numbers) / (time.monotonic() - since_s)


async def measure_viewers(
    client: PageClient, photos: list[bytes], count: int, seconds: float, figures: Figures
) -> None:
    viewers = [Viewer(client.address) for _ in range(count - 1)] + [Viewer(client.address, SLOW_S)]
    before = client.call("/api/state")["counts"]["outcomes"]
    async with listening(viewers):
        await asyncio.sleep(2.0)
        numbers = await run_camera(client, photos, seconds)
        await until_settled(client, numbers)
        await asyncio.sleep(seconds)  # the slow one reads what waits for it
    after = client.call("/api/state")["counts"]["outcomes"]
    slow = viewers[-1]
    figures.viewers, figures.sent = count, len(numbers)
    figures.outcomes = {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name)}
    figures.slow_saw, figures.slow_resyncs = len(slow.pictures & set(numbers)), slow.events["resync"]
    figures.slow_bursts = (
        slow.events["burst"] + slow.events["radio"],
        viewers[0].events["burst"] + viewers[0].events["radio"],
    )


async def measure_memory(
    client: PageClient, live: Served, photos: list[bytes], minutes: float, figures: Figures
) -> None:
    """A picture every two seconds; memory of the service every ten."""
    viewer = Viewer(client.address)
    deadline_s = time.monotonic() + 60 * minutes
    async with listening([viewer]):
        while time.monotonic() < deadline_s:
            await run_camera(client, photos, MEMORY_EVERY_S, 2.0)
            figures.memory_mib.append(resident_mib(live.pid))
    figures.pictures = len(viewer.pictures)


def drift_mib_per_hour(memory_mib: list[float]) -> float:
    """Slope of the later half: what is loaded and filled at the beginning is no drift."""
    later = memory_mib[len(memory_mib) // 2 :]
    return float(np.polyfit(np.arange(len(later)), later, 1)[0] * 3600 / MEMORY_EVERY_S) if len(later) > 1 else 0.0


def report(figures: Figures) -> str:
    """The page of the results, Markdown."""

    def spread(values: list[float]) -> str:
        if not values:
            return "nothing came"
        most = np.percentile(values, 95)
        return f"median {np.median(values):.0f} ms, 95 % within {most:.0f} ms ({len(values)} pictures)"

    lost = {name: number for name, number in figures.outcomes.items() if name != "delivered"}
    memory = figures.memory_mib or [0.0]
    rows = [
        ("command to open page", f"{figures.page_s:.1f} s", ""),
        ("command to picture received", f"{figures.picture_s:.1f} s", "15 s"),
        ("words at a viewer after their burst", spread(figures.words_ms), "150 ms"),
        ("map at a viewer after its burst", spread(figures.map_ms), "300 ms"),
        ("camera, 512×384, small networks", f"{figures.camera_per_s:.2f} pictures/s", "1 picture/s"),
        (f"{figures.viewers} viewers, {figures.sent} pictures: frames lost", f"{sum(lost.values())} {lost or ''}", "0"),
        ("a slow viewer heard of", f"{figures.slow_saw} of {figures.sent} pictures", "all"),
        ("… its measurements", f"{figures.slow_bursts[0]} of {figures.slow_bursts[1]}", "may be dropped"),
        (
            f"memory over {len(memory) * MEMORY_EVERY_S / 60:.0f} min, {figures.pictures} pictures",
            f"{memory[0]:.0f} to {memory[-1]:.0f} MiB, drift of the later half {drift_mib_per_hour(memory):+.0f} MiB/h",
            "flat",
        ),
    ]
    table = "\n".join(f"| {what} | {value} | {goal} |" for what, value, goal in rows)
    command = shlex.join(["python", "-m", "semcom.experiments.live.page_figures", *sys.argv[1:]])
    return (
        "# The live page: how fast, how steady\n\n"
        f"```\n{command}\n```\n\n"
        f"{os.cpu_count()} CPU cores, {platform.machine()}, Python {platform.python_version()}; loopback at 20 dB.\n"
        "Latency is from the moment at which the burst that made the layer whole was decoded to the event at a\n"
        "WebSocket client of the same computer. The slow viewer reads five events a second.\n\n"
        f"| figure | measured | goal |\n|---|---|---|\n{table}\n"
    )


async def measure(options: argparse.Namespace) -> Figures:
    figures = Figures()
    with served() as live:
        client = PageClient(live.address)
        await measure_start(client, live, figures)
        photos = camera_photos(client.call("/api/pictures/1/views/photo"), 32)
        client.call("/api/settings", b'{"snr_db": 20.0}', "PATCH")
        await measure_latency(client, photos[: options.pictures], figures)
        await measure_camera(client, photos, options.camera_s, figures)
        await measure_viewers(client, photos, options.viewers, options.camera_s, figures)
        await measure_memory(client, live, photos, options.minutes, figures)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20.0, help="of the memory measurement")
    parser.add_argument("--pictures", type=int, default=20, help="of the latency measurement, at most 32")
    parser.add_argument("--camera-s", type=float, default=60.0, help="seconds of camera pictures, twice")
    parser.add_argument("--viewers", type=int, default=50)
    parser.add_argument("--out", type=Path, default=Path("docs/results/live_page.md"))
    options = parser.parse_args()
    text = report(asyncio.run(measure(options)))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
