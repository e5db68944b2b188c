"""For flowgraphs of GNU Radio Companion that need a device: its absence in a sentence instead of a traceback."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType


def say_plainly(advice: str) -> None:
    """From now on a `RuntimeError`, which is what drivers raise, ends this program with one line.

    Parameters
    ----------
    advice : str
        What a person may do about it, said behind the driver's own words.
    """
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        if issubclass(kind, RuntimeError):
            print(f"{Path(sys.argv[0]).stem}: {' '.join(str(error).split())}: {advice}", file=sys.stderr)
        else:
            before(kind, error, traceback)

    sys.excepthook = hook
