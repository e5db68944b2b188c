"""Text: any Unicode returns, captions cost few bytes, hostile bytes."""

import json
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcom.semantic.coding import text as text_module
from semcom.semantic.coding.priming_text import MARK, MARKED_CAPTIONS, priming_lines
from semcom.semantic.coding.text import MAX_TEXT_CHARS, decode_text, encode_text
from semcom.semantic.errors import LayerError, PacketError

COMPOSED = [  # none of them is in the priming text
    "A white car is in front of a person. Buildings and trees are in the background under a grey sky.",
    "Three people and two bicycles are on the pavement. Buildings and walls are in the background.",
    "A red boat is on the water. Mountains are in the background under a pink sky.",
    "Two men in blue shirts are standing in front of a red bus. Buildings and trees are in the background.",
    "A white dog is lying next to a black cat on a grey sofa. A window is on the right.",
]


def round_trip(text):
    coded = encode_text(text)
    assert decode_text(coded, len(text)) == text
    return coded


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=80))
def test_any_text_returns(text):
    round_trip(text)


@pytest.mark.parametrize(
    "text", ["", "\0", "\0\0a", "\n", "é", "日本語の文", "🙂🙃", "\U0010ffff", "a" * 300, "\x02\x01"]
)
def test_unusual_texts_return(text):
    round_trip(text)


def test_longest_text_returns():
    assert len(round_trip("a bird. " * (MAX_TEXT_CHARS // 8))) < 60
    round_trip("\U0010ffff" * MAX_TEXT_CHARS)


def test_composed_captions_cost_at_most_25_bytes():
    assert not set(COMPOSED) & set(priming_lines())
    lengths = [len(round_trip(caption)) for caption in COMPOSED]
    assert max(lengths) <= 25
    assert sum(lengths) / len(lengths) <= 16


def test_marks_cost_next_to_nothing():
    caption = "A white *car is in front of a *person. *Buildings and *trees are in the background under a grey *sky."
    assert len(round_trip(caption.replace("*", MARK))) <= len(round_trip(caption.replace("*", ""))) + 3


def test_every_priming_line_is_clean():
    for line in priming_lines():
        assert line.isprintable() or MARK in line
        assert line.isascii() and line[-1] == "." and len(line) < 130
    assert "*" in MARKED_CAPTIONS and not any("*" in line for line in priming_lines())


def test_far_fewer_bytes_than_zlib_on_captions_people_wrote(shared_dir):
    lines = (shared_dir / "data/flickr8k/captions_text_train_dev.jsonl").read_text().splitlines()[::200]
    captions = [json.loads(line)["captions"][0] for line in lines]
    dictionary = "\n".join(priming_lines()).encode()

    def zlib_bytes(text, **preset):
        compressor = zlib.compressobj(9, zlib.DEFLATED, -15, **preset)
        return len(compressor.compress(text.encode()) + compressor.flush())

    ours = sum(len(round_trip(caption)) for caption in captions)
    assert ours < 0.45 * sum(map(zlib_bytes, captions))
    assert ours < 0.75 * sum(zlib_bytes(caption, zdict=dictionary) for caption in captions)


def test_coding_leaves_the_primed_model_alone():
    before = encode_text("A red car.")
    encode_text("Something else altogether, 1234567890.")
    assert encode_text("A red car.") == before


def test_wrong_texts_are_refused():
    with pytest.raises(LayerError, match="at most 4096 characters, got 4097"):
        encode_text("a" * 4097)
    with pytest.raises(LayerError, match="encodable as UTF-8"):
        encode_text("ab\ud800")
    with pytest.raises(PacketError, match="max_chars must be 0 to 4096"):
        decode_text(b"", 4097)


def test_a_text_longer_than_allowed_is_refused():
    coded = encode_text("Two dogs are running on the grass.")
    for max_chars in (0, 5, 33):
        with pytest.raises(PacketError, match=f"at most {max_chars} characters"):
            decode_text(coded, max_chars)
    assert decode_text(coded, 34)
    accents = encode_text("é" * 30)
    with pytest.raises(PacketError, match="at most 20 characters"):
        decode_text(accents, 20)


def test_cut_and_changed_bytes_end_in_text_or_a_packet_error(rng):
    coded = encode_text(COMPOSED[3] + " Ünïcödé 日本")
    damaged = [coded[:length] for length in range(len(coded))]
    for _ in range(300):
        changed = bytearray(coded)
        changed[rng.integers(len(coded))] = rng.integers(256)
        damaged.append(bytes(changed))
    damaged += [rng.bytes(rng.integers(0, 300)) for _ in range(200)]
    outcomes = set()
    for data in damaged:
        try:
            outcomes.add(type(decode_text(data, 200)))
        except PacketError:
            outcomes.add(PacketError)
    assert outcomes == {str, PacketError}


def test_bytes_that_are_not_utf8_are_refused():
    raw = "ab\x80".encode("latin-1")

    class Latin(str):
        def encode(self, *_):
            return raw

    with pytest.raises(PacketError, match="must be UTF-8, got 0x80 at 2"):
        decode_text(text_module.encode_text(Latin("ab?")), 10)
