"""Pictures a second with what is confirmed on the disk, beside the same with every sync left out.

    python -m semcom.experiments.services.service_sync --packets 1000 --rounds 3

In turns; without syncs the processes have a library in which fsync, fdatasync and syncfs do nothing. ``--folder`` says
on which file system: a tmpfs has nothing to sync. Writes service_sync.md to the output folder.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
from pathlib import Path

import numpy as np

from semcom.experiments.services import preloaded
from semcom.experiments.services.service_load import packets, run


def rate(folder: Path, count: int, synced: bool) -> float:
    """Pictures a second."""
    folder.mkdir()
    outcome = run(folder, packets(count), started_with=() if synced else preloaded.start_with("no_sync", folder))
    assert outcome.complete == outcome.shown == count, outcome
    return count / outcome.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--packets", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="on the disk that is meant", default=None)
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    arguments = parser.parse_args()
    rates: dict[bool, list[float]] = {True: [], False: []}
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        for number in range(arguments.rounds):
            for synced in (True, False) if number % 2 == 0 else (False, True):
                rates[synced].append(rate(Path(folder) / f"{number}-{synced}", arguments.packets, synced))
                print(f"{'with' if synced else 'without'} syncs: {rates[synced][-1]:.1f} pictures/s", flush=True)
    means = {synced: np.mean(found) for synced, found in rates.items()}
    lines = [
        "# What syncing costs",
        "",
        f"`python -m semcom.experiments.services.service_sync {shlex.join(sys.argv[1:])}`",
        "",
        "| | pictures a second, each round | mean |",
        "|---|---|---|",
        *(
            f"| {words} | {', '.join(f'{found:.1f}' for found in rates[synced])} | {means[synced]:.1f} |"
            for synced, words in ((True, "confirmed when on the disk"), (False, "no sync"))
        ),
        "",
        f"With syncs {100 * means[True] / means[False]:.0f} % of the rate without.",
    ]
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "service_sync.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
