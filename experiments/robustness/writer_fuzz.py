"""Every public writer against its reader: what a writer accepts, its reader must give back equal.

    python -m semcom.experiments.robustness.writer_fuzz --minutes 5
    python -m semcom.experiments.robustness.writer_fuzz --contents 1000
    python -m semcom.experiments.robustness.writer_fuzz --only packet feedback --seed 7

Contents lie at and just beyond the limits (`writers_and_readers`). A writer that refuses one with the error it is known
for is right; a defect is where it raises another, where the reader refuses what was written or reads something else.
A trial is repeated alone with ``--only NAME --seed S --trial N``. Ends with status 1 where a defect was found.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

import numpy as np

from semcom.experiments.robustness.writers_and_readers import PAIRS, trouble

_SHOWN = 3


def _is_enough(number: int, contents: int | None, end: float) -> bool:
    return time.monotonic() >= end if contents is None else number >= contents


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0, help="for all pairs together")
    parser.add_argument("--contents", type=int, help="of each pair, in the place of minutes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=PAIRS, default=list(PAIRS))
    parser.add_argument("--trial", type=int, help="only this one")
    options = parser.parse_args(arguments)
    found = Counter()
    for name in options.only:
        end = time.monotonic() + 60 * options.minutes / len(options.only)
        number, written = options.trial or 0, 0
        while True:
            problem, was_written = trouble(PAIRS[name], np.random.default_rng([options.seed, number]))
            written += was_written
            if problem:
                found[name] += 1
                if found[name] <= _SHOWN:
                    print(f"{name}: --seed {options.seed} --trial {number}: {problem}", flush=True)
            number += 1
            if options.trial is not None or _is_enough(number, options.contents, end):
                break
        trials = number - (options.trial or 0)
        print(f"{name}: {trials} contents, {written} written, {found[name]} in trouble", flush=True)
    return 1 if found.total() else 0


if __name__ == "__main__":
    sys.exit(main())
