"""Recipe: a sweep on one worker and on two, in turns, and then with workers and scheduler killed → sweep_scaling.md.

    python -m semcom.experiments.sweeps.sweep_scaling --out docs/results

Light trials of one small picture. Timed is the whole command ``semcom sweep``, from its start to its page, each turn
in a folder of its own. Then Dask's own scheduler and two workers run as processes that are started again whenever they
end, and `kill -9` meets one after the other while the command runs. The rows must be those of one worker: no trial
lost, none doubled, the same numbers. Two workers want two cores that have nothing else to do.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from statistics import mean

from PIL import Image
from skimage import data

SNRS_DB = tuple(range(-5, 15, 2))
VICTIMS = ("worker 1", "scheduler", "worker 2", "scheduler", "worker 1")
"""Killed in turns."""
LONGEST_S = 3600.0
POLL_S = 0.1
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def write_sweep(folder: Path, trials: int, side_px: int) -> Path:
    """A sweep file of so many trials, ten at least, and its picture."""
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(data.astronaut()).resize((side_px, side_px)).save(folder / "picture.png")
    seeds = list(range(max(1, trials // len(SNRS_DB))))
    lines = ["systems: [linear_analog]", "photos: [picture.png]", f"snr_db: {list(SNRS_DB)}", 'cbr: ["1/6"]']
    file = folder / "light.yml"
    file.write_text("\n".join([*lines, f"seeds: {seeds}", ""]), encoding="utf-8")
    return file


def command(file: Path, out: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "semcom.apps.cli", "sweep", str(file), "--out", str(out), *more]


def timed(file: Path, out: Path, workers: int) -> float:
    """Seconds that a whole sweep takes on so many workers of this machine."""
    since = time.monotonic()
    subprocess.run(command(file, out, "--workers", str(workers)), env=ENVIRONMENT, check=True, timeout=LONGEST_S,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    return time.monotonic() - since


class Cluster:
    """Dask's scheduler and two workers as processes of their own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        worker = ["distributed.cli.dask_worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        self._commands = {
            "scheduler": ["distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port),
                          "--no-dashboard"],
            **{name: [*worker, "--local-directory", str(folder / name)] for name in ("worker 1", "worker 2")},
        }  # fmt: skip
        self._processes: dict[str, subprocess.Popen] = {}

    def keep(self) -> None:
        """Start whoever is not running: a worker ends, too, when its scheduler does."""
        for name, arguments in self._commands.items():
            if name not in self._processes or self._processes[name].poll() is not None:
                self._processes[name] = subprocess.Popen(
                    [sys.executable, "-m", *arguments], env=ENVIRONMENT,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )  # fmt: skip

    def kill(self, name: str) -> None:
        self._processes[name].kill()
        self._processes[name].wait()

    def close(self) -> None:
        for name in self._processes:
            self.kill(name)


def under_kills(file: Path, out: Path, kills: int, seconds: float) -> Iterator[tuple[float, str]]:
    """A sweep over a cluster; the kills, at equal distances within `seconds`, as (seconds since the start, victim)."""
    cluster, since = Cluster(out / "dask"), time.monotonic()
    left = [(seconds * (number + 1) / (kills + 1), name) for number, name in zip(range(kills), cycle(VICTIMS))]
    sweep = None
    try:
        cluster.keep()
        sweep = subprocess.Popen(command(file, out, "--scheduler", cluster.address), env=ENVIRONMENT,
                                 stdout=subprocess.DEVNULL)  # fmt: skip
        while sweep.poll() is None:
            at = time.monotonic() - since
            if at > LONGEST_S:
                raise TimeoutError(f"the sweep must end within {LONGEST_S:.0f} s")
            if left and at >= left[0][0]:
                name = left.pop(0)[1]
                cluster.kill(name)
                yield at, name
            cluster.keep()
            time.sleep(POLL_S)
        if sweep.returncode:
            raise RuntimeError(f"the sweep must end with status 0, got {sweep.returncode}")
    finally:
        if sweep is not None:
            sweep.kill()
        cluster.close()


def rows_on_disk(out: Path) -> list[dict]:
    """Every row of every part, as it was written; doubled ones twice."""
    import pyarrow.parquet

    return pyarrow.parquet.read_table(out / "rows").to_pylist()


def compared(wanted: list[dict], found: list[dict]) -> dict[str, int]:
    """How many trials of `wanted` are lost in `found`, how many rows are doubled, how many say something else."""
    names = [row["trial"] for row in found]
    one, other = ({row["trial"]: {**row, "seconds": None} for row in rows} for rows in (wanted, found))
    return {
        "lost": len(set(one) - set(other)),
        "doubled": len(names) - len(set(names)),
        "different": sum(other[name] != row for name, row in one.items() if name in other),
    }


def report(
    trials: int, seconds: dict[int, list[float]], trial_s: float, kills: list[tuple[float, str]], came: dict[str, int]
) -> str:
    """The page."""
    one, two = mean(seconds[1]), mean(seconds[2])
    lines = [
        "# Sweeps on one worker and on two, and under kills",
        "",
        f"`python -m semcom.experiments.sweeps.sweep_scaling {shlex.join(sys.argv[1:])}`",
        "",
        f"{trials:,} trials of {1e3 * trial_s:.0f} ms each (mean of the first run), on {os.cpu_count()} cores. The "
        "whole command, start of the workers and figures included; in turns.",
        "",
        "| workers | seconds | mean |",
        "|---|---|---|",
        *(f"| {n} | {', '.join(f'{s:.1f}' for s in seconds[n])} | {mean(seconds[n]):.1f} |" for n in (1, 2)),
        "",
        f"Two workers are **{one / two:.2f} ×** as fast as one; 1.8 × was asked for.",
        "",
        "## Kills",
        "",
        f"{len(kills)} times `kill -9` while the sweep ran over a scheduler and two workers of their own, all started "
        f"again at once: {', '.join(f'{name} after {at:.0f} s' for at, name in kills)}.",
        "",
        f"**{came['lost']} trials lost, {came['doubled']} doubled**, {came['different']} with other numbers than on "
        "one worker without kills.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--side-px", type=int, default=192, help="of the picture: how long a trial takes")
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--work", type=Path, default=Path("out/sweep_scaling"), help="is emptied first")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    arguments = parser.parse_args()
    shutil.rmtree(arguments.work, ignore_errors=True)
    file = write_sweep(arguments.work, arguments.trials, arguments.side_px)
    seconds: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(arguments.turns):
        for workers, taken in seconds.items():
            taken.append(timed(file, arguments.work / f"{workers}-{turn}", workers))
            print(f"turn {turn + 1}, {workers} workers: {taken[-1]:.1f} s", flush=True)
    kills = []
    for at, name in under_kills(file, arguments.work / "killed", arguments.kills, mean(seconds[2])):
        kills.append((at, name))
        print(f"{name} killed after {at:.1f} s", flush=True)
    first, killed = rows_on_disk(arguments.work / "1-0"), rows_on_disk(arguments.work / "killed")
    page = report(len(first), seconds, mean(row["seconds"] for row in first), kills, compared(first, killed))
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "sweep_scaling.md").write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
