import numpy as np
import pytest

from semcom.semantic.errors import ModelError
from semcom.semantic.repair import character_model
from semcom.semantic.repair.character_model import EDGE, NUM_SYMBOLS, follow, log_probabilities, log_probability

MODEL = character_model.load()


def contexts_after(text: str) -> np.ndarray:
    contexts, after = np.full(MODEL.order, -1, np.int32), np.full(MODEL.order, -1, np.int32)
    contexts[0] = 0
    for symbol in (EDGE, *character_model.symbols_of(text)):
        follow(MODEL, contexts, symbol, after)
        contexts[:] = after
    return contexts


@pytest.mark.parametrize("text", ["", "A", "A man ri", "two dogs are playing in the g", "zq!x#"])
def test_what_may_follow_is_a_distribution(text):
    table = np.empty(NUM_SYMBOLS, np.float32)
    log_probabilities(MODEL, contexts_after(text), table)
    assert np.exp(table).sum() == pytest.approx(1, abs=0.04)  # probabilities are kept in steps of 1/16 nat


def test_it_knows_captions():
    def bits(text):
        return -log_probability(MODEL, text) / np.log(2) / (len(text) + 1)

    assert bits("A man riding a wave on a surfboard.") < 1 < 4 < bits("Gzk qov wxtunt p jeyr ob q sirgbearl.")
    assert bits("A MAN RIDING A WAVE") == bits("a man riding a wave")


def test_the_shipped_file_is_small_and_holds_nothing_seen_once():
    assert character_model.FILE.stat().st_size < 1_000_000
    assert MODEL.order <= character_model.MAX_ORDER and len(MODEL.symbol) < character_model.MAX_NGRAMS


def arrays(**changed):
    good = {
        "symbol": np.arange(NUM_SYMBOLS, dtype=np.uint8),
        "probability": np.full(NUM_SYMBOLS, 68, np.uint8),
        "back_off": np.full(1, 32, np.uint8),
        "children_0": np.array([NUM_SYMBOLS], np.uint8),
    }
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"symbol": None}, "readable model of characters"),
        ({"probability": np.full(3, 68, np.uint8)}, "form a trie"),
        ({"children_0": np.array([3], np.uint8)}, "form a trie"),
        ({"children_0": np.array([NUM_SYMBOLS, 1], np.uint8)}, "form a trie"),
        ({"symbol": np.full(NUM_SYMBOLS, 255, np.uint8)}, "symbols below"),
        ({"back_off": np.full(9, 32, np.uint8)}, "a back-off for each context"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path, changed, rule):
    np.savez(tmp_path / "model.npz", **arrays(**changed))
    with pytest.raises(ModelError, match=rule):
        character_model.load(tmp_path / "model.npz")


def test_a_model_of_single_symbols_works(tmp_path):
    np.savez(tmp_path / "model.npz", **arrays())
    model = character_model.load(tmp_path / "model.npz")
    assert log_probability(model, "ab") == pytest.approx(-3 * 68 / 16)
    with pytest.raises(ModelError, match="absent"):
        character_model.load(tmp_path / "absent.npz")
