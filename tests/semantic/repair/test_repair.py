"""The stage between a packet that arrived and what is shown of it."""

import numpy as np
import pytest

from semcom.semantic import SemanticPacket, registry
from semcom.semantic.layers import Caption, LayerKey, LayerKind, PlainText, encode_layer
from semcom.semantic.repair import repair
from semcom.semantic.request import PartChoice

KEY = LayerKey(0, 0, 1, 1)
TEXT = "A man riding a wave on a surfboard."


def arrived(wrong_bits=(), sure=4.0):
    """A packet whose text came with some bits wrong, which say little for themselves, and the LLRs."""
    layer = encode_layer(KEY, LayerKind.PLAIN_TEXT, PlainText(TEXT))
    bits = np.unpackbits(np.frombuffer(layer.payload[5:], np.uint8))
    llr = np.where(bits == 0, 8 * sure, -8 * sure)
    llr[list(wrong_bits)] *= -0.1
    decided = np.packbits(llr < 0).tobytes()
    packet = SemanticPacket.from_payloads({KEY: layer.payload[:5] + decided})
    return packet, {KEY: np.rint(llr).astype(np.int8).tobytes()}


def test_damaged_text_is_repaired_and_marked_in_the_layer():
    packet, llr = arrived([8 * 6 + 7, 8 * 25 + 5])
    assert packet.layers[0].content.text != TEXT
    found = repair(packet, llr)
    content = found.layers[0].content
    assert (content.text, content.intact) == (TEXT, True)
    assert [content.text[first:last] for first, last in content.guessed] == ["riding", "surfboard"]
    again = SemanticPacket.from_bytes(found.to_bytes())  # and the file says so, too
    assert again.layers[0].content == content and not again.layers[0].soft


def test_text_that_came_whole_is_left_alone():
    packet, llr = arrived()
    assert repair(packet, llr) is packet
    damaged, _ = arrived([3])
    assert repair(damaged, {}) is damaged  # nobody says that it is damaged: it came through a code


def test_llr_of_another_length_are_left_aside():
    packet, _ = arrived([8 * 6 + 7])
    assert repair(packet, {KEY: b"\x01\x02"}).layers[0].content.text == TEXT


def test_none_repairs_nothing():
    packet, llr = arrived([8 * 6 + 7])
    content = repair(packet, llr, PartChoice("none")).layers[0].content
    assert content.text == packet.layers[0].content.text and content.guessed == () and not content.intact


@pytest.mark.parametrize(
    ("result", "said"),
    [(("a\x00b", ()), "control characters"), (("ab", ((0, 3),)), "guessed ranges"), (ValueError("no"), "no")],
)
def test_a_repairer_that_fails_leaves_the_text_as_it_came(result, said):
    def broken(text, context):
        if isinstance(result, Exception):
            raise result
        return result

    packet, llr = arrived([8 * 6 + 7])
    part = type("Broken", (), {"__call__": staticmethod(broken)})()
    with registry.override("repairers", "broken", part), pytest.warns(RuntimeWarning, match=said):
        assert repair(packet, llr, PartChoice("broken")) is packet


def test_other_layers_that_came_as_soft_values_are_not_touched():
    layer = encode_layer(KEY, LayerKind.CAPTION, Caption("A dog."))
    packet = SemanticPacket.from_payloads({KEY: layer.payload})
    assert repair(packet, {KEY: b""}) is packet
