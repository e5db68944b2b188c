"""Every parser of bytes from outside: good inputs, those that once made trouble, and some accidents."""

import numpy as np
import pytest

from semcom.experiments.robustness import parser_fuzz
from semcom.experiments.robustness.fuzzed_parsers import CORPUS, PARSERS, Parser

NUM_ACCIDENTS = 40


def test_every_folder_of_kept_inputs_has_a_parser():
    assert {folder.name for folder in CORPUS.iterdir()} <= set(PARSERS)


@pytest.mark.parametrize("name", PARSERS)
def test_hostile_bytes_give_a_result_or_the_known_error(name, rng):
    parser = PARSERS[name]
    inputs = parser.seeds()[:60] + parser_fuzz.known_inputs(name)
    small = [data for data in inputs if len(data) < 20_000]
    accidents = [parser.seal(parser_fuzz.mutated(small, rng)) for _ in range(NUM_ACCIDENTS)]
    problems = [parser_fuzz.trouble(parser, data) for data in small + accidents]
    assert [problem for problem in problems if problem] == []


def test_trouble_is_named_and_kept(tmp_path, capsys, monkeypatch):
    def parse(data):
        if len(data) > 3:
            raise KeyError("surprise")
        raise ValueError("refused")

    monkeypatch.setitem(PARSERS, "fragile", Parser(parse, ValueError, lambda: [b"abc", b"defg"]))
    monkeypatch.setattr(parser_fuzz, "limit_memory", lambda: None)
    options = ["--only", "fragile", "--minutes", "0.0001", "--keep", str(tmp_path)]
    assert parser_fuzz.main(options) == 1
    assert "surprise" in capsys.readouterr().out
    assert all(len(path.read_bytes()) > 3 for path in (tmp_path / "fragile").iterdir())


def test_accidents_depend_on_the_seed_alone():
    made = [parser_fuzz.mutated([bytes(range(64))], np.random.default_rng(seed)) for seed in (5, 5, 6)]
    assert made[0] == made[1] != made[2]
