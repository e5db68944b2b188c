"""Requests are kept with the pictures, analyses of the last few only, and both are bounded."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from semcom.apps.services.sending import recent_pictures
from semcom.apps.services.sending.recent_pictures import MAX_ANALYSES, MAX_RECENT, RecentPicture, RecentPictures
from semcom.link import RefinementFrame, Scope
from semcom.semantic import Analysis, EncodeRequest, SemanticPacket
from semcom.semantic.analysis import Guard

REQUEST = EncodeRequest(config={"speck_cells": 3})


def analysis(side: int = 32) -> Analysis:
    return Analysis(REQUEST, np.zeros((side, side, 3), np.uint8), Guard())


def picture(name: str, with_analysis: Analysis | None = None, content: bytes = b"x") -> RecentPicture:
    return RecentPicture(name, content, SemanticPacket(0, 0, 1, ()), REQUEST, with_analysis)


def test_the_analyses_of_the_last_few_are_kept_and_the_pictures_of_more() -> None:
    recent = RecentPictures()
    kept = [picture(str(number), analysis()) for number in range(MAX_RECENT + 2)]
    for number, one in enumerate(kept, start=1):
        recent.keep(Scope(0, 1, number), one)
    assert [one.analysis is not None for one in kept] == [False] * (len(kept) - MAX_ANALYSES) + [True] * MAX_ANALYSES
    found = [recent.asked(RefinementFrame(Scope(0, 1, n), 1, b"q")) for n in range(1, len(kept) + 1)]
    assert [isinstance(one, RecentPicture) for one in found] == [False] * 2 + [True] * MAX_RECENT


def test_an_analysis_that_is_asked_for_is_used_again_and_lives_longer() -> None:
    recent = RecentPictures()
    kept = [picture(str(number), analysis()) for number in range(MAX_ANALYSES)]
    for number, one in enumerate(kept, start=1):
        recent.keep(Scope(0, 1, number), one)
    first = kept[0].analysis
    assert recent.analysis_of(kept[0]) is first
    recent.keep(Scope(0, 1, 99), picture("new", analysis()))
    assert kept[0].analysis is first and kept[1].analysis is None


def test_large_analyses_are_not_hoarded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent_pictures, "MAX_ANALYSED_BYTES", 5000)
    recent, small, large = RecentPictures(), picture("small", analysis(32)), picture("large", analysis(64))
    recent.keep(Scope(0, 1, 1), small)
    assert small.analysis is not None
    recent.keep(Scope(0, 1, 2), large)
    assert small.analysis is None and large.analysis is None


def test_a_new_analysis_is_made_under_the_stored_request() -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.full((32, 48, 3), 90, np.uint8)).save(buffer, "PNG")
    recent, one = RecentPictures(), picture("a.png", None, buffer.getvalue())
    recent.keep(Scope(0, 1, 1), one)
    made = recent.analysis_of(one)
    assert made.request == REQUEST and made.picture.shape == (32, 48, 3) and recent.analysis_of(one) is made
