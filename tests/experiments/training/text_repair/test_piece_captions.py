"""Captions of whole photos and of their pieces: none of a held-out photo, and a second call goes on."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from PIL import Image

from semcom.experiments.training.text_repair import piece_captions as recipe
from semcom.semantic import registry
from semcom.semantic.extract.captioner import compose_caption

from ....stand_ins import SeesRed, street


def test_whole_and_pieces_are_described_and_a_second_call_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, numbers in (("coco", (1, 2)), ("coco_people", (3,))):
        (tmp_path / "data" / folder).mkdir(parents=True)
        entries = [json.dumps({"id": number, "file": f"{number}.png"}) for number in numbers]
        (tmp_path / "data" / folder / "annotations.jsonl").write_text("\n".join(entries))
        for number in numbers:
            Image.fromarray(street(240, 160)).save(tmp_path / "data" / folder / f"{number}.png")
    monkeypatch.setattr(recipe, "held_out_ids", lambda shared: {2})
    out = tmp_path / "out" / "pieces.jsonl"
    monkeypatch.setattr(sys, "argv", ["piece", "--shared", str(tmp_path), "--out", str(out), "--photos", "1"])
    with registry.override("segmenters", "best", SeesRed()), registry.override("captioners", "best", compose_caption):
        recipe.main()
        assert [entry["id"] for entry in recipe.lines(out)] == [1]
        recipe.main()
        recipe.main()
    entries = recipe.lines(out)
    assert [entry["id"] for entry in entries] == [1, 3]
    assert any("car" in text for text in entries[0]["captions"]) and len(entries[0]["captions"]) >= 2
