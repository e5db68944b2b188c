"""BART as repairer: by name from a folder; what it changed is marked, what it loses or makes up is not taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcom.semantic import EncodeRequest, PartChoice, SemanticPacket, encode, registry
from semcom.semantic.backends.bart import BartRepairer
from semcom.semantic.layers import PlainText
from semcom.semantic.plain_texts import caption_of
from semcom.semantic.repair import repair

from ...stand_ins import street, street_parts


@pytest.fixture
def bart(models: Path) -> BartRepairer:
    return registry.create("repairers", "bart")


def saying(repairer: BartRepairer, words: str, monkeypatch: pytest.MonkeyPatch) -> BartRepairer:
    """It, with these words in place of what its random weights say."""
    tokens = repairer._loaded.processor(words, return_tensors="pt")["input_ids"]
    monkeypatch.setattr(repairer._loaded.model, "generate", lambda *arguments, **options: tokens)
    return repairer


def test_words_that_it_changed_are_marked(bart: BartRepairer, monkeypatch: pytest.MonkeyPatch) -> None:
    repaired, guessed = saying(bart, "A red car on a road.", monkeypatch)("A rfd car on a roae.", {})
    assert repaired == "A red car on a road."
    assert [repaired[first:last] for first, last in guessed] == ["red", "road"]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("", "A red car."),
        ("A red car. " * 9, "A red car."),
        ("A\x00red\ncar.", "A red car."),
        ("A red café – car.", None),
    ],
)
def test_what_it_loses_or_makes_up_is_not_taken(
    bart: BartRepairer, monkeypatch: pytest.MonkeyPatch, said: str, wanted: str | None
) -> None:
    repaired, _ = saying(bart, said, monkeypatch)("A red car.", {})
    assert repaired == wanted if wanted is not None else repaired == "A red café - car."


def test_random_weights_say_something_that_a_layer_can_carry(bart: BartRepairer) -> None:
    for text in ("A rad car.", "", "   ", "x" * 1000, "ÿþ§"):
        repaired, guessed = bart(text, {})
        content = PlainText(repaired, 0, 0, guessed)
        assert content.text == repaired and (text.strip() or repaired == text)


def test_a_text_that_came_damaged_is_repaired_by_name(bart: BartRepairer, monkeypatch: pytest.MonkeyPatch) -> None:
    with street_parts():
        packet = encode(street(96, 64), request=EncodeRequest(text="soft"))
    payloads = {layer.key: layer.payload for layer in packet.layers}
    (soft,) = [layer for layer in packet.layers if layer.soft]
    sent = soft.content.text
    damaged = bytearray(payloads[soft.key])
    damaged[-3] ^= 0b0100_0010  # two bits of a character: the parity does not see it
    payloads[soft.key] = bytes(damaged)
    came = SemanticPacket.from_payloads(payloads)
    saying(bart, sent, monkeypatch)
    mended = repair(came, {soft.key: b""}, PartChoice("bart"))
    assert caption_of(came).text != sent
    assert caption_of(mended).text == sent and caption_of(mended).guessed
