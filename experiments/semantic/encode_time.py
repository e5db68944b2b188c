"""What encoding a photo costs, warm, by two or more checkouts in turns: seconds of a core and most memory.

    python experiments/semantic/encode_time.py --photos ../shared/data/kodak \\
        --pythons ../before/.venv/bin/python .venv/bin/python --out docs/results/encode_time.md

The first Python is what the others are compared with: each has its own checkout installed (`scripts/setup demo`).
They take turns with every photo, so that what else the machine does falls on all of them. Each has one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--pythons", type=Path, nargs="+")
    parser.add_argument("--budgets", type=int, nargs="+", default=[0, 4000, 1474], help="bytes; 0: the system's own")
    parser.add_argument("--out", type=Path)
    parser.add_argument(
        "--encode", action="store_true", help="of one checkout: photos and budgets come by standard input"
    )
    options = parser.parse_args()
    if options.encode:
        encode_what_comes()
        return
    if not options.photos or not options.pythons:
        parser.error("--photos and --pythons must be given")
    photos = sorted(options.photos.glob("*.png"))
    encoders = [Encoder(python) for python in options.pythons]
    for encoder in encoders:
        encoder.encode(photos[0], options.budgets[0])
    lines = [
        "# What encoding costs",
        "",
        f"{len(photos)} photos, warm, one core, checkouts in turns; seconds of a core, means. "
        "`ratio`: of the means, and the median of the photos' ratios.",
        "",
        "| budget B | checkout | seconds | ratio | median ratio | most memory, MiB |",
        "|---|---|---|---|---|---|",
    ]
    for budget in options.budgets:
        spent = np.array([[encoder.encode(photo, budget) for encoder in encoders] for photo in photos])
        for number, encoder in enumerate(encoders):
            ratio = spent[:, number].mean() / spent[:, 0].mean()
            median = float(np.median(spent[:, number] / spent[:, 0]))
            lines.append(
                f"| {budget or 'own'} | {number} | {spent[:, number].mean():.2f} | {ratio:.2f} | {median:.2f} "
                f"| {encoder.most_mib:.0f} |"
            )
            print(lines[-1], flush=True)
    if options.out:
        options.out.write_text("\n".join([*lines, ""]), encoding="utf-8")


class Encoder:
    """A checkout that encodes what it is told, in a process of its own."""

    def __init__(self, python: Path) -> None:
        command = [str(python.absolute()), str(Path(__file__).resolve()), "--encode"]
        self.most_mib = 0.0
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def encode(self, photo: Path, budget_bytes: int) -> float:
        """Seconds of a core."""
        self._process.stdin.write(json.dumps([str(photo.resolve()), budget_bytes]) + "\n")
        self._process.stdin.flush()
        seconds, self.most_mib = json.loads(self._process.stdout.readline())
        return seconds


def encode_what_comes() -> None:
    """For each line [photo, budget]: [seconds of a core, most memory so far in MiB]."""
    from PIL import Image

    from semcom.semantic.api import encode
    from semcom.semantic.request import EncodeRequest

    for line in sys.stdin:
        path, budget_bytes = json.loads(line)
        with Image.open(path) as opened:
            photo = np.asarray(opened.convert("RGB"))
        begun = time.process_time()
        encode(photo, request=EncodeRequest(budget_bytes=budget_bytes or None))
        spent = time.process_time() - begun
        print(json.dumps([spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]), flush=True)


if __name__ == "__main__":
    main()
