"""What a page says of a packet, and packets without some of their layers."""

import pytest

from semcom.apps.live.packet_view import backing_of, what_a_packet_says, without_layers
from semcom.apps.live.settings import SKIPPABLE
from semcom.semantic.layers import LayerKind
from semcom.semantic.packet import SemanticPacket

from ...semantic.conftest import make_packet


@pytest.fixture(scope="module")
def packet() -> SemanticPacket:
    return make_packet()


def kinds_of(packet: SemanticPacket) -> list[LayerKind]:
    return [layer.kind for layer in packet.layers]


def test_each_kind_can_be_left_out_and_what_is_left_decodes(packet):
    for name in SKIPPABLE:
        left = SemanticPacket.from_bytes(without_layers(packet, frozenset((name,))).to_bytes())
        said = what_a_packet_says(left)
        if name == "close_ups":
            assert said["close_ups"] == [] and kinds_of(left).count(LayerKind.SUB_IMAGE) == 1  # the scene stays
        else:
            assert name not in {layer["kind"] for layer in said["layers"]}
        assert len(left.layers) < len(packet.layers) and left.header is not None
    assert without_layers(packet, frozenset()) is packet
    assert kinds_of(without_layers(packet, frozenset(SKIPPABLE))) == [LayerKind.HEADER]


def test_a_word_is_backed_by_an_object_the_map_or_the_caption_alone(packet):
    said = what_a_packet_says(packet)
    assert said["caption"] == "A red car is on a road." and said["words"] == ["car", "road"]
    car, road = said["backing"]
    assert car["word"] == "car" and car["by"].startswith("object 1, 80% sure")
    assert road["by"].endswith("% of the map") and "object" not in road["by"]
    assert backing_of(packet, ["unicorn"], said["objects"]) == [{"word": "unicorn", "by": "the caption alone"}]


def test_small_pictures_say_what_they_show_and_in_how_many_pixels(packet):
    said = [layer["subject"] for layer in what_a_packet_says(packet)["layers"]]
    small = [layer.content for layer in packet.layers if layer.kind == LayerKind.SUB_IMAGE]
    shown = [f"{content.subject}, {content.pixels.shape[1]} × {content.pixels.shape[0]} pixels" for content in small]
    assert [subject for subject in said if subject] == shown and len(said) > len(shown) == 2
    assert {subject.split(",")[0] for subject in shown} == {"scene", "object 1"}


def test_boxes_are_shares_of_the_picture(packet):
    said = what_a_packet_says(packet)
    assert said["objects"][0]["box"] == [0.25, 0.625, 0.5, 0.875]
    assert said["close_ups"] == [[round(22 / 96, 4), round(38 / 64, 4), round(50 / 96, 4), round(58 / 64, 4)]]
