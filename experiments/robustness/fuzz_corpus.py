"""The few inputs of a folder of `fuzz_rounds` that together reach most lines → tests/data/fuzz_corpus.json

    python -m semcom.experiments.robustness.fuzz_corpus --folder out/fuzz

Inputs that are kept already and good ones count as there; of the others the one that reaches most new steps from line
to line comes first, the shorter where two reach as many. What is compiled is not looked into. The tests put the kept
ones into their parsers, and `coverage_fuzz` begins with them in a new folder.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from semcom.experiments.robustness.parser import Parser

REPOSITORY = Path(__file__).resolve().parents[2]
KEPT = REPOSITORY / "tests" / "data" / "fuzz_corpus.json"
MOST_INPUTS, MOST_BYTES = 24, 1024

Step = tuple[str, int, int]
"""File, line, next line of the same call."""


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--folder", type=Path, required=True, help="of fuzz_rounds, or of coverage_fuzz for each parser"
    )
    parser.add_argument("--most", type=int, default=MOST_INPUTS, help="inputs of one parser")
    parser.add_argument("--most-bytes", type=int, default=MOST_BYTES, help="of one input")
    parser.add_argument("--out", type=Path, default=KEPT)
    options = parser.parse_args(arguments)
    from semcom.experiments.robustness.fuzzed_parsers import PARSERS

    kept = read_kept(options.out)
    for name, fuzzed in PARSERS.items():
        paths = sorted((options.folder / name.replace(" ", "_")).glob("*"))
        inputs = [path.read_bytes() for path in paths if path.stat().st_size <= options.most_bytes]
        before = kept.get(name, [])
        kept[name] = before + chosen(fuzzed, inputs, before, options.most - len(before))
        print(f"{name}: {len(kept[name])} of {len(before) + len(paths)}", flush=True)
    told = {name: [base64.b64encode(data).decode() for data in kept[name]] for name in sorted(kept) if kept[name]}
    options.out.write_text(json.dumps(told, indent=0) + "\n", encoding="utf-8")


def read_kept(path: Path = KEPT) -> dict[str, list[bytes]]:
    """Inputs of each parser; none where there is no file."""
    told = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {name: [base64.b64decode(data, validate=True) for data in inputs] for name, inputs in told.items()}


def chosen(parser: Parser, inputs: Iterable[bytes], known: Iterable[bytes], most: int) -> list[bytes]:
    """Those of the inputs that reach what good and known ones do not, at most so many, the farthest first."""
    seen = set().union(*(reached(parser, data) for data in (*parser.seeds(), *known)))
    left = {data: reached(parser, data) - seen for data in sorted(set(inputs), key=lambda data: (len(data), data))}
    found: list[bytes] = []
    while left and len(found) < most:
        best = max(left, key=lambda data: len(left[data]))  # the first, and so the shortest, of those that are alike
        new = left.pop(best)
        if not new:
            break
        found.append(best)
        left = {data: steps - new for data, steps in left.items()}
    return found


def reached(parser: Parser, data: bytes) -> set[Step]:
    """Steps from line to line of our own files while a parser takes an input."""
    steps: set[Step] = set()

    def follow(frame: FrameType, _: str, __: Any) -> Any:
        name = frame.f_code.co_filename
        if not name.startswith(str(REPOSITORY)) or "/.venv/" in name:
            return None
        last = frame.f_lineno

        def line(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal last
            if event == "line":
                steps.add((name, last, frame.f_lineno))
                last = frame.f_lineno
            return line

        return line

    errors = parser.errors if isinstance(parser.errors, tuple) else (parser.errors,)
    before = sys.gettrace()
    sys.settrace(follow)
    try:
        with suppress(*errors):
            parser.parse(parser.seal(data))
    finally:
        sys.settrace(before)
    return steps


if __name__ == "__main__":
    main()
