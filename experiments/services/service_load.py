"""Very many packets, or photos, at once in the watched folder: do all come, and does memory stay flat?

    python -m semcom.experiments.services.service_load --packets 20000
    python -m semcom.experiments.services.service_load --photos ../shared/data/bsds500/val --count 1000

Memory of each process is sampled once a second until all are complete and shown; flat means that its mean in the last
quarter of the run is within 10 % of that in the second. Fewer photos than ``--count`` are put in again under other
names. Writes service_load_packets.md or service_load_photos.md to the output folder.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from semcom.experiments.services.service_faults import HOSTS, Pictures
from semcom.experiments.services.service_processes import ServiceTrio
from semcom.experiments.services.service_soak import resident_bytes

FLAT, KEEP = 0.1, 1_000_000
SUFFIXES = {".jpg", ".jpeg", ".png"}


@dataclass
class Outcome:
    """What came of a run.

    Attributes
    ----------
    put, complete, shown : int
    seconds : float
        From the first packet begun until the last was confirmed.
    bytes_of : dict of list
        Memory of each process, a sample a second.
    """

    put: int
    complete: int = 0
    shown: int = 0
    seconds: float = 0.0
    bytes_of: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in HOSTS})

    def drift(self, name: str) -> float:
        """Mean of the last quarter over that of the second, less one."""
        quarters = np.array_split(np.array(self.bytes_of[name], float), 4)
        return float(quarters[3].mean() / quarters[1].mean() - 1) if len(self.bytes_of[name]) >= 4 else 0.0

    @property
    def is_good(self) -> bool:
        return self.complete == self.shown == self.put and all(abs(self.drift(name)) <= FLAT for name in HOSTS)


def run(
    folder: Path, fill: Callable[[Path], int], limit_s: float = 7200.0, started_with: Sequence[str] = ()
) -> Outcome:
    """Put all in while nothing runs, then start; until everything is there or the limit is reached."""
    trio = ServiceTrio(folder, rx_options=("--keep", str(KEEP)))
    trio.started_with = dict.fromkeys(HOSTS, started_with)
    outcome, since_s, next_s = Outcome(fill(trio.photos)), time.monotonic(), 0.0
    try:
        trio.start()
        trio.wait_up()
        began_s = time.monotonic()
        while min(outcome.complete, outcome.shown) < outcome.put and time.monotonic() - since_s < limit_s:
            complete = trio.status("tx").get("account", {}).get("complete", outcome.complete)
            if complete != outcome.complete:
                outcome.complete, outcome.seconds = complete, time.monotonic() - began_s
            outcome.shown = trio.status("rx").get("results", {}).get("complete", outcome.shown)
            if time.monotonic() >= next_s:
                next_s = time.monotonic() + 1.0
                for name in HOSTS:
                    outcome.bytes_of[name].append(resident_bytes(trio.processes[name].pid))
            time.sleep(0.1)
    finally:
        trio.close()
    return outcome


def packets(count: int) -> Callable[[Path], int]:
    """Fills a folder with small packets, each another."""

    def fill(folder: Path) -> int:
        pictures = Pictures()
        for number in range(count):
            (folder / f"{number:06d}.sem").write_bytes(pictures.packet(number))
        return count

    return fill


def photos(source: Path, count: int) -> Callable[[Path], int]:
    """Fills a folder with photos of another."""

    def fill(folder: Path) -> int:
        found = sorted(path for path in source.rglob("*") if path.suffix.lower() in SUFFIXES)
        if not found:
            raise SystemExit(f"{source} must have photos, has none")
        for number in range(count):
            path = found[number % len(found)]
            shutil.copyfile(path, folder / f"{number:06d}{path.suffix}")
        return count

    return fill


def report(outcome: Outcome, what: str, command: str) -> str:
    """The run in words."""
    lines = [
        f"# {what} at once in the watched folder",
        "",
        f"`{command}`",
        "",
        f"{outcome.put} put in, {outcome.complete} confirmed, {outcome.shown} complete results, "
        f"{outcome.complete / max(outcome.seconds, 1e-9):.1f} pictures a second.",
        "",
        "| process | memory, second quarter | last quarter | drift |",
        "|---|---|---|---|",
    ]
    for name in HOSTS:
        quarters = [part.mean() / 2**20 for part in np.array_split(np.array(outcome.bytes_of[name], float), 4)]
        lines.append(f"| {name} | {quarters[1]:.1f} MiB | {quarters[3]:.1f} MiB | {100 * outcome.drift(name):+.1f} % |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--packets", type=int, default=20_000)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--count", type=int, default=1000, help="photos")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    arguments = parser.parse_args()
    fill = photos(arguments.photos, arguments.count) if arguments.photos else packets(arguments.packets)
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(Path(folder), fill)
    what = "Photos" if arguments.photos else "Packets"
    text = report(outcome, what, f"python -m semcom.experiments.services.service_load {shlex.join(sys.argv[1:])}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / f"service_load_{what.lower()}.md").write_text(text, encoding="utf-8")
    print(text)
    sys.exit(0 if outcome.is_good else 1)


if __name__ == "__main__":
    main()
