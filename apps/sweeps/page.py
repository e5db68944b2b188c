"""The page of a sweep: figures, means, pictures at the points that the file names, and what did not run."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from semcom.apps.report.result_folder import write_file_whole
from semcom.apps.sweeps.figures import LABELS, draw, means, name_of, panels_of, series_of
from semcom.apps.sweeps.split_figure import draw_split
from semcom.sdr_configs.sweep import SweepSettings

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:72em;margin:2em auto;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;margin:.6em 0 1.6em}"
    "td,th{padding:.15em .8em;text-align:right;border-bottom:1px solid #ddd}"
    "td:first-child,th:first-child{text-align:left}img{max-width:100%}figure{display:inline-block;margin:.4em;width:23em}"
    "figcaption{font-size:13px;color:#555}"
)


def write_page(folder: Path, name: str, settings: SweepSettings, results: Sequence[dict[str, Any]]) -> Path:
    """Write ``index.html`` and one PNG a figure; the page holds all pictures itself. Returns its path."""
    parts = [f"<h1>{escape(name)}</h1>", f"<p>{escape(settings.description)}</p>"]
    parts.append(f"<p>{len(results):,} trials: {_counts(results)}.</p>")
    metrics = [name.partition("=")[0] for name in settings.metrics]
    for number, (panel, rows) in enumerate(panels_of(results, settings.figures).items(), start=1):
        figure = draw(panel, rows, metrics)
        write_file_whole(folder / f"figure_{number}.png", figure)
        parts.append(f"<h2>{escape(' · '.join(panel))}</h2><img alt='' src='{_data(figure, 'png')}'>")
        parts += [_table(rows, measure) for measure in metrics]
        split = draw_split(panel, rows) if settings.split else None
        if split is not None:
            write_file_whole(folder / f"split_{number}.png", split)
            parts.append(f"<img alt='' src='{_data(split, 'png')}'>")
    parts += [*_pictures(results), *_refused(results)]
    page = f"<!doctype html><meta charset=utf-8><title>{escape(name)}</title><style>{_STYLE}</style>{''.join(parts)}"
    write_file_whole(folder / "index.html", page.encode())
    return folder / "index.html"


def _counts(results: Sequence[dict[str, Any]]) -> str:
    return ", ".join(f"{count:,} {outcome}" for outcome, count in Counter(row["outcome"] for row in results).items())


def _table(rows: Sequence[dict[str, Any]], measure: str) -> str:
    """Means by curve and SNR, and the channel uses that were really on air."""
    snrs = sorted({row["snr_db"] for row in rows})
    head = "".join(f"<th>{snr:g} dB</th>" for snr in snrs)
    lines = [f"<tr><th>mean {escape(LABELS[measure])}</th>{head}<th>CBR on air</th></tr>"]
    decimals, curves = 2 if measure == "psnr_db" else 3, series_of(rows)
    for name, points in means(rows, measure).items():
        at = {snr: mean for snr, mean, _ in points}
        uses = [row["cbr"] for row in curves[name] if row["cbr"]]
        cells = "".join(f"<td>{at[snr]:.{decimals}f}</td>" if snr in at else "<td></td>" for snr in snrs)
        on_air = f"{sum(uses) / len(uses):.4f}" if uses else ""
        lines.append(f"<tr><td>{escape(name)}</td>{cells}<td>{on_air}</td></tr>")
    return f"<table>{''.join(lines)}</table>"


def _pictures(results: Sequence[dict[str, Any]]) -> list[str]:
    shown = [row for row in results if row["picture"]]
    if not shown:
        return []
    shown.sort(key=lambda row: (row["photo"], row["link"], row["snr_db"], row["system"]))
    figures = []
    for row in shown:
        words = f"{name_of(row, ('link', 'bandwidth'))}, {row['snr_db']:g} dB"
        quality = f"{row['psnr_db']:.2f} dB, MS-SSIM {row['ms_ssim']:.3f}"
        picture = f"<img alt='' src='{_data(row['picture'], 'jpeg')}'>"
        figures.append(f"<figure>{picture}<figcaption>{escape(words)}: {quality}</figcaption></figure>")
    return ["<h2>Pictures</h2>", *figures]


def _refused(results: Sequence[dict[str, Any]]) -> list[str]:
    """What did not run, and why, each reason once."""
    reasons = Counter((row["system"], row["outcome"], row["reason"]) for row in results if row["reason"])
    if not reasons:
        return []
    lines = []
    for (system, outcome, reason), count in reasons.items():
        cells = (escape(system), f"{count:,}", outcome, escape(reason))
        lines.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    return [f"<h2>Not as asked</h2><table><tr><th>system</th><th>trials</th></tr>{''.join(lines)}</table>"]


def _data(picture: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"
