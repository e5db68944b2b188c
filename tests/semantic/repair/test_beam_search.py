import numpy as np

from semcom.semantic.repair import character_model
from semcom.semantic.repair.beam_search import likeliest_texts

MODEL = character_model.load()


def likelihood(text: str, certain: float) -> np.ndarray:
    """Of each character at each place: the one of the text by so many nats, all others alike."""
    table = np.zeros((len(text), 128), np.float32)
    table[np.arange(len(text)), [ord(character) for character in text]] = certain
    return table


def test_certain_characters_stay_whatever_the_model_expects():
    for text in ("Zq9 xW!", "A DOG", "q"):
        assert likeliest_texts(MODEL, likelihood(text, 60), 16, 1)[0].decode() == text


def test_what_says_nothing_is_filled_in():
    table = likelihood("A man riding a wave on a surfboard.", 12)
    table[8:12] = 0
    assert likeliest_texts(MODEL, table, 64, 1)[0] == b"A man riding a wave on a surfboard."


def test_capitals_begin_sentences():
    table = np.maximum(likelihood("a dog. a cat.", 12), likelihood("A DOG. A CAT.", 12))
    assert likeliest_texts(MODEL, table, 64, 1)[0] == b"A dog. A cat."


def test_copies_give_other_texts_by_falling_probability():
    table = likelihood("A black dog runs on the grass.", 3)
    one, more = likeliest_texts(MODEL, table, 64, 1), likeliest_texts(MODEL, table, 64, 4)
    assert len(set(more)) == len(more) and one[0] == more[0]

    def probability(text):
        received = sum(float(table[at, code]) for at, code in enumerate(text))
        return received + character_model.log_probability(MODEL, text.decode())

    values = [
        probability(text) for text in more if text[:1].isupper() and not any(c.isupper() for c in text.decode()[1:])
    ]
    assert values == sorted(values, reverse=True) or np.all(np.diff(values) < 0.02)
    ends = [text[-MODEL.order + 1 :].lower() for text in one]
    assert len(set(ends)) == len(ends)  # of texts that end alike the model needs one
