"""Hostile bytes into one parser, chosen by the lines of our code that they reach: Atheris (libFuzzer for Python).

    pip install atheris
    python -m semcom.experiments.robustness.coverage_fuzz frame out/fuzz/frame -runs=10000000
    python -m semcom.experiments.robustness.coverage_fuzz packet out/fuzz/packet -max_total_time=3600

Parsers are those of `fuzzed_parsers.PARSERS`; the folder, made with good and kept inputs where it is empty, keeps what
reaches new lines. What follows is libFuzzer's. An input that makes trouble ends it and is written to ``crash-*``: put
it into tests/data/fuzz/PARSER. All of them in turns, until each has had enough: `fuzz_rounds`.

What numba compiles runs as plain Python and counts its lines. With ``NUMBA_DISABLE_JIT=0`` it stays compiled: a hundred
times as many inputs reach the parsers that decode pictures and maps, and those lines are not counted.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from types import FunctionType


def main(arguments: list[str]) -> None:
    try:
        import atheris
    except ImportError:
        sys.exit("atheris is not installed: pip install atheris")
    os.environ.setdefault("NUMBA_DISABLE_JIT", "1")
    from semcom.experiments.robustness.fuzzed_parsers import PARSERS
    from semcom.experiments.robustness.parser_fuzz import known_inputs

    # Not while they are imported: Atheris does not see into the loader of an editable install.
    for function in our_functions():
        atheris.instrument_func(function)
    if len(arguments) < 2 or arguments[0] not in PARSERS:
        sys.exit(f"{__doc__}\nParsers: {', '.join(PARSERS)}")
    parser, folder = PARSERS[arguments[0]], Path(arguments[1])
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.iterdir()):
        for data in (*parser.seeds(), *known_inputs(arguments[0])):
            (folder / sha256(data).hexdigest()[:16]).write_bytes(data)

    errors = parser.errors if isinstance(parser.errors, tuple) else (parser.errors,)

    def take(data: bytes) -> None:
        with suppress(*errors):
            parser.parse(parser.seal(data))

    for data in parser.seeds()[:8]:  # what numba compiles is compiled before an input's time counts
        take(data)
    atheris.Setup([sys.argv[0], str(folder), *arguments[2:]], take)
    atheris.Fuzz()


def our_functions() -> list[FunctionType]:
    """All that can count their lines: what numba is to compile cannot."""
    from numba.core.dispatcher import Dispatcher

    found = gc.get_objects()
    compiled = {id(each.py_func) for each in found if isinstance(each, Dispatcher)}
    ours = (each for each in found if isinstance(each, FunctionType) and id(each) not in compiled)
    return [function for function in ours if (function.__module__ or "").startswith("semcom.")]


if __name__ == "__main__":
    main(sys.argv[1:])
