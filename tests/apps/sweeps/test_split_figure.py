"""What channel uses are for, from rows."""

from __future__ import annotations

import json

import pytest

from semcom.apps.sweeps import split_figure
from semcom.apps.sweeps.split_figure import draw_split, splits_of


def row(system: str, snr_db: float, layers: dict | None, num_bytes: int = 100, cbr: float | None = 0.05) -> dict:
    return {"system": system, "photo": "mixed", "set_size": 8, "link": "ideal", "channel": "awgn", "snr_db": snr_db,
            "cbr_asked": 1 / 30, "budget_bytes": None, "text": "coded", "models": None, "bytes": num_bytes, "cbr": cbr,
            "layers": json.dumps(layers) if layers is not None else None}  # fmt: skip


ROWS = [
    row("seb", 5, {"residual": 60, "usage": 20}),
    row("seb", 5, {"residual": 80}, cbr=0.03),
    row("seb", 0, {"residual": 90}),
    row("av1-sequence", 5, {}),
    row("avif", 5, None, cbr=None),
]


def test_channel_uses_are_shared_out_by_bytes_and_the_rest_is_framing() -> None:
    found = splits_of(ROWS)
    assert list(found) == [("seb", 0), ("seb", 5)]
    assert found["seb", 0] == {"residual": pytest.approx(0.045), "framing": pytest.approx(0.005)}
    expected = {"residual": (0.03 + 0.024) / 2, "usage": 0.01 / 2, "framing": (0.01 + 0.006) / 2}
    assert found["seb", 5] == {part: pytest.approx(value) for part, value in expected.items()}
    assert sum(found["seb", 5].values()) == pytest.approx(0.04)


def test_the_legend_hides_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is needed: scripts/setup sweep")
    drawn = []
    monkeypatch.setattr(split_figure, "as_png", lambda figure, panel: drawn.append(figure))
    draw_split(("mixed",), ROWS)
    (figure,) = drawn
    (axis,), (legend,) = figure.axes, figure.legends
    figure.canvas.draw()
    assert axis.get_legend() is None and not legend.get_window_extent().overlaps(axis.get_window_extent())


def test_it_is_drawn_where_there_is_something() -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is needed: scripts/setup sweep")
    assert draw_split(("mixed",), ROWS)[:4] == b"\x89PNG" and draw_split(("mixed",), ROWS[3:]) is None
