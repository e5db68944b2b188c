"""The recipe of the repairer: what damages texts, and that a tiny run learns, goes on, and is loaded by name."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from semcom.experiments.training.text_repair import train_bart_repair as recipe
from semcom.experiments.training.text_repair.damage import bit_error_rate, damaged
from semcom.semantic.errors import ModelError

TEXT = "A brown dog is running on the grass."


@pytest.fixture(scope="module")
def libraries() -> None:
    from semcom.semantic.backends.runtime import library

    try:
        library("transformers")
    except ModelError as error:
        pytest.skip(f"models of others are needed: scripts/setup pretrained ({error})")


def test_the_error_rate_is_that_of_qpsk() -> None:
    """Q(√(Es/N0)): 0.1587 at 0 dB, 7.83e-4 at 10 dB (scipy.stats.norm.sf)."""
    assert bit_error_rate(0.0) == pytest.approx(0.158655, rel=1e-4)
    assert bit_error_rate(10.0) == pytest.approx(7.8270e-4, rel=1e-4)


def test_texts_are_damaged_as_much_as_the_noise_says(rng: np.random.Generator) -> None:
    came = [damaged(TEXT, 4.0, rng) for _ in range(300)]
    assert {len(text) for text in came} == {len(TEXT)} and damaged(TEXT, 30.0, rng) == TEXT
    wrong = np.mean([a != b for text in came for a, b in zip(text, TEXT, strict=True)])
    seven_bits = 1 - (1 - bit_error_rate(4.0)) ** 7  # the eighth, of parity, is not shown
    assert wrong == pytest.approx(seven_bits, abs=0.02)
    assert "\n" not in "".join(came) and damaged("Café – bar", 30.0, rng) == "Café - bar"


def test_a_tiny_run_learns_and_goes_on_and_is_found_by_name(
    libraries: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from semcom.semantic import registry

    captions = [TEXT, "Two cats sleep on a red sofa.", "A man rides a wave.", "A bowl of fruit on a table."]
    monkeypatch.setattr(recipe, "training_captions", lambda shared: captions)
    extra = tmp_path / "pieces.jsonl"
    extra.write_text(json.dumps({"captions": ["A red macaw.", "Green leaves."]}) + "\n")
    losses: list[float] = []
    monkeypatch.setattr(recipe.LossLog, "add", lambda log, progress, loss: losses.append(loss))
    out = tmp_path / "bart"
    line = ["train", "--shared", str(tmp_path), "--out", str(out), "--texts", str(extra), "--width", "32"]
    for steps, minutes in (("200", "60"), ("201", "60")):
        monkeypatch.setattr(
            sys, "argv", [*line, "--steps", steps, "--batch", "6", "--rate", "3e-3", "--minutes", minutes]
        )
        recipe.main()
    assert len(losses) == 201 and json.loads((out / "training.json").read_text()) == {"step": 201}
    assert np.mean(losses[-20:]) < 0.6 * np.mean(losses[:5])
    assert sorted(path.name for path in out.glob("*.bin")) == []
    repairer = registry.create("repairers", "bart", {"folder": str(out)})
    repaired, guessed = repairer("A bowl of frxit on a tablf.", {})
    assert repaired.startswith("A") and all(0 <= first < last <= len(repaired) for first, last in guessed)


def test_a_published_one_is_gone_on_with(libraries: None, tmp_path: Path) -> None:
    from ....semantic.backends.text_checkpoints import bart

    net, tokenizer, step = recipe.opened(tmp_path / "out", bart(tmp_path / "bart"), 32)
    assert step == 0 and net.config.d_model == 16
    texts = recipe.Texts([TEXT, "A cat."], tokenizer, "cpu", np.random.default_rng(1))
    batch = texts.batch(2, 5.0)
    assert batch["labels"].shape == batch["input_ids"].shape and (batch["labels"] == -100).any()
    recipe.save(tmp_path / "out", net, tokenizer, 7)
    assert recipe.opened(tmp_path / "out", None, 32)[2] == 7


def test_noise_opens_during_the_first_quarter() -> None:
    found = [recipe.least_esno_db(fraction) for fraction in (0.0, 0.125, 0.25, 1.0)]
    assert found == [11.0, 4.0, -3.0, -3.0]


def test_without_captions_there_is_nothing_to_train_on(libraries: None) -> None:
    with pytest.raises(SystemExit, match="there must be captions to train on, got none"):
        recipe.Texts(["", "  "], None, "cpu", np.random.default_rng(1))
