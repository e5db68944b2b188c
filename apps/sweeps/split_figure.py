"""What the channel uses of a sweep's pictures are for: a bar for each curve and SNR, stacked by kind of layer."""

from __future__ import annotations

import json
from collections import defaultdict

from semcom.apps.sweeps.figures import COLOURS, Panel, Rows, as_png, legend_below, series_of

FRAMING = "framing"
SETS = ("semantic_base", "usage", "compensation", "residual")
"""Layers of a set's bits in the order of the paper's figure: the same colours in every panel."""


def splits_of(rows: Rows) -> dict[tuple[str, float], dict[str, float]]:
    """By (curve, SNR): mean channel uses for a colour value by kind of layer; what is no layer is framing.

    Channel uses are shared out by bytes. Rows without layers (lost ones, an AV1 sequence) are left out.
    """
    found: dict[tuple[str, float], dict[str, float]] = {}
    for name, own in series_of(rows).items():
        by_snr = defaultdict(list)
        for row in own:
            layers = json.loads(row["layers"] or "{}")
            if layers and row["cbr"]:
                parts = {**layers, FRAMING: row["bytes"] - sum(layers.values())}
                by_snr[row["snr_db"]].append({part: row["cbr"] * size / row["bytes"] for part, size in parts.items()})
        for snr_db, each in sorted(by_snr.items()):
            labels = dict.fromkeys(part for one in each for part in one)
            found[name, snr_db] = {part: sum(one.get(part, 0.0) for one in each) / len(each) for part in labels}
    return found


def draw_split(panel: Panel, rows: Rows) -> bytes | None:
    """The figure of a panel as PNG; None where no row has layers."""
    splits = splits_of(rows)
    if not splits:
        return None
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axis = plt.subplots(figsize=(9, 1.2 + 0.24 * len(splits)), dpi=110)
    others = {part for split in splits.values() for part in split} - {*SETS, FRAMING}
    names = [f"{name}, {snr_db:g} dB" for name, snr_db in splits]
    left = [0.0] * len(splits)
    for number, part in enumerate([*SETS, FRAMING, *sorted(others)]):
        widths = [split.get(part, 0.0) for split in splits.values()]
        if not any(widths):
            continue
        axis.barh(names, widths, left=left, color=COLOURS[number % len(COLOURS)], label=part)
        left = [before + width for before, width in zip(left, widths, strict=True)]
    axis.invert_yaxis()
    axis.tick_params(labelsize=8)
    axis.set_xlabel("channel uses for a colour value")
    legend_below(figure, axis, columns=6)
    return as_png(figure, panel)
