"""The referee's page: who is best at what, in a table and in words, then everything side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from semcom.apps.report.page_parts import Figure, figure
from semcom.apps.report.pages import render_page
from semcom.semantic.benchmark.judge import Verdict, means

MEASURES: tuple[tuple[str, str, Callable[[Verdict], float | None]], ...] = (
    ("MS-SSIM", "similarity to the original over five scales, 0 to 1", lambda v: v.ms_ssim),
    ("SSIM", "similarity of fine structure, 0 to 1", lambda v: v.ssim),
    ("PSNR, dB", "error of the pixels", lambda v: v.psnr_db),
    ("sharpness", "gradient energy over the original's", lambda v: v.sharpness),
    ("mean IoU", "what is where, against ground truth", lambda v: v.mean_iou),
    ("agreement", "share of pixels named as the sender named them", lambda v: v.agreement),
    ("objects", "share of the sender's objects found again", lambda v: v.objects_found),
    ("caption", "chrF of the caption at the receiver", lambda v: v.caption_chrf),
    ("similarity", "of the caption, cosine of sentence vectors by MiniLM", lambda v: v.caption_similarity),
    ("words right", "share of the caption's words that people used, too", lambda v: v.caption_right),
    ("words found", "share of the words of three people that the caption has", lambda v: v.caption_found),
    ("LPIPS", "distance of the pictures to a network, 0 for equal ones", lambda v: v.lpips),
    ("CLIP picture", "cosine with the original picture", lambda v: v.clip_picture),
    ("CLIP text", "cosine of the picture with the captions", lambda v: v.clip_text),
)
LESS_IS_BETTER = frozenset({"LPIPS"})
_TIE = 0.003


def render(verdicts: list[Verdict], originals: dict[str, np.ndarray]) -> str:
    """The page as HTML text without outside references."""
    budgets = sorted({v.budget_bytes for v in verdicts})
    num_pictures = f"{len(originals)} picture{'s' * (len(originals) != 1)}"
    return render_page(
        "referee.html",
        title="The referee",
        headline=f"{num_pictures}, {', '.join(f'{budget:,}' for budget in budgets)} bytes for each.",
        measures=[(name, meaning) for name, meaning, _ in _there(verdicts)],
        budgets=[
            {"num_bytes": budget, "rows": _rows(verdicts, budget), "lines": words(verdicts, budget)}
            for budget in budgets
        ],
        comparisons=[
            {
                "title": f"{image}, {budget:,} bytes",
                "figures": _side_by_side(verdicts, image, budget, original),
            }
            for image, original in originals.items()
            for budget in budgets
        ],
    )


def words(verdicts: list[Verdict], budget_bytes: int) -> list[str]:
    """Which system is best in each measure at one budget, in sentences; a measure that no system has is left out."""
    ours = {v.rival for v in verdicts if v.ours}
    lines = []
    for name, meaning, value in MEASURES:
        scores = {rival: mean for (rival, budget), mean in means(verdicts, value).items() if budget == budget_bytes}
        scores = {rival: mean for rival, mean in scores.items() if mean is not None}
        mine = {r: s for r, s in scores.items() if r in ours}
        theirs = {r: s for r, s in scores.items() if r not in ours}
        if not mine or not theirs:
            continue
        sign = _sign(name)
        best, rival = max(mine, key=lambda r: sign * mine[r]), max(theirs, key=lambda r: sign * theirs[r])
        gap = sign * (mine[best] - theirs[rival])
        if abs(gap) <= _TIE * max(abs(theirs[rival]), 1e-9):
            verdict = f"{best} and {rival} are level ({mine[best]:.3g})"
        elif gap > 0:
            verdict = f"{best} is ahead, {mine[best]:.3g} to {theirs[rival]:.3g} of {rival}"
        else:
            verdict = f"{rival} wins, {theirs[rival]:.3g} to {mine[best]:.3g} of {best}"
        lines.append(f"{name} ({meaning}): {verdict}.")
    unable = sorted({v.rival for v in verdicts if v.budget_bytes == budget_bytes and v.num_bytes is None})
    if unable:
        lines.append(f"Some pictures do not fit so few bytes with {', '.join(unable)}.")
    return lines


def _there(verdicts: list[Verdict]) -> list[tuple[str, str, Callable[[Verdict], float | None]]]:
    """The measures that some verdict has."""
    return [measure for measure in MEASURES if any(measure[2](verdict) is not None for verdict in verdicts)]


def _sign(name: str) -> int:
    return -1 if name in LESS_IS_BETTER else 1


def _rows(verdicts: list[Verdict], budget_bytes: int) -> list[dict[str, Any]]:
    """Of the table, one a rival: its name and cells (words, whether they are the best of their column)."""
    rivals = list(dict.fromkeys(v.rival for v in verdicts))
    measures = _there(verdicts)
    tables = [means(verdicts, value) for _, _, value in measures]
    best = []
    for table, (name, _, _) in zip(tables, measures, strict=True):
        scores = [table[rival, budget_bytes] for rival in rivals if table.get((rival, budget_bytes)) is not None]
        sign = _sign(name)
        best.append(sign * max(sign * score for score in scores) if scores else None)
    rows = []
    for rival in rivals:
        used = means(verdicts, lambda v: v.num_bytes)[rival, budget_bytes]
        cells = [("–" if used is None else f"{used:.0f}", False)]
        for table, top in zip(tables, best, strict=True):
            value = table.get((rival, budget_bytes))
            shown = "–" if value is None else f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
            cells.append((shown, value is not None and value == top))
        rows.append({"name": rival, "cells": cells})
    return rows


def _side_by_side(verdicts: list[Verdict], image: str, budget_bytes: int, original: np.ndarray) -> list[Figure]:
    figures = [figure(original, "the original")]
    for verdict in verdicts:
        if (verdict.image, verdict.budget_bytes) == (image, budget_bytes) and verdict.picture is not None:
            figures.append(figure(verdict.picture, _line(verdict)))
    return figures


def _line(verdict: Verdict) -> str:
    line = f"{verdict.rival}: {verdict.num_bytes} B, MS-SSIM {verdict.ms_ssim:.3f}"
    line += f", IoU {verdict.mean_iou:.2f}" if verdict.mean_iou is not None else ""
    line += f" · {verdict.setting}" if verdict.setting else ""
    return f"{line} · “{verdict.caption}”" if verdict.caption else line


def sheet(verdicts: list[Verdict], original: np.ndarray, columns: int = 3, width: int = 480) -> Image.Image:
    """Original and what each rival made of it, as one picture with captions."""
    shown = [(original, "original")] + [
        (v.picture, _line(v).split(" · ")[0]) for v in verdicts if v.picture is not None
    ]
    height = round(width * original.shape[0] / original.shape[1])
    rows = -(-len(shown) // columns)
    canvas = Image.new("RGB", (columns * width, rows * (height + 22)), "white")
    draw = ImageDraw.Draw(canvas)
    for number, (picture, line) in enumerate(shown):
        x, y = number % columns * width, number // columns * (height + 22)
        canvas.paste(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS), (x, y))
        draw.text((x + 4, y + height + 4), line.replace("×", "x"), fill="black")
    return canvas


def by_picture(verdicts: list[Verdict]) -> list[tuple[tuple[str, int], list[Verdict]]]:
    """Verdicts of each picture at each budget, in the order in which they came."""
    groups: dict[tuple[str, int], list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault((verdict.image, verdict.budget_bytes), []).append(verdict)
    return list(groups.items())
