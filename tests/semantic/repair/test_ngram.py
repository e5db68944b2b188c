import numpy as np
import pytest

from semcom.semantic import registry
from semcom.semantic.errors import SemanticError
from semcom.semantic.layers.plain_text import check_of, coded
from semcom.semantic.repair.ngram import NgramRepairer, changed_words

TEXT = "A boat with an orange sail drifts past a mill."


def received(text: str, esno_db: float, rng: np.random.Generator, is_latin: bool = False) -> tuple[str, dict]:
    """A text over QPSK with white noise: what was decided, and the context for a repairer."""
    characters = coded(text, is_latin)
    bits = np.unpackbits(np.frombuffer(characters, np.uint8)).astype(np.float32)
    noise_var = 10 ** (-esno_db / 10) / 2
    values = (1 - 2 * bits) / np.sqrt(2) + rng.normal(0, np.sqrt(noise_var), len(bits))
    llr = (2 * values / np.sqrt(2) / noise_var).astype(np.float32).reshape(-1, 8)
    came = np.packbits(llr < 0).tobytes()
    decided = came.decode("latin-1") if is_latin else bytes(code & 127 for code in came).decode("ascii")
    context = {"llr": llr, "characters": came, "is_latin": is_latin, "check": check_of(characters)}
    return decided, context


def test_soft_values_repair_what_decided_bits_do_not(rng):
    soft, hard = NgramRepairer(use_check=False), NgramRepairer(soft=False, use_check=False)
    right = {"soft": 0, "hard": 0}
    for _ in range(6):
        came, context = received(TEXT, -2.0, rng)
        assert came != TEXT
        for name, repairer in (("soft", soft), ("hard", hard)):
            repaired = repairer(came, context)[0]
            right[name] += sum(a == b for a, b in zip(repaired, TEXT, strict=True))
    assert right["soft"] > 0.7 * 6 * len(TEXT) and right["hard"] < 0.95 * right["soft"]


def test_the_check_chooses_among_the_likeliest():
    """Of two letters that are as likely as each other, the one that was sent."""
    for sent in ("A man with a hat.", "A man with a bat."):
        characters = coded(sent, False)
        llr = 6 * (1 - 2 * np.unpackbits(np.frombuffer(characters, np.uint8)).astype(np.float32)).reshape(-1, 8)
        llr[13] = 0
        context = {"llr": llr, "characters": characters, "check": check_of(characters)}
        assert NgramRepairer()(sent, context)[0] == sent


def test_latin_letters_have_no_parity(rng):
    text = "A cat sits on a table."
    came, context = received(text, 2.0, rng, is_latin=True)
    assert NgramRepairer()(came, context)[0] == text


def test_without_llr_the_text_itself_is_taken():
    repaired, guessed = NgramRepairer()("A man ridimg a wave on a surfboard.", {})
    assert repaired == "A man riding a wave on a surfboard." and guessed == ((6, 12),)


def test_hostile_llr_give_some_text(rng):
    for llr in (np.zeros((40, 8), np.float32), np.full((40, 8), -15.9, np.float32)):
        text, _ = NgramRepairer(beam=8)("\ufffd" * 40, {"llr": llr, "characters": bytes(40), "check": 0})
        assert len(text) == 40 and text.isprintable() and text.isascii()


@pytest.mark.parametrize(
    ("came", "repaired", "ranges"),
    [
        ("A dog runs.", "A dog runs.", ()),
        ("A dig ruxs.", "A dog runs.", ((2, 5), (6, 10))),
        ("Axdog runs!", "A dog runs.", ((1, 2), (10, 11))),
        ("A dogXruns.", "A dog runs.", ((5, 6),)),
        ("A dig_runs.", "A dog runs.", ((2, 5),)),
        ("A dog run.", "A dog runs.", ((6, 10),)),
    ],
)
def test_words_that_were_changed_are_named(came, repaired, ranges):
    assert changed_words(came, repaired) == ranges


@pytest.mark.parametrize("beam", [0, 1025, 2.5, True])
def test_a_beam_that_cannot_be_is_refused(beam):
    with pytest.raises(SemanticError, match="beam of repairer ngram must be 1 to 1024"):
        registry.create("repairers", "ngram", {"beam": beam})
