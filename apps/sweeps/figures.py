"""Curves of a sweep: mean quality over SNR, one line a system; what has a figure of its own the sweep file says."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

LABELS = {
    "psnr_db": "PSNR, dB",
    "ssim": "SSIM",
    "ms_ssim": "MS-SSIM",
    "cosine": "cosine of embeddings",
    "features": "feature distance",
    "labels": "pixels with the sender's category",
    "words": "cosine of captions",
    "lpips": "LPIPS",
    "clip": "cosine of CLIP embeddings",
}
COLOURS = (
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

PARTS = ("set", "link", "channel", "bandwidth")
Panel = tuple[str, ...]
"""What all rows of a figure have in common of `PARTS`, in words."""
Rows = Sequence[dict[str, Any]]


def panels_of(results: Rows, parts: Sequence[str] = PARTS) -> dict[Panel, list[dict[str, Any]]]:
    """Rows that were measured, by figure: each value of `parts` has one of its own."""
    panels: dict[Panel, list[dict[str, Any]]] = defaultdict(list)
    for row in results:
        if row["psnr_db"] is not None:
            panels[tuple(filter(None, (_words(row, part) for part in parts)))].append(row)
    return dict(sorted(panels.items()))


def bandwidth(row: dict[str, Any]) -> str:
    """What a trial was given, in words."""
    if row["cbr_asked"] is None:
        return f"{row['budget_bytes']:,} bytes"
    whole = round(1 / row["cbr_asked"])
    return f"CBR 1/{whole}" if abs(1 / whole / row["cbr_asked"] - 1) < 2e-3 else f"CBR {row['cbr_asked']:.4g}"


def series_of(rows: Rows) -> dict[str, list[dict[str, Any]]]:
    """Rows of a figure by curve: the system, and whatever else is not the same for all rows."""
    varying = [part for part in PARTS if len({_words(row, part) for row in rows}) > 1]
    series: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        series[name_of(row, varying)].append(row)
    return dict(sorted(series.items()))


def name_of(row: dict[str, Any], parts: Sequence[str]) -> str:
    """The system of a row as figures name it, and what it was given of `parts`."""
    told = [row["system"], row["models"], "soft text" if row["text"] == "soft" else None]
    return ", ".join(filter(None, [*told, *(_words(row, part) for part in parts)]))


def means(rows: Rows, measure: str, axis: str = "snr_db") -> dict[str, list[tuple[float, float, int]]]:
    """By curve: (SNR, mean, number of trials), SNR ascending. A picture that did not come counts as a grey one.

    `axis` is the column of the SNR: ``esno_db`` where links are compared.
    """
    found = {}
    for name, own in series_of(rows).items():
        values: dict[float, list[float]] = defaultdict(list)
        for row in own:
            if row[measure] is not None:
                values[row[axis]].append(row[measure])
        found[name] = [(snr, float(np.mean(each)), len(each)) for snr, each in sorted(values.items())]
    return found


def draw(panel: Panel, rows: Rows, metrics: Sequence[str]) -> bytes:
    """The figure of a panel as PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    links = {row["link"] for row in rows}
    figure, grid = plt.subplots(1, len(metrics), figsize=(5.5 * len(metrics), 4.2), dpi=110, squeeze=False)
    for axis, measure in zip(grid[0], metrics, strict=True):
        curves = means(rows, measure, "snr_db" if len(links) == 1 else "esno_db")
        for number, (name, points) in enumerate(curves.items()):
            if points:
                snr_db, mean, _ = zip(*points, strict=True)
                axis.plot(snr_db, mean, "o-", ms=4, lw=1.8, color=COLOURS[number % len(COLOURS)], label=name)
        axis.set_xlabel("SNR, dB" if links == {"modem"} else "Es/N0, dB")
        axis.set_ylabel(LABELS[measure])
        axis.grid(alpha=0.3)
    legend_below(figure, grid[0][0], columns=3)
    return as_png(figure, panel)


def legend_below(figure: Any, axis: Any, columns: int) -> None:
    """The legend of an axis, under the whole figure: inside, it would hide what is drawn."""
    lines, names = axis.get_legend_handles_labels()
    figure.legend(lines, names, fontsize=8, ncols=columns, loc="upper center", bbox_to_anchor=(0.5, 0.0))


def as_png(figure: Any, panel: Panel) -> bytes:
    """The file of a matplotlib figure, with the panel in its title; the same bytes for the same figure."""
    from matplotlib import pyplot as plt

    figure.suptitle(" · ".join(panel), fontsize=11)
    figure.tight_layout()
    file = io.BytesIO()
    figure.savefig(file, format="png", bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
    return file.getvalue()


def _words(row: dict[str, Any], part: str) -> str:
    """Empty for the set of a photo."""
    if part == "set":
        return row["photo"] if row["set_size"] else ""
    return bandwidth(row) if part == "bandwidth" else row[part]
