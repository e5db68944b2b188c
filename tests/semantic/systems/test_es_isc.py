"""ES-ISC's sender with stand-ins for the two networks: what is made of what they find, and what it costs."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic import SemanticError, decode, encode
from semcom.semantic.layers import LayerKind
from semcom.semantic.packet import SemanticPacket

from ...stand_ins import stand_ins, street  # noqa: F401

pytestmark = pytest.mark.usefixtures("stand_ins")


@pytest.mark.parametrize(("width", "height"), [(480, 320), (321, 203), (16, 16), (1500, 64)])
def test_all_five_kinds_in_a_hundredth_of_the_bytes(width: int, height: int) -> None:
    image = street(width, height)
    packet = encode(image, stream=1, picture=9)
    assert packet.identity == (1, 0, 9) and packet.size == (width, height)
    again = SemanticPacket.from_bytes(packet.to_bytes())
    if width * height > 100_000:
        assert {layer.kind for layer in again.layers} == set(list(LayerKind)[:6])
        assert image.size / len(packet.to_bytes()) > 100
    shown = decode(again)
    assert shown.picture.shape == image.shape
    assert "car" in shown.caption.text


def test_what_the_sender_saw_is_what_the_receiver_sees() -> None:
    """Contents in the encoder's packet are those the bytes decode to, quantised as they travel."""
    packet = encode(street(480, 320))
    again = SemanticPacket.from_bytes(packet.to_bytes())
    np.testing.assert_array_equal(decode(packet).picture, decode(again).picture)
    assert packet.content(LayerKind.OBJECTS) == again.content(LayerKind.OBJECTS)


@pytest.mark.parametrize("budget_bytes", [150, 300, 700, 1500, 4000])
def test_budget_is_kept_once_meaning_is_paid(budget_bytes: int) -> None:
    packet = encode(street(480, 320), budget_bytes=budget_bytes)
    meaning = encode(street(480, 320), budget_bytes=150)
    assert len(packet.to_bytes()) <= max(budget_bytes, len(meaning.to_bytes()))
    assert packet.content(LayerKind.CAPTION) is not None


@pytest.mark.parametrize(("size", "budget_bytes"), [((480, 320), 1_000_000), ((4000, 2500), None)])
def test_a_generous_budget_never_costs_the_scene(size: tuple[int, int], budget_bytes: int | None) -> None:
    packet = encode(street(*size), budget_bytes=budget_bytes)
    assert any(layer.content.is_scene for layer in packet.of_kind(LayerKind.SUB_IMAGE))


def test_same_picture_same_bytes() -> None:
    assert encode(street(480, 320)).to_bytes() == encode(street(480, 320)).to_bytes()


def test_bad_requests_are_refused() -> None:
    with pytest.raises(SemanticError, match="at least 150 bytes, got 20"):
        encode(street(480, 320), budget_bytes=20)
    with pytest.raises(SemanticError, match="got 'nonsense'"):
        encode(street(480, 320), system="nonsense")
