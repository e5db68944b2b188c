"""For flowgraphs of GNU Radio Companion: what is refused, or a device that is not there, in a sentence instead of a
traceback."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType


def say_plainly(advice: str = "") -> None:
    """From now on an error that our blocks raise on purpose ends this program with one line; so does a `RuntimeError`,
    which is what drivers raise, where there is advice for it.

    Parameters
    ----------
    advice : str
        What a person may do about it, said behind the driver's own words.
    """
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        line = f"{Path(sys.argv[0]).stem}: {' '.join(str(error).split())}"
        if kind.__module__.startswith("semcom."):
            print(line, file=sys.stderr)
        elif issubclass(kind, RuntimeError) and advice:
            print(f"{line}: {advice}", file=sys.stderr)
        else:
            before(kind, error, traceback)

    sys.excepthook = hook
