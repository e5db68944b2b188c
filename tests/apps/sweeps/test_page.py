"""Figures and page of a sweep, from rows."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("matplotlib", reason="matplotlib is needed: scripts/setup sweep")

from semcom.apps.sweeps.figures import bandwidth, means, panels_of
from semcom.apps.sweeps.page import write_page
from semcom.sdr_configs.sweep import SweepSettings

SETTINGS = SweepSettings.model_validate(
    {"systems": ["webp"], "photos": ["a.png"], "snr_db": [0], "cbr": [0.1], "description": "<b>bold</b>"}
)


def row(system: str, snr_db: float, psnr_db: float | None, **more) -> dict:
    base = {"system": system, "photo": "a.png", "link": "ideal", "channel": "awgn", "snr_db": snr_db, "cbr": 0.09,
            "psnr_db": psnr_db, "ms_ssim": 0.9, "cbr_asked": 1 / 48, "budget_bytes": None, "outcome": "complete",
            "reason": None, "picture": None, "text": "coded", "models": None, "cosine": None, "set_size": None,
            "esno_db": snr_db}  # fmt: skip
    return {**base, **more}


ROWS = [
    row("webp", 5, 30.0),
    row("webp", 0, 20.0),
    row("webp", 0, 24.0, picture=b"jpeg"),
    row("avif", 0, 21.0, link="modem"),
    row("jscc", 0, None, outcome="unavailable", reason="weights <x> are missing"),
]


def test_means_are_of_all_trials_at_an_snr() -> None:
    assert means(ROWS[:3], "psnr_db") == {"webp": [(0, 22.0, 2), (5, 30.0, 1)]}
    panels = panels_of(ROWS)
    assert list(panels) == [("ideal", "awgn", "CBR 1/48"), ("modem", "awgn", "CBR 1/48")]
    assert [len(rows) for rows in panels.values()] == [3, 1]


def test_links_in_one_figure_are_told_apart_and_compared_at_equal_es_n0() -> None:
    rows = [
        row("heic", 0, 20.0, link="gallager"),
        row("heic", 0, 24.0, link="modem", esno_db=0.9),
        row("vlm-csc", 0, 12.0, link="modem", esno_db=0.9, text="soft", models="big", cosine=0.5),
    ]
    ((panel, found),) = panels_of(rows, ["channel"]).items()
    assert panel == ("awgn",) and means(found, "psnr_db", "esno_db") == {
        "heic, gallager": [(0, 20.0, 1)],
        "heic, modem": [(0.9, 24.0, 1)],
        "vlm-csc, big, soft text, modem": [(0.9, 12.0, 1)],
    }
    assert means(found, "cosine")["vlm-csc, big, soft text, modem"] == [(0, 0.5, 1)]
    assert means(found, "cosine")["heic, modem"] == []  # measured before cosines were asked for


def test_figures_show_the_metrics_of_the_file(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"metrics": ("cosine", "lpips=/nets"), "figures": ()})
    rows = [row("webp", 0, 20.0, cosine=0.123, lpips=0.456), row("webp", 0, 20.0, cosine=0.125, lpips=0.456)]
    page = write_page(tmp_path, "name", settings, rows).read_text(encoding="utf-8")
    assert "mean cosine of embeddings" in page and "<td>0.124</td>" in page and "mean LPIPS" in page
    assert "<td>0.456</td>" in page and "PSNR" not in page and (tmp_path / "figure_1.png").exists()


def test_bandwidth_in_words() -> None:
    assert bandwidth(row("a", 0, 1, cbr_asked=0.019)) == "CBR 0.019"
    assert bandwidth(row("a", 0, 1, cbr_asked=None, budget_bytes=4000)) == "4,000 bytes"


def test_the_page_shows_figures_means_pictures_and_what_did_not_run(tmp_path: Path) -> None:
    page = write_page(tmp_path, "name", SETTINGS, ROWS).read_text(encoding="utf-8")
    assert (tmp_path / "figure_1.png").read_bytes()[:4] == b"\x89PNG" and (tmp_path / "figure_2.png").exists()
    assert page.count("data:image/png") == 2 and page.count("data:image/jpeg") == 1
    for words in ("4 complete, 1 unavailable", "<td>22.00</td><td>30.00</td>", "weights &lt;x&gt; are missing"):
        assert words in page
    assert "<b>bold</b>" not in page and "http" not in page


def test_a_sweep_of_which_nothing_ran_has_a_page_too(tmp_path: Path) -> None:
    page = write_page(tmp_path, "name", SETTINGS, ROWS[4:]).read_text(encoding="utf-8")
    assert "1 unavailable" in page and "<img" not in page
