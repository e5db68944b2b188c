from dataclasses import replace

import pytest

from semcom.semantic import EncodeRequest, SemanticPacket
from semcom.semantic.errors import RequestError
from semcom.semantic.layers import Caption, LayerKey, LayerKind, Objects, PlainText, encode_layer
from semcom.semantic.plain_texts import caption_of, plain, plain_within, with_plain_texts
from semcom.semantic.reconstruct.provenance import words_guessed
from semcom.semantic.vocabulary import Vocabulary

SIZE, IDENTITY = (64, 48), (1, 2, 3)


def layer(number, kind, content):
    return encode_layer(LayerKey(*IDENTITY, number), kind, content)


def packet(text="A dog runs.", *more):
    return SemanticPacket.build(
        SIZE, "es-isc", [layer(1, LayerKind.CAPTION, Caption(text, ((2, 5),))), *more], IDENTITY
    )


def test_captions_become_plain_text_that_may_be_damaged_and_nothing_else_changes():
    objects = layer(2, LayerKind.OBJECTS, Objects(*SIZE, Vocabulary.load("everyday-1"), ()))
    found = with_plain_texts(packet("A dog runs.", objects))
    words = found.layers[1]
    assert (words.kind, words.content, words.soft, words.exact_bytes) == (15, PlainText("A dog runs."), True, 5)
    assert (words.key.layer, words.importance) == (1, 7) and found.layers[2] == objects
    assert [entry.kind for entry in found.header.entries] == [15, 2]
    again = SemanticPacket.from_bytes(found.to_bytes())
    assert again == found and again.layers[1].exact_bytes == 5
    assert replace(words, soft=False).exact_bytes is None and objects.exact_bytes is None


def test_plain_text_keeps_the_budget_where_there_is_one():
    asked = []

    def code(most):
        asked.append(most)
        return packet("A dog runs over a meadow of grass.")

    free = plain_within(code, None)
    assert asked == [None] and caption_of(free).text == "A dog runs over a meadow of grass."
    plain_within(code, len(free.to_bytes()))
    assert asked == [None, len(free.to_bytes())]
    plain_within(code, len(free.to_bytes()) - 9)
    assert asked[3] == len(free.to_bytes()) - 18  # less by what it was too long


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("“It’s” – a dog…", '"It\'s" - a dog...'), ("Café", "Café"), ("中 dog", "? dog"), ("a\nb", "a?b"),
     ("x" * 2000, "x" * 1024)],
)  # fmt: skip
def test_texts_are_brought_into_latin_1(text, wanted):
    assert plain(text) == wanted


def test_the_caption_of_parts_is_put_together_with_what_was_guessed():
    parts = [
        layer(3, LayerKind.PLAIN_TEXT, PlainText("A cat.", 2, guessed=((2, 5),))),
        layer(4, LayerKind.PLAIN_TEXT, PlainText("A dog.", 1)),
    ]
    found = SemanticPacket.build(SIZE, "es-isc", parts, IDENTITY)
    assert caption_of(found) == Caption("A dog. A cat.", guessed=((9, 12),))
    whole = layer(5, LayerKind.PLAIN_TEXT, PlainText("Two pets."))
    assert caption_of(SemanticPacket.build(SIZE, "es-isc", [*parts, whole], IDENTITY)).text == "Two pets."
    assert caption_of(packet()).entities == ((2, 5),)
    assert caption_of(SemanticPacket.build(SIZE, "es-isc", [], IDENTITY)) is None


@pytest.mark.parametrize(
    ("caption", "share"),
    [(None, {}), (Caption("A dog runs."), {}), (Caption("A dog runs.", guessed=((2, 5), (10, 11))), 1 / 3)],
)
def test_the_share_of_guessed_words_is_told(caption, share):
    assert words_guessed(caption) == (share if caption is None or not caption.guessed else {"words_guessed": share})


def test_a_request_for_another_form_of_text_is_refused():
    with pytest.raises(RequestError, match="text must be one of coded, soft, got 'loud'"):
        EncodeRequest(text="loud")
    with pytest.raises(RequestError, match="text is decided by the sending host"):
        EncodeRequest().adding(EncodeRequest(text="soft"))
    assert EncodeRequest.from_json(EncodeRequest(text="soft").to_json()).text == "soft"
