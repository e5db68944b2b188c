from __future__ import annotations

import re

import numpy as np

from semcom.apps.report.slider_page import render_sliders
from semcom.semantic.benchmark.judge import Verdict

EVIL = '<script>alert("1")</script>'


def verdict(rival: str, ours: bool, shade: int | None, budget_bytes: int = 900) -> Verdict:
    picture = None if shade is None else np.full((6, 8, 3), shade, np.uint8)
    return Verdict(EVIL, rival, ours, budget_bytes, 870, picture=picture, caption=EVIL)


VERDICTS = [
    verdict("es-isc, meaning", True, 10),
    verdict("es-isc, pixels", True, 20),
    verdict("AVIF", False, 30),
    verdict("AVIF, best size", False, 40),
    verdict("WebP, best size", False, None),
]
ORIGINALS = {EVIL: np.full((6, 8, 3), 200, np.uint8)}


def chosen(page: str, side: str) -> str:
    select = re.search(rf'<select data-side="{side}".*?</select>', page, re.DOTALL).group()
    return re.search(r"selected>([^<]*)", select).group(1)


def test_it_begins_with_ours_beside_the_best_avif() -> None:
    page = render_sliders(VERDICTS, ORIGINALS)
    assert chosen(page, "left").startswith("es-isc, pixels") and chosen(page, "right").startswith("AVIF, best size")


def test_every_picture_there_is_can_be_chosen_and_no_other() -> None:
    page = render_sliders(VERDICTS, ORIGINALS)
    assert page.count("<option") == 2 * 5 and "WebP" not in page
    hidden = page[page.index('id="pictures-1"') :]
    sources = re.findall(r'src="(data:image/[^"]*)"', hidden)
    assert len(set(sources)) == 5  # each is another picture


def test_each_budget_has_its_own_slider() -> None:
    page = render_sliders([*VERDICTS, verdict("es-isc, meaning", True, 50, 4000)], ORIGINALS)
    assert page.count('<input type="range"') == 2 and "4,000 bytes" in page


def test_nothing_comes_from_outside_and_names_are_escaped() -> None:
    page = render_sliders(VERDICTS, ORIGINALS)
    assert EVIL not in page and "&lt;script&gt;" in page
    assert not re.findall(r'(?:src|href)="(?!data:)', page)
