"""Hostile bytes into one parser, chosen by the lines of our code that they reach: Atheris (libFuzzer for Python).

    pip install atheris
    python -m semcom.experiments.robustness.coverage_fuzz frame out/fuzz/frame -runs=10000000
    python -m semcom.experiments.robustness.coverage_fuzz packet out/fuzz/packet -max_total_time=3600

Parsers are those of `fuzzed_parsers.PARSERS`; the folder, made with good inputs where it is empty, keeps what reaches
new lines. What follows is libFuzzer's. An input that makes trouble ends it and is written to ``crash-*``: put it into
tests/data/fuzz/PARSER.
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
    os.environ["NUMBA_DISABLE_JIT"] = "1"  # numba cannot compile what counts its lines
    from semcom.experiments.robustness.fuzzed_parsers import PARSERS

    # Not while they are imported: Atheris does not see into the loader of an editable install.
    for function in [found for found in gc.get_objects() if isinstance(found, FunctionType)]:
        if (function.__module__ or "").startswith("semcom."):
            atheris.instrument_func(function)
    if len(arguments) < 2 or arguments[0] not in PARSERS:
        sys.exit(f"{__doc__}\nParsers: {', '.join(PARSERS)}")
    parser, folder = PARSERS[arguments[0]], Path(arguments[1])
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.iterdir()):
        for data in parser.seeds():
            (folder / sha256(data).hexdigest()[:16]).write_bytes(data)

    errors = parser.errors if isinstance(parser.errors, tuple) else (parser.errors,)

    def take(data: bytes) -> None:
        with suppress(*errors):
            parser.parse(parser.seal(data))

    atheris.Setup([sys.argv[0], str(folder), *arguments[2:]], take)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
