"""Curves of a sweep: mean quality over SNR, one line a system, one figure for each link, channel and bandwidth."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

MEASURES = {"psnr_db": "PSNR, dB", "ms_ssim": "MS-SSIM"}
_COLOURS = (
    "#2f6fb0",
    "#c2543a",
    "#4c8c4a",
    "#7d4f9e",
    "#d98e2b",
    "#2f7f86",
    "#8a8f98",
    "#a8642c",
    "#3b3b46",
    "#c05a8e",
)

Panel = tuple[str, str, str]
"""Link, channel, bandwidth in words."""


def panels_of(results: Sequence[dict[str, Any]]) -> dict[Panel, list[dict[str, Any]]]:
    """Rows that were measured, by panel."""
    panels: dict[Panel, list[dict[str, Any]]] = defaultdict(list)
    for row in results:
        if row["psnr_db"] is not None:
            panels[row["link"], row["channel"], bandwidth(row)].append(row)
    return dict(sorted(panels.items()))


def bandwidth(row: dict[str, Any]) -> str:
    """What a trial was given, in words."""
    if row["cbr_asked"] is None:
        return f"{row['budget_bytes']:,} bytes"
    whole = round(1 / row["cbr_asked"])
    return f"CBR 1/{whole}" if abs(1 / whole / row["cbr_asked"] - 1) < 2e-3 else f"CBR {row['cbr_asked']:.4g}"


def means(rows: Sequence[dict[str, Any]], measure: str) -> dict[str, list[tuple[float, float, int]]]:
    """By system: (SNR, mean, number of trials), SNR ascending. A picture that did not come counts as a grey one."""
    values: dict[str, dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        values[row["system"]][row["snr_db"]].append(row[measure])
    return {
        system: [(snr, float(np.mean(found)), len(found)) for snr, found in sorted(by_snr.items())]
        for system, by_snr in values.items()
    }


def draw(panel: Panel, rows: Sequence[dict[str, Any]]) -> bytes:
    """The figure of a panel as PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, len(MEASURES), figsize=(11, 4.2), dpi=110)
    for axis, (measure, label) in zip(axes, MEASURES.items(), strict=True):
        for number, (system, points) in enumerate(sorted(means(rows, measure).items())):
            snr_db, mean, _ = zip(*points, strict=True)
            axis.plot(snr_db, mean, "o-", ms=4, lw=1.8, color=_COLOURS[number % len(_COLOURS)], label=system)
        axis.set_xlabel("SNR, dB" if panel[0] == "modem" else "Es/N0, dB")
        axis.set_ylabel(label)
        axis.grid(alpha=0.3)
    axes[0].legend(fontsize=8)
    figure.suptitle(" · ".join(panel), fontsize=11)
    figure.tight_layout()
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    plt.close(figure)
    return file.getvalue()
