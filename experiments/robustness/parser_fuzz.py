"""Hostile bytes into every parser that takes bytes from outside (`fuzzed_parsers.PARSERS`).

    python -m semcom.experiments.robustness.parser_fuzz --minutes 5
    python -m semcom.experiments.robustness.parser_fuzz --only frame "waveform file" --seed 7

Inputs are good ones and those that are kept (tests/data/fuzz, fuzz_corpus.json), cut, spliced, repeated and flipped,
with checksums made right again. A parser answers with a result or with the error it is known for, within
`MAX_SECONDS`; the address space is limited, so that what grows fails. What does otherwise is written to ``--keep`` and
named. Ends with status 1 then.
"""

from __future__ import annotations

import argparse
import math
import resource
import sys
import time
import traceback
from collections import Counter
from hashlib import sha256
from pathlib import Path

import numpy as np

from semcom.experiments.robustness.fuzz_corpus import read_kept
from semcom.experiments.robustness.fuzzed_parsers import CORPUS, PARSERS, Parser

MAX_SECONDS = 2.0
MAX_INPUT_BYTES = 1 << 18
MAX_MEMORY_BYTES = 512 << 20
"""Address space that parsing may take beyond what the process has when it begins."""


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


def trouble(parser: Parser, data: bytes, max_seconds: float = math.inf) -> str:
    """What is wrong with how a parser takes these bytes; empty where nothing is."""
    started = time.perf_counter()
    try:
        parser.parse(data)
    except parser.errors:
        pass
    except Exception:
        return traceback.format_exc(limit=-2)
    seconds = time.perf_counter() - started
    return f"took {seconds:.1f} s" if seconds > max_seconds else ""


def known_inputs(name: str) -> list[bytes]:
    """What is kept: of earlier trouble, and what reached lines that good inputs do not."""
    troubles = [path.read_bytes() for path in sorted((CORPUS / name).glob("*.bin"))]
    return troubles + read_kept().get(name, [])


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
            problem = trouble(PARSERS[name], data, MAX_SECONDS)
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
