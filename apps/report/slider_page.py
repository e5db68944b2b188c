"""One file to send to somebody: original, codecs and ours on top of each other, with a slider between two of them."""

from __future__ import annotations

import numpy as np

from semcom.apps.report.page_parts import figure
from semcom.apps.report.pages import render_page
from semcom.semantic.benchmark.judge import Verdict


def render_sliders(verdicts: list[Verdict], originals: dict[str, np.ndarray]) -> str:
    """The page as HTML text without outside references; it begins with ours on the left and AVIF on the right.

    Parameters
    ----------
    verdicts : list of Verdict
        Those without a picture are left out.
    originals : dict of str to uint8 [height, width, 3]
        By the name that the verdicts give the picture.
    """
    groups: dict[tuple[str, int], list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.picture is not None:
            groups.setdefault((verdict.image, verdict.budget_bytes), []).append(verdict)
    comparisons = [
        {
            "title": f"{image}, {budget:,} bytes",
            "figures": [figure(originals[image], "the original"), *(figure(v.picture, _words(v)) for v in shown)],
            "left": 1 + _last(shown, lambda verdict: verdict.ours),
            "right": 1 + _last(shown, lambda verdict: verdict.rival.startswith("AVIF")),
        }
        for (image, budget), shown in groups.items()
    ]
    return render_page("sliders.html", title="The same bytes, side by side", comparisons=comparisons)


def _words(verdict: Verdict) -> str:
    words = f"{verdict.rival}: {verdict.num_bytes} bytes"
    return f"{words}, “{verdict.caption}”" if verdict.caption else words


def _last(verdicts: list[Verdict], wanted) -> int:
    """Position of the last verdict that is wanted, else of the last of all: of a codec the best size comes last."""
    found = [number for number, verdict in enumerate(verdicts) if wanted(verdict)]
    return found[-1] if found else len(verdicts) - 1
