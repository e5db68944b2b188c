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
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from semcom.experiments.live.page_client import (
    LIMIT_S,
    PageClient,
    Viewer,
    camera_photos,
    cpu_s,
    listening,
    resident_mib,
)
from semcom.experiments.live.served import Served, served

MEMORY_EVERY_S = 10.0
SLOW_S = 1.0
"""Between two events that the slow viewer reads: far fewer than come."""


@dataclass
class Figures:
    """What was measured; see `report`."""

    page_s: float = 0.0
    picture_s: float = 0.0
    words_ms: list[float] = field(default_factory=list)
    map_ms: list[float] = field(default_factory=list)
    camera_per_s: float = 0.0
    camera_cpu_s: float = 0.0
    viewers: int = 0
    phases: dict[str, tuple[int, float]] = field(default_factory=dict)
    """Pictures, and pictures per second."""
    sent: set[int] = field(default_factory=set)
    outcomes: dict[str, int] = field(default_factory=dict)
    heard: list[int] = field(default_factory=list)
    """Pictures that each viewer heard of, the slow one first; so, too, the next two."""
    resyncs: list[int] = field(default_factory=list)
    measurements: list[int] = field(default_factory=list)
    memory_mib: list[float] = field(default_factory=list)


async def until(condition: Callable[[], bool], what: str) -> None:
    """Until it is so; raises `TimeoutError`."""
    deadline_s = time.monotonic() + LIMIT_S
    while not condition():
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"{what} within {LIMIT_S} s: it was not")
        await asyncio.sleep(0.02)


async def until_settled(watcher: Viewer, numbers: list[int]) -> None:
    """Until a viewer has heard that all of these are sent and drawn, or have failed."""

    def is_settled(number: int) -> bool:
        picture = watcher.pictures.get(number, {})
        return picture.get("stage") == "failed" or ("complete" in picture and picture["stage"] == "sent")

    await until(lambda: all(is_settled(number) for number in numbers), "pictures must be settled")


async def measure_start(client: PageClient, live: Served, figures: Figures) -> None:
    client.call("/")
    figures.page_s = time.monotonic() - live.started_at_s
    number = client.call("/api/demo", b"")["number"]
    while "received" not in client.pictures()[number]["views"]:
        await asyncio.sleep(0.02)
    figures.picture_s = time.monotonic() - live.started_at_s
    while client.pictures()[number]["stage"] != "sent":
        await asyncio.sleep(0.05)


async def measure_latency(client: PageClient, photos: list[bytes], figures: Figures) -> None:
    """One picture after the other, full networks."""
    viewer = Viewer(client.address)
    async with listening([viewer]):
        await asyncio.sleep(1.0)
        for photo in photos:
            await until_settled(viewer, [await asyncio.to_thread(client.submit, photo, "latency", False)])
    figures.words_ms, figures.map_ms = viewer.words_ms, viewer.map_ms


async def run_photos(
    client: PageClient, watcher: Viewer, photos: list[bytes], seconds: float, quick: bool
) -> list[int]:
    """Pictures for so long, as fast as they are taken, as the page's camera does; their numbers."""

    def has_begun(number: int) -> bool:
        return watcher.pictures.get(number, {}).get("stage", "waiting") != "waiting"

    numbers: list[int] = []
    photo_of = itertools.cycle(photos)
    deadline_s = time.monotonic() + seconds
    while time.monotonic() < deadline_s:
        number = await asyncio.to_thread(client.submit, next(photo_of), "camera" if quick else "photo", quick)
        if not number:
            await asyncio.sleep(0.05)
            continue
        numbers.append(number)
        await until(partial(has_begun, number), "its turn must come")
    await until_settled(watcher, numbers)
    return numbers


async def measure_camera(
    client: PageClient, live: Served, photos: list[bytes], seconds: float, figures: Figures
) -> None:
    viewer = Viewer(client.address)
    async with listening([viewer]):
        await asyncio.sleep(1.0)
        await until_settled(viewer, [client.submit(photos[0], "warm", True)])
        since_s, cpu_before_s = time.monotonic(), cpu_s(live.pid)
        numbers = await run_photos(client, viewer, photos, seconds, quick=True)
        figures.camera_per_s = len(numbers) / (time.monotonic() - since_s)
        figures.camera_cpu_s = (cpu_s(live.pid) - cpu_before_s) / len(numbers)


async def measure_viewers(
    client: PageClient, live: Served, photos: list[bytes], count: int, minutes: float, figures: Figures
) -> None:
    """All viewers for so long, one of them slow: half of the time a camera, half of it photos."""
    viewers = [Viewer(client.address, SLOW_S), *(Viewer(client.address) for _ in range(count - 1))]
    slow, watcher = viewers[:2]
    before = client.call("/api/state")["counts"]["outcomes"]
    async with listening(viewers):
        await asyncio.sleep(2.0)
        memory = asyncio.create_task(watch_memory(live, figures))
        for phase, quick in (("camera", True), ("photos", False)):
            since_s = time.monotonic()
            numbers = await run_photos(client, watcher, photos, 30 * minutes, quick)
            figures.phases[phase] = len(numbers), len(numbers) / (time.monotonic() - since_s)
            figures.sent |= set(numbers)
        memory.cancel()
        slow.pause_s = 0.0  # it reads what waits for it, as fast as it can
        await until(lambda: slow.pictures.keys() >= figures.sent, "the slow viewer must hear of each picture")
    after = client.call("/api/state")["counts"]["outcomes"]
    figures.viewers = count
    figures.outcomes = {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name)}
    figures.heard = [len(viewer.pictures.keys() & figures.sent) for viewer in viewers]
    figures.resyncs = [viewer.events["resync"] + viewer.events["reconnected"] for viewer in viewers]
    figures.measurements = [viewer.events["burst"] + viewer.events["radio"] for viewer in viewers]


async def watch_memory(live: Served, figures: Figures) -> None:
    """Memory of the service every ten seconds, until it is cancelled."""
    while True:
        figures.memory_mib.append(resident_mib(live.pid))
        await asyncio.sleep(MEMORY_EVERY_S)


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
        ("CPU time of one of them, all threads", f"{figures.camera_cpu_s:.2f} s", "2 s on two cores"),
        *(
            (f"{figures.viewers} viewers: {phase}", f"{count} pictures, {rate:.2f} a second", "")
            for phase, (count, rate) in figures.phases.items()
        ),
        ("… frames lost", f"{sum(lost.values())} {lost or ''}", "0"),
        ("… a viewer that reads at once heard of", f"{min(figures.heard[1:])} of {len(figures.sent)} pictures", "all"),
        (
            f"… one that reads an event in {SLOW_S:g} s heard of",
            f"{figures.heard[0]} of {len(figures.sent)} pictures",
            "all",
        ),
        ("… and of measurements", f"{figures.measurements[0]} of {max(figures.measurements)}", "fewer"),
        ("… and had to look anew", f"{figures.resyncs[0]} times; others {max(figures.resyncs[1:])}", "others 0"),
        (
            f"memory over {len(memory) * MEMORY_EVERY_S / 60:.1f} min of it",
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
        "WebSocket client of the same computer. All viewers stay connected for the whole of both phases.\n\n"
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
        await measure_camera(client, live, photos, options.camera_s, figures)
        await measure_viewers(client, live, photos, options.viewers, options.minutes, figures)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20.0, help="with all viewers, half camera, half photos")
    parser.add_argument("--pictures", type=int, default=20, help="of the latency measurement, at most 32")
    parser.add_argument("--camera-s", type=float, default=60.0, help="seconds of camera pictures, one viewer")
    parser.add_argument("--viewers", type=int, default=50)
    parser.add_argument("--out", type=Path, default=Path("docs/results/live_page.md"))
    options = parser.parse_args()
    text = report(asyncio.run(measure(options)))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
