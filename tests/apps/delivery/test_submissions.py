"""Submissions: the identifier follows from contents, name and time; a packet carries one, listed in its header."""

from __future__ import annotations

import hashlib
import io

from semcom.apps.delivery.submissions import (
    bytes_in_packet,
    identifier_of,
    submission_bytes,
    submission_in,
    with_submission,
)
from semcom.semantic import SemanticPacket
from semcom.semantic.layers import Layer, LayerKey, LayerKind, Submission, encode_layer
from semcom.semantic.layers.caption import Caption

MADE = Submission(b"abcdefgh")


def packet() -> SemanticPacket:
    caption = encode_layer(LayerKey(0, 0, 1, 3), LayerKind.CAPTION, Caption("A dog."))
    return SemanticPacket.build((64, 48), "es-isc", [caption]).leaving_out([("scene", "budget")])


def test_the_identifier_follows_from_contents_name_and_time_alone() -> None:
    made = identifier_of(io.BytesIO(b"photo"), "a.png", 5)
    inner = hashlib.blake2b(b"photo").digest() + (5).to_bytes(16, "big") + b"a.png"
    assert made == hashlib.blake2b(inner, digest_size=8).digest() == identifier_of(io.BytesIO(b"photo"), "a.png", 5)
    others = [(b"Photo", "a.png", 5), (b"photo", "b.png", 5), (b"photo", "a.png", 6), (b"photo", "a\udcff.png", 5)]
    assert len({made, *(identifier_of(io.BytesIO(content), name, at) for content, name, at in others)}) == 5


def test_a_packet_carries_one_that_its_header_lists() -> None:
    told = with_submission(with_submission(packet(), Submission(b"earlier!")), MADE)
    assert [layer.key.layer for layer in told.layers] == [0, 3, 4] and told.left_out == packet().left_out
    assert told.header.entries[-1].number == 4 and submission_bytes(told) == 10 and submission_bytes(packet()) == 0
    again = SemanticPacket.from_bytes(told.to_bytes())
    assert submission_in({layer.key: layer.payload for layer in again.layers}) == MADE
    assert told.missing() == () and submission_in({layer.key: layer.payload for layer in packet().layers}) is None


def test_what_it_takes_of_a_budget_is_known_before_there_is_a_packet() -> None:
    for submission in (MADE, Submission(b"abcdefgh", "a street.jpg", 1_700_000_000)):
        longer = with_submission(packet(), submission)
        assert len(longer.to_bytes()) - len(packet().to_bytes()) == bytes_in_packet(submission)


def test_without_a_header_and_where_no_number_is_free() -> None:
    alone = SemanticPacket(0, 0, 1, (Layer(LayerKey(0, 0, 1, 1), LayerKind(14), 5, None, b"\x1e"),))
    assert [layer.key.layer for layer in with_submission(alone, MADE).layers] == [1, 2]
    full = SemanticPacket(0, 0, 1, (Layer(LayerKey(0, 0, 1, 255), LayerKind(14), 5, None, b"\x1e"),))
    assert with_submission(full, MADE) is full


def test_bytes_from_outside_that_are_none() -> None:
    assert submission_in({LayerKey(0, 0, 1, 1): b"\x1f\x10short", LayerKey(0, 0, 1, 2): b"\x1f"}) is None
