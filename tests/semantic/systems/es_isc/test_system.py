"""ES-ISC end to end with stand-ins for the networks: budgets, profiles, what is left out, odd pictures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from semcom.semantic import EncodeRequest, SemanticError, analyse, decode, encode
from semcom.semantic.api import draft
from semcom.semantic.layers import WHOLE_SCENE, LayerKind
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.systems.es_isc.operating_points import agreement

from ....stand_ins import stand_ins, street  # noqa: F401

pytestmark = pytest.mark.usefixtures("stand_ins")


def textured(width: int, height: int) -> np.ndarray:
    """The street with something to look at, so that bytes are short."""
    noise = np.random.default_rng(4).normal(0, 60, (height, width, 3))
    return np.clip(street(width, height) + ndimage.gaussian_filter(noise, (3, 3, 0)) * 3, 0, 255).astype(np.uint8)


def kinds(packet: SemanticPacket) -> set[str]:
    return {layer.kind.label for layer in packet.layers} - {"header"}


@pytest.mark.parametrize(("width", "height"), [(480, 320), (321, 203), (16, 16), (1500, 64), (64, 2000)])
def test_any_size(width: int, height: int) -> None:
    image = street(width, height)
    packet = encode(image, stream=1, picture=9)
    assert packet.identity == (1, 0, 9) and packet.size == (width, height)
    again = SemanticPacket.from_bytes(packet.to_bytes())
    if width * height > 100_000:
        assert {layer.kind for layer in again.layers} == {*list(LayerKind)[:6], LayerKind.MAP_COLOURS}
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


@pytest.mark.parametrize("profile", ["meaning", "pixels", "tasks"])
def test_the_budget_is_never_exceeded(profile: str) -> None:
    image = textured(480, 320)
    for budget_bytes in (150, 300, 777, 3501):
        packet = encode(image, budget_bytes=budget_bytes, profile=profile)
        assert len(packet.to_bytes()) <= budget_bytes
        assert packet.content(LayerKind.CAPTION) is not None
        told = {kind for kind, _ in packet.left_out}
        assert told == {"caption", "objects", "class_map", "detail_map", "sub_image"} - kinds(packet)


def test_least_share_of_meaning() -> None:
    image = textured(480, 320)
    assert {"caption", "objects", "class_map"} <= kinds(encode(image, budget_bytes=150))
    whole = encode(image, budget_bytes=1000)
    assert kinds(whole) == {"caption", "objects", "class_map", "map_colours", "detail_map", "sub_image"}
    assert whole.content(LayerKind.CLASS_MAP).divisor <= 4
    assert not whole.left_out


def test_profiles_spend_on_what_they_are_named_for() -> None:
    packets = {
        name: encode(textured(480, 320), budget_bytes=700, profile=name) for name in ("meaning", "pixels", "tasks")
    }

    def share(name: str, kind: LayerKind) -> int:
        return sum(len(layer.payload) for layer in packets[name].of_kind(kind))

    assert share("pixels", LayerKind.SUB_IMAGE) > share("meaning", LayerKind.SUB_IMAGE)
    meaning, tasks = (packets[name].content(LayerKind.CLASS_MAP) for name in ("meaning", "tasks"))
    assert tasks.divisor <= meaning.divisor


@pytest.mark.parametrize(("size", "budget_bytes"), [((480, 320), 1_000_000), ((4000, 2500), None)])
def test_a_generous_budget_never_costs_the_scene(size: tuple[int, int], budget_bytes: int | None) -> None:
    packet = encode(street(*size), budget_bytes=budget_bytes)
    assert any(layer.content.is_scene for layer in packet.of_kind(LayerKind.SUB_IMAGE))


def test_close_ups_come_from_their_budget_up_and_are_finer_than_the_scene() -> None:
    image = textured(600, 400)
    few = encode(image, budget_bytes=2000)
    assert [layer.content.object_id for layer in few.of_kind(LayerKind.SUB_IMAGE)] == [WHOLE_SCENE] * 2
    base, scene, *close_ups = (layer.content for layer in encode(image, budget_bytes=4000).of_kind(LayerKind.SUB_IMAGE))
    assert base.is_scene and scene.is_scene and base.reduction > scene.reduction and close_ups
    assert all(close_up.reduction < scene.reduction for close_up in close_ups)


def test_a_large_picture_is_understood_smaller_and_described_whole() -> None:
    packet = encode(street(3072, 1536), budget_bytes=1500)
    (car,) = packet.content(LayerKind.OBJECTS).items
    assert np.abs(np.array(car.box) - (768, 960, 1536, 1344)).max() <= 16
    class_map = packet.content(LayerKind.CLASS_MAP)
    assert class_map.shown(3072, 1536).shape == (1536, 3072) and class_map.divisor % 2 == 0


def test_same_picture_same_bytes() -> None:
    assert encode(street(480, 320)).to_bytes() == encode(street(480, 320)).to_bytes()


def test_agreement_weighs_small_categories() -> None:
    labels = np.zeros((10, 10), np.uint8)
    labels[0, 0] = 1
    assert agreement(labels, labels) == 1.0
    assert agreement(labels, np.zeros_like(labels)) == pytest.approx(0.99 * 99**0.5 / (99**0.5 + 1))


def test_bad_requests_are_refused() -> None:
    with pytest.raises(SemanticError, match="at least 150 bytes, got 20"):
        encode(street(480, 320), budget_bytes=20)
    with pytest.raises(SemanticError, match="got 'nonsense'"):
        encode(street(480, 320), system="nonsense")
    with pytest.raises(SemanticError, match="must be one of meaning, pixels, tasks, got 'beauty'"):
        encode(street(480, 320), profile="beauty")


@pytest.mark.parametrize("profile", ["meaning", "pixels", "tasks"])
def test_a_draft_expects_no_more_than_the_budget(profile: str) -> None:
    analysis = analyse(textured(480, 320), EncodeRequest(profile=profile))
    for budget_bytes in (200, 700, 1600, 5000):
        expected = [num_bytes for *_, num_bytes in draft(analysis, budget_bytes, (0, 0, 1))]
        assert 0.6 * budget_bytes <= sum(expected) <= budget_bytes
