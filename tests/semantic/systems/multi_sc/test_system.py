"""Multi-SC from picture to picture: four captions and a cut-out, each alone; budgets; baselines; privacy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semcom.semantic import (
    DecodeOptions,
    EncodeRequest,
    LayerKind,
    RequestError,
    SemanticPacket,
    analyse,
    code,
    decode,
    encode,
    encode_set,
    refine,
    registry,
)
from semcom.semantic.layers import Caption
from semcom.semantic.reconstruct import provenance as prov
from semcom.semantic.refinement import RefinementRequest, Subject
from semcom.semantic.repair import repair
from semcom.semantic.systems.multi_sc.analysis import WITHHELD_CAPTION

from ....stand_ins import red, street

pytestmark = pytest.mark.usefixtures("sees_red")

GOLDEN = Path(__file__).parents[3] / "data" / "packet_multi_sc.sem"
MULTI = EncodeRequest(system="multi-sc")


class SaysWhatItSees:
    """Stands in for a model that looks at the picture alone: brightness, and a man whatever is there."""

    def __init__(self) -> None:
        self.seen: list[np.ndarray] = []

    def __call__(self, image: np.ndarray, labels: np.ndarray, objects: object) -> Caption:
        self.seen.append(image)
        return Caption(f"Brightness {round(image.mean())}. A man in a taxi.")


@pytest.fixture
def model() -> Iterator[SaysWhatItSees]:
    model = SaysWhatItSees()
    with registry.override("captioners", "best", model):
        yield model


def arrived(packet: SemanticPacket, *numbers: int) -> SemanticPacket:
    """What a receiver has when only these layers came."""
    return SemanticPacket.from_payloads({la.key: la.payload for la in packet.layers if la.key.layer in numbers})


def texts(packet: SemanticPacket) -> list[str]:
    return [layer.content.caption.text for layer in packet.of_kind(LayerKind.REGION_CAPTION)]


def test_four_fields_four_captions_and_the_object_cut_out(model: SaysWhatItSees) -> None:
    image = street(240, 160)
    packet = SemanticPacket.from_bytes(encode(image, request=MULTI).to_bytes())
    assert [layer.name for layer in packet.layers] == [
        "header-0", "region_caption-2", "region_caption-3", "region_caption-4", "region_caption-5", "cut_out-66",
    ]  # fmt: skip
    assert [seen.shape for seen in model.seen] == [(80, 120, 3)] * 4
    for seen, (y, x) in zip(model.seen, ((0, 0), (0, 120), (80, 0), (80, 120)), strict=True):
        np.testing.assert_array_equal(seen, image[y : y + 80, x : x + 120])
    assert texts(packet)[0] == "Brightness 173. A man in a taxi."
    cut_out = packet.content(LayerKind.CUT_OUT)
    assert cut_out.subject == "car" and cut_out.box == (60, 100, 120, 140)
    assert red(cut_out.pixels).mean() > 0.95
    assert not any(layer.requires for layer in packet.layers)


def test_the_picture_is_made_around_the_cut_out() -> None:
    image = street(240, 160)
    packet = SemanticPacket.from_bytes(encode(image, request=MULTI).to_bytes())
    made = decode(packet, "generator")
    assert made.reconstructor == "generator" and made.caption.text.startswith("Upper left")
    inside = np.zeros((160, 240), bool)
    inside[104:136, 64:116] = True
    outside = np.ones_like(inside)
    outside[96:144, 56:124] = False
    assert (made.provenance[outside] & prov.GENERATED > 0).all()
    assert (made.provenance[inside] & prov.GENERATED == 0).all()
    assert (made.provenance[inside] & prov.RESOLUTION_MASK > 0).all()
    assert np.abs(made.picture[inside].astype(int) - image[inside]).mean() < 12
    np.testing.assert_array_equal(made.picture, decode(packet, "generator").picture)
    assert made.missing == () and made.layers == packet.layers


@pytest.mark.parametrize("lost", [2, 5])
def test_a_lost_field_leaves_the_others_and_is_named(lost: int) -> None:
    packet = encode(street(240, 160), request=MULTI)
    made = decode(arrived(packet, *({0, 2, 3, 4, 5, 66} - {lost})))
    assert [key.layer for key in made.missing] == [lost]
    assert [key.layer for key in decode(packet).missing] == []
    place = {2: "Upper left", 5: "ower right"}[lost]
    assert place in decode(packet).caption.text and place not in made.caption.text
    assert made.picture is not None and red(made.picture)[110:130, 70:110].all()


@pytest.mark.parametrize("numbers", [(66,), (3,), (0, 2), (2, 3, 4, 5)])
def test_any_of_the_layers_alone_shows_something(numbers: tuple[int, ...]) -> None:
    packet = arrived(encode(street(240, 160), request=MULTI), *numbers)
    assert packet.says_something
    made = decode(packet)
    assert made.picture.shape == (160, 240, 3)
    assert (made.caption is None) == (numbers == (66,))


def test_the_grid_is_what_the_request_says() -> None:
    packet = encode(street(240, 160), request=replace(MULTI, config={"columns": 3, "rows": 1, "cut_out": False}))
    assert len(texts(packet)) == 3 and not packet.of_kind(LayerKind.CUT_OUT)
    assert packet.of_kind(LayerKind.REGION_CAPTION)[2].content.box == (160, 0, 240, 160)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"columns": 0}, "columns must be int 1 to 8, got 0"),
        ({"columns": 2.5}, "columns must be int"),
        ({"columns": 4, "rows": 4}, "columns × rows must be at most 12, got 16"),
        ({"cut_out": 1}, "cut_out must be true or false, got 1"),
        ({"size": 2}, "config of multi-sc must be among columns, rows"),
    ],
)
def test_a_configuration_that_cannot_be_is_refused(config: dict, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        encode(street(), request=replace(MULTI, config=config))


def test_texts_of_fields_travel_as_soft_text_and_are_fused_with_their_guesses() -> None:
    packet = encode(street(240, 160), request=replace(MULTI, text="soft"))
    soft = [layer for layer in packet.layers if layer.soft]
    assert [layer.key.layer for layer in soft] == [2, 3, 4, 5] and not packet.of_kind(LayerKind.REGION_CAPTION)
    damaged = {layer.key: layer.payload for layer in packet.layers}
    third = soft[2]
    damaged[third.key] = third.payload[:-3] + bytes([third.payload[-3] ^ 0b100]) + third.payload[-2:]
    came = SemanticPacket.from_payloads(damaged)
    mended = repair(came, {layer.key: b"" for layer in soft})
    hard = decode(encode(street(240, 160), request=MULTI)).caption
    assert decode(mended).caption.text == hard.text != decode(came).caption.text
    made = decode(mended).caption
    (guessed,) = made.guessed
    assert made.text[: guessed[0]].count(": ") == hard.text[: guessed[0]].count(": ") > 0
    assert made.text[slice(*guessed)] in soft[2].content.text
    assert soft[1].kind.type.describe(soft[1].content).startswith("upper right: “")


def test_soft_texts_keep_the_budget_and_a_lost_one_is_named() -> None:
    packet = encode(street(480, 320), request=replace(MULTI, text="soft", budget_bytes=500))
    assert len(packet.to_bytes()) <= 500 and packet.of_kind(LayerKind.CUT_OUT)
    made = decode(arrived(packet, 0, 2, 4, 5, 66))
    assert [key.layer for key in made.missing] == [3] and "pper right" not in made.caption.text
    least = encode(street(), request=replace(MULTI, text="soft", budget_bytes=100))
    assert len(least.of_kind(LayerKind.PLAIN_TEXT)) == len(
        encode(street(), request=replace(MULTI, budget_bytes=100)).of_kind(LayerKind.REGION_CAPTION)
    )


def test_the_papers_baselines_are_presets() -> None:
    image = street(240, 160)
    single, alone = (SemanticPacket.from_bytes(encode(image, name).to_bytes()) for name in ("single-text", "vlm-csc"))
    assert [layer.kind.label for layer in single.layers] == ["header", "region_caption", "cut_out"]
    assert [layer.kind.label for layer in alone.layers] == ["header", "region_caption"]
    assert alone.header.system == "vlm-csc" and texts(single) == texts(alone)
    assert decode(alone).caption.text == texts(alone)[0]
    assert single.content(LayerKind.REGION_CAPTION).place == "whole picture"


@pytest.mark.parametrize("budget_bytes", [100, 150, 400, 3000])
def test_budgets_are_kept_and_what_had_no_room_is_named(budget_bytes: int) -> None:
    packet = encode(street(480, 320), request=replace(MULTI, budget_bytes=budget_bytes))
    assert len(packet.to_bytes()) <= budget_bytes
    assert len(texts(packet)) == 4 or any(name.startswith("region_caption") for name, _ in packet.left_out)
    if budget_bytes == 100:
        assert ("cut_out", "too few bytes are left") in packet.left_out
    if budget_bytes >= 400:
        assert packet.of_kind(LayerKind.CUT_OUT) and packet.left_out == ()
    with pytest.raises(RequestError, match="budget must be at least 100 bytes, got 99"):
        encode(street(), request=replace(MULTI, budget_bytes=99))


def test_the_same_analysis_serves_many_budgets(model: SaysWhatItSees) -> None:
    grain = np.random.default_rng(1).integers(0, 40, (160, 240, 3), dtype=np.uint8)
    analysis = analyse(street(240, 160) - np.minimum(street(240, 160), grain), MULTI)
    small, large = code(analysis, 300), code(analysis, 2000)
    assert len(model.seen) == 4 and texts(small) == texts(large)
    assert len(large.content(LayerKind.CUT_OUT).coded) > len(small.content(LayerKind.CUT_OUT).coded)
    assert code(analysis, 300).to_bytes() == small.to_bytes()
    assert refine(analysis, RefinementRequest(Subject.SCENE, max_bytes=500), large) == []
    assert [p.picture for p in encode_set([street(), street()], MULTI)] == [1, 2]


def test_without_an_object_the_words_are_sent_and_it_is_said() -> None:
    packet = encode(np.full((64, 96, 3), 120, np.uint8), request=MULTI)
    assert packet.left_out == (("cut_out", "no object was found that is large and sure enough"),)
    assert len(texts(packet)) == 4 and decode(packet).picture is not None


@pytest.mark.parametrize(("width", "height", "fields"), [(16, 16, 1), (40, 16, 2), (4000, 3000, 4)])
def test_pictures_of_any_size(width: int, height: int, fields: int) -> None:
    packet = encode(street(width, height), request=MULTI)
    assert len(texts(packet)) == fields
    assert decode(SemanticPacket.from_bytes(packet.to_bytes())).picture.shape == (height, width, 3)


@pytest.mark.parametrize("system", ["multi-sc", "single-text", "vlm-csc"])
def test_what_is_withheld_is_in_no_layer(system: str, model: SaysWhatItSees) -> None:
    image = street(480, 320)
    for names, spoken in ((("vehicle",), ("taxi", "vehicle", "car")), (("person",), ("man",))):
        packet = SemanticPacket.from_bytes(encode(image, request=EncodeRequest(system, without=names)).to_bytes())
        assert packet.of_kind(LayerKind.REGION_CAPTION)
        for text in texts(packet):
            assert text and not any(word in text.lower() for word in spoken), text
        for layer in packet.of_kind(LayerKind.CUT_OUT):
            assert names == ("person",) and layer.content.subject == "car"
    model.seen.clear()
    encode(image, request=EncodeRequest(system, without=("car",)))
    assert model.seen and not any(red(seen).any() for seen in model.seen)


def test_what_is_withheld_is_in_no_soft_text(model: SaysWhatItSees) -> None:
    packet = encode(street(480, 320), request=replace(MULTI, text="soft", without=("vehicle", "person")))
    said = [layer.content.text.lower() for layer in packet.of_kind(LayerKind.PLAIN_TEXT)]
    assert len(said) == 4 and not any(word in text for text in said for word in ("taxi", "car", "man"))


def test_a_field_that_is_mostly_withheld_is_said_to_be() -> None:
    image = street(240, 160)
    image[80:, :120] = (190, 30, 30)
    packet = encode(image, request=replace(MULTI, without=("car",)))
    assert texts(packet)[2] == WITHHELD_CAPTION and texts(packet)[1] != WITHHELD_CAPTION


def test_golden_packet_reads_as_it_always_did() -> None:
    data = GOLDEN.read_bytes()
    packet = SemanticPacket.from_bytes(data)
    assert packet.to_bytes() == data and packet.header.system == "multi-sc" and packet.size == (240, 160)
    assert texts(packet)[2] == "A red car is on a road."
    cut_out = packet.content(LayerKind.CUT_OUT)
    assert (cut_out.subject, cut_out.box) == ("car", (60, 100, 120, 140))
    ours = encode(street(240, 160), request=MULTI, stream=1, picture=2)
    for made, frozen in zip(ours.layers[:5], packet.layers[:5], strict=True):
        assert made.payload == frozen.payload, made.name


def test_an_unknown_reconstructor_is_refused() -> None:
    packet = encode(street(), request=MULTI)
    system = registry.create("systems", "multi-sc")
    with pytest.raises(Exception, match="reconstructor must be one of"):
        system.decode(packet, DecodeOptions("nobody"))
