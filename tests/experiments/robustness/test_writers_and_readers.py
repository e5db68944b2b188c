"""Every public writer against its reader: what is accepted comes back equal, at and just beyond the limits."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.experiments.robustness import writer_fuzz
from semcom.experiments.robustness.writers_and_readers import PAIRS, Pair, same, trouble

NUM_CONTENTS = {"packet": 40, "payloads": 40, "layer sub_image": 40, "layer class_map": 60}
"""Of those that take longer; else 150."""


@pytest.mark.parametrize("name", PAIRS)
def test_what_is_written_is_read_back_equal(name: str) -> None:
    count = NUM_CONTENTS.get(name, 150)
    results = [trouble(PAIRS[name], np.random.default_rng([20260101, number])) for number in range(count)]
    assert [problem for problem, _ in results if problem] == []
    assert sum(was_written for _, was_written in results) > 0.08 * count  # the generator is no mere source of errors


def test_every_kind_of_trouble_is_noticed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def crashes(content: int) -> int:
        raise KeyError("surprise")

    def refuses(written: int, content: int) -> int:
        raise ValueError("too large")

    pairs = {
        "writer": Pair(lambda rng: 1, crashes, lambda written, _: written, ValueError),
        "reader": Pair(lambda rng: 1, abs, refuses, ValueError),
        "rounding": Pair(lambda rng: -1, abs, lambda written, _: written, ValueError),
        "strict": Pair(lambda rng: int("x"), abs, refuses, ValueError),
        "good": Pair(lambda rng: -1, abs, lambda written, _: -written, ValueError),
    }
    rng = np.random.default_rng(1)
    found = {name: trouble(pair, rng)[0] for name, pair in pairs.items()}
    assert "surprise" in found["writer"] and "too large" in found["reader"] and "read 1" in found["rounding"]
    assert found["strict"] == found["good"] == ""
    monkeypatch.setattr(writer_fuzz, "PAIRS", pairs)
    monkeypatch.setattr("argparse.ArgumentParser.parse_args", lambda *_: _Options())
    assert writer_fuzz.main() == 1
    said = capsys.readouterr().out
    assert "rounding: --seed 1 --trial 0: written -1, read 1" in said and "good: 2 contents, 2 written, 0 in" in said


class _Options:
    minutes, contents, seed, trial, only = 0.0, 2, 1, None, ("good", "rounding")


def test_equality_looks_into_arrays_and_types() -> None:
    zeros = np.zeros((2, 3), np.uint8)
    assert same((zeros, 1), (zeros.copy(), 1))
    assert not same(zeros, zeros.astype(bool)) and not same(zeros, zeros.T) and not same((1, 2), (1,))
    assert not same(1, True) and not same([1], (1,))
