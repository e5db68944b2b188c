"""Small diagrams as SVG: constellation, channel, bars. No plotting library, sharp at any size; words are escaped."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup, escape

_FRAME = "#8886"
_DOT = "#2f6fb0"
_LINE = "#c2543a"


def constellation(
    symbols: np.ndarray, ideal: np.ndarray | None = None, side: int = 300, max_points: int = 1500
) -> Markup:
    """Equalised symbols in the complex plane, with the ideal points marked.

    Parameters
    ----------
    symbols : complex [num_symbols]
    ideal : complex [num_points] or None
    side : int
        Pixels.
    """
    symbols = symbols[np.isfinite(symbols)]
    step = max(1, len(symbols) // max_points)
    reach = 1.8

    def place(value: complex) -> tuple[float, float]:
        x = (np.clip(value.real, -reach, reach) / reach + 1) * side / 2
        y = (1 - np.clip(value.imag, -reach, reach) / reach) * side / 2
        return round(float(x), 1), round(float(y), 1)

    dots = "".join('<circle cx="{}" cy="{}" r="1.6"/>'.format(*place(value)) for value in symbols[::step])
    marks = ""
    if ideal is not None:
        for value in ideal:
            x, y = place(value)
            marks += f'<path d="M{x - 4} {y}h8M{x} {y - 4}v8"/>'
    return Markup(
        f'<svg viewBox="0 0 {side} {side}" width="{side}" height="{side}" role="img" aria-label="constellation">'
        f'<path d="M{side / 2} 0V{side}M0 {side / 2}H{side}" stroke="{_FRAME}"/>'
        f'<g fill="{_DOT}" fill-opacity=".45">{dots}</g><g stroke="{_LINE}" stroke-width="1.5">{marks}</g></svg>'
    )


def channel_magnitude(channel: np.ndarray, width: int = 300, height: int = 150) -> Markup:
    """|H| over the used carriers in dB, relative to its mean power.

    Parameters
    ----------
    channel : complex [num_used_carriers]
    """
    power = np.abs(channel) ** 2
    level_db = 10 * np.log10(np.maximum(power / max(power.mean(), 1e-12), 1e-4))
    top, bottom = 10.0, -25.0
    x = np.linspace(30, width - 5, len(level_db))
    y = (top - np.clip(level_db, bottom, top)) / (top - bottom) * (height - 10) + 5
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    grid = ""
    for level in (10, 0, -10, -20):
        line = (top - level) / (top - bottom) * (height - 10) + 5
        grid += f'<path d="M30 {line:.1f}H{width - 5}" stroke="{_FRAME}"/>'
        grid += f'<text x="26" y="{line + 4:.1f}" text-anchor="end" font-size="10" fill="currentColor">{level}</text>'
    return Markup(
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="channel in dB">'
        f'{grid}<polyline points="{points}" fill="none" stroke="{_DOT}" stroke-width="1.8"/></svg>'
    )


def bars(rows: list[tuple[str, float, str, str]], width: int = 760) -> Markup:
    """Horizontal bars.

    Parameters
    ----------
    rows : list of (label, value, words behind the bar, colour)
    """
    longest = max((value for _, value, _, _ in rows), default=1.0) or 1.0
    body = ""
    for number, (label, value, words, colour) in enumerate(rows):
        y = 6 + 24 * number
        length = 4 + (width - 440) * value / longest
        body += (
            f'<text x="130" y="{y + 12}" text-anchor="end" font-size="13" fill="currentColor">{escape(label)}</text>'
        )
        body += f'<rect x="140" y="{y}" width="{length:.1f}" height="16" rx="3" fill="{escape(colour)}"/>'
        body += f'<text x="{148 + length:.1f}" y="{y + 12}" font-size="12" fill="currentColor">{escape(words)}</text>'
    height = 12 + 24 * len(rows)
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return Markup(f'<svg {size} role="img" aria-label="bytes per layer">{body}</svg>')
