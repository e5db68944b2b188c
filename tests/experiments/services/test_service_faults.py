"""Ninety seconds of faults by a random schedule; and what the recipe concludes and says."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from semcom.experiments.services.fault_outcome import Outcome, report
from semcom.experiments.services.service_faults import Pictures, run
from semcom.semantic import SemanticPacket

SECONDS = float(os.environ.get("SEMCOM_FAULT_SECONDS", "90"))


@pytest.mark.timeout(1200)
def test_nothing_confirmed_is_missing_torn_or_there_twice(tmp_path: Path) -> None:
    pytest.importorskip("gnuradio", reason="GNU Radio is needed: apt-get install gnuradio")
    outcome = run(SECONDS, seed=7, folder=tmp_path)
    assert (outcome.missing, outcome.torn, outcome.twice) == ([], [], []) and outcome.sums_match
    assert outcome.confirmed == outcome.shown == outcome.put > 0 and sum(outcome.faults.values()) > 0


def test_each_picture_says_which_it_is() -> None:
    pictures = Pictures()
    texts = [SemanticPacket.from_bytes(pictures.packet(number)).layers[1].content.text for number in (0, 1234)]
    assert texts == ["Picture 0.", "Picture 1234."]
    mixed = [SemanticPacket.from_bytes(Pictures(photo_every=3).packet(number)) for number in (3, 4)]
    assert [packet.layers[1].content.text for packet in mixed] == ["Picture 3.", "Picture 4."]
    assert len(mixed[0].layers) > 2 == len(mixed[1].layers)
    assert max(len(layer.payload) for layer in mixed[0].layers) > 256, "no layer takes several frames"


@pytest.mark.parametrize(
    "wrong", [{"missing": ["3"]}, {"torn": ["x"]}, {"twice": ["3"]}, {"sums_match": False}, {"put": 11}]
)
def test_any_difference_in_the_books_is_a_failure(wrong: dict) -> None:
    good = {"put": 10, "confirmed": 10, "shown": 10, "sums_match": True}
    assert Outcome(**good).is_good and not Outcome(**{**good, **wrong}).is_good


def test_the_run_is_told_with_its_faults_and_recoveries() -> None:
    account = {"sent": 20, "delivered": 18, "repaired": 2, "lost": 0}
    faults = Counter({"kill": 2, "stall": 1})
    outcome = Outcome(10, 10, 10, faults=faults, recovery_s={"tx": [1.0, 3.0, 2.0]}, sums_match=True, account=account)
    text = report(outcome, "the command")
    assert "3 faults: 2 × kill, 1 × stall." in text and "| put in and missing | 0 |" in text
    assert "20 sent = 18 delivered + 2 repaired + 0 lost; the sums match" in text
    assert "| tx | 3 | 2.0 s | 3.0 s |" in text
