"""What must not be sent is in no layer: looked for in every one of them, as bytes decode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from semcom.semantic import EncodeRequest, LayerKind, PartChoice, SemanticPacket, decode, encode, registry
from semcom.semantic.errors import VocabularyError
from semcom.semantic.extract import privacy
from semcom.semantic.extract.captioner import compose_caption
from semcom.semantic.extract.general_labels import decided_generally
from semcom.semantic.extract.privacy import (
    GRID_CELLS,
    INSIDE,
    SHARE_OF_HIGHEST,
    SUSPICION,
    blank,
    hidden_categories,
    likely_inside,
)
from semcom.semantic.extract.understanding import names_any
from semcom.semantic.layers import WHOLE_SCENE, Caption
from semcom.semantic.reconstruct.scene import scene_of
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary

from ...stand_ins import Found as Seen
from ...stand_ins import SeesRed, SeesSteps, red, street

VOCABULARY = Vocabulary.load("everyday-1")
CAR = VOCABULARY["car"].id


@pytest.fixture
def stand_ins() -> Iterator[None]:
    with (
        registry.override("segmenters", "best", SeesRed()),
        registry.override("captioners", "best", compose_caption),
        registry.override("detailers", "best", SeesSteps()),
    ):
        yield


@pytest.mark.usefixtures("stand_ins")
@pytest.mark.parametrize("name", ["car", "vehicle"])
@pytest.mark.parametrize("profile", ["meaning", "pixels", "tasks"])
def test_no_layer_holds_what_is_left_out(name: str, profile: str) -> None:
    image = street(480, 320)
    with_it = encode(image, budget_bytes=4000, profile=profile)
    assert CAR in {item.category for item in with_it.content(LayerKind.OBJECTS).items}
    packet = SemanticPacket.from_bytes(encode(image, budget_bytes=4000, profile=profile, without=[name]).to_bytes())
    assert {layer.kind for layer in packet.layers} >= {LayerKind.CAPTION, LayerKind.SUB_IMAGE, LayerKind.CLASS_MAP}
    for layer in packet.layers:
        content = layer.content
        if layer.kind == LayerKind.CAPTION:
            assert not {"car", "cars", "red"} & set(content.text.lower().replace(".", "").split())
        elif layer.kind == LayerKind.OBJECTS:
            assert CAR not in {item.category for item in content.items}
        elif layer.kind == LayerKind.CLASS_MAP:
            assert CAR not in content.labels
        elif layer.kind == LayerKind.DETAIL_MAP:
            inside = content.shown(480, 320)[320 * 5 // 8 + 4 : 320 * 7 // 8 - 4, 124:236]
            assert not inside.any()
        elif layer.kind == LayerKind.SUB_IMAGE:
            assert not red(content.pixels).any()


@pytest.mark.usefixtures("stand_ins")
@pytest.mark.parametrize(("budget_bytes", "is_difference"), [(1474, True), (4000, False)])
def test_base_and_finer_scene_are_blanked_alike(budget_bytes: int, is_difference: bool) -> None:
    """What is shown of either does not depend on what was in the blanked place."""
    image = street(480, 320)
    other = image.copy()
    other[210:270, 130:230][red(image[210:270, 130:230])] = (200, 10, 90)  # another car in the same place
    assert (other != image).any()
    packets = [encode(picture, budget_bytes=budget_bytes, without=["car"]) for picture in (image, other)]
    scenes = [
        [layer for layer in packet.of_kind(LayerKind.SUB_IMAGE) if layer.content.object_id == WHOLE_SCENE]
        for packet in packets
    ]
    assert [layer.importance for layer in scenes[0]] == [5, 4] and scenes[0][1].content.is_refinement == is_difference
    assert [layer.payload for layer in scenes[0]] == [layer.payload for layer in scenes[1]]
    for number in (1, 2):
        received = replace(packets[0], layers=tuple(scenes[0][:number]))
        assert not red(scene_of(received).pixels).any()


def test_boxes_are_dilated_and_nothing_of_the_inside_is_left() -> None:
    image = street(480, 320)
    other = image.copy()
    other[210:270, 130:230] = (200, 10, 90)  # another car in the same place
    blanked = blank(image, SeesRed(), frozenset({CAR}))
    ((x0, y0, x1, y1),) = blanked.boxes
    assert x0 < 120 and y0 < 200 and x1 > 240 and y1 > 280
    outside = np.ones(image.shape[:2], bool)
    outside[y0:y1, x0:x1] = False
    np.testing.assert_array_equal(blanked.picture[outside], image[outside])
    np.testing.assert_array_equal(blanked.picture, blank(other, SeesRed(), frozenset({CAR})).picture)


def test_a_box_ends_where_it_is_half_as_likely_as_its_middle_and_a_faint_one_is_blanked_too() -> None:
    inside = np.zeros((1, 12), np.float32)
    inside[0, :5] = (0.9 * SHARE_OF_HIGHEST - 0.05, 0.9 * SHARE_OF_HIGHEST + 0.05, 0.9, 0.6, INSIDE)
    inside[0, 7:10] = (INSIDE - 0.01, INSIDE + 0.01, INSIDE + 0.02)
    assert np.flatnonzero(likely_inside(inside)[0]).tolist() == [1, 2, 3, 8, 9]
    assert not likely_inside(np.zeros((3, 4), np.float32)).any()


def test_doubt_is_enough() -> None:
    class Doubts(SeesRed):
        def __call__(self, image: np.ndarray) -> Seen:
            labels = np.full(image.shape[:2], VOCABULARY["road"].id, np.uint8)
            return Seen(labels, np.full(labels.shape, 0.5, np.float32))

        def probabilities(self, image: np.ndarray) -> np.ndarray:
            small = image[::4, ::4]
            probability = np.zeros((len(VOCABULARY), *small.shape[:2]), np.float32)
            probability[CAR] = (SUSPICION + 0.01) * red(small)
            return probability

    blanked = blank(street(480, 320), Doubts(), frozenset({CAR}))
    assert blanked.boxes and not red(blanked.picture).any()
    assert max(y1 - y0 for _, y0, _, y1 in blanked.boxes) < 2 * 480 // GRID_CELLS


@pytest.mark.parametrize(("name", "hides"), [("car", True), ("vehicle", True), ("bus", False)])
def test_what_is_labelled_as_its_group_is_hidden_where_a_member_may_be_it(name: str, hides: bool) -> None:
    """A third of a car, of a truck and of a train is a vehicle; no bus is in it."""
    vocabulary = Vocabulary.load("everyday-2")

    class InDoubt(SeesRed):
        def __call__(self, image: np.ndarray) -> Seen:
            found = decided_generally(self.probabilities(image), vocabulary, *image.shape[:2])
            return Seen(found.labels, found.score)

        def probabilities(self, image: np.ndarray) -> np.ndarray:
            small = image[::4, ::4]
            probability = np.zeros((len(vocabulary), *small.shape[:2]), np.float32)
            probability[[vocabulary[one].id for one in ("car", "truck", "train")]] = 0.3 * red(small)
            probability[vocabulary["road"].id] = np.where(red(small), 0.1, 1.0)
            return probability

    InDoubt.vocabulary = vocabulary
    image = street(480, 320)
    assert (InDoubt()(image).labels[red(image)] == vocabulary["vehicle"].id).mean() > 0.9
    blanked = blank(image, InDoubt(), hidden_categories([name], vocabulary))
    assert red(blanked.picture).any() != hides and bool(blanked.boxes) == hides


def test_a_picture_of_nothing_else_becomes_grey() -> None:
    blanked = blank(np.full((64, 96, 3), (200, 20, 20), np.uint8), SeesRed(), frozenset({CAR}))
    assert not red(blanked.picture).any()


@pytest.mark.usefixtures("stand_ins")
def test_nothing_is_said_of_where_the_picture_was_blanked() -> None:
    packet = encode(street(480, 320), budget_bytes=4000, without=["car"])
    labels = packet.content(LayerKind.CLASS_MAP).shown(480, 320)
    assert (labels[210:270, 130:230] == NO_LABEL).all() and (labels[:100] != NO_LABEL).any()
    (kind, why), *_ = packet.left_out
    assert kind == "car" and 0.05 < int(why.split("%")[0].split()[-1]) / 100 < 0.5


@pytest.mark.usefixtures("stand_ins")
def test_a_picture_of_nothing_else_says_that_it_is_withheld() -> None:
    packet = encode(np.full((128, 192, 3), (200, 20, 20), np.uint8), budget_bytes=400, without=["car"])
    assert packet.content(LayerKind.CAPTION).text == "Most of the picture is withheld."
    assert (
        packet.content(LayerKind.OBJECTS).items == ()
        and ("car", "withheld: 100% of the picture's area") in packet.left_out
    )
    received = SemanticPacket.from_bytes(packet.to_bytes())
    assert (received.content(LayerKind.CLASS_MAP).labels == NO_LABEL).all()
    assert decode(received).picture.std() < 1


@pytest.mark.usefixtures("stand_ins")
def test_where_nothing_was_found_the_sender_is_told_so() -> None:
    packet = encode(np.full((128, 192, 3), (120, 170, 230), np.uint8), budget_bytes=400, without=["car"])
    ((_, why),) = [note for note in packet.left_out if note[0] == "car"]
    assert "nothing of it was found" in why and "%" not in why


def test_large_pictures_are_blanked_at_full_size() -> None:
    image = street(2000, 3200)
    blanked = blank(image, SeesRed(), frozenset({CAR}))
    assert blanked.picture.shape == image.shape and not red(blanked.picture).any()


def test_names_are_categories_or_groups() -> None:
    vehicles = {category.id for category in VOCABULARY.group("vehicle")}
    assert hidden_categories(["vehicle"], VOCABULARY) == vehicles
    assert hidden_categories(["person"], VOCABULARY) == {VOCABULARY["person"].id, VOCABULARY["cyclist"].id}
    with pytest.raises(VocabularyError, match="got 'unicorn'"):
        hidden_categories(["car", "unicorn"], VOCABULARY)


def test_a_captioner_that_names_what_is_hidden_is_not_used() -> None:
    class Gossip:
        def __call__(self, image, labels, objects):
            return Caption("Two vehicles, maybe a Car, on a road.", ())

    parts = {"captioner": PartChoice("gossip")}
    with (
        registry.override("segmenters", "best", SeesRed()),
        registry.override("captioners", "best", compose_caption),
        registry.override("detailers", "best", SeesSteps()),
        registry.override("captioners", "gossip", Gossip()),
    ):
        plain = encode(street(480, 320), request=EncodeRequest(parts=parts))
        hidden = encode(street(480, 320), request=EncodeRequest(parts=parts, without=("car",)))
    assert plain.content(LayerKind.CAPTION).text.startswith("Two vehicles")
    assert not {"car", "vehicles"} & set(hidden.content(LayerKind.CAPTION).text.lower().replace(".", "").split())


@pytest.mark.parametrize(
    ("text", "names"),
    [("A car.", True), ("Cars, trees", True), ("A careful cart", False), ("some vehicle", True), ("", False)],
)
def test_names_are_whole_words(text: str, names: bool) -> None:
    assert names_any(text, frozenset({CAR}), VOCABULARY) is names
    assert not names_any(text, frozenset(), VOCABULARY)


def test_what_fills_a_box_has_the_colours_of_the_rows_beside_it() -> None:
    """Of a picture beyond the working size, with a slope of grey from top to bottom."""
    slope = np.repeat(np.linspace(20, 230, 3000).astype(np.uint8)[:, None, None], 2000, axis=1).repeat(3, axis=2)
    filled = privacy._filled(slope, [(600, 500, 1400, 1100)])
    beside = slope[500:1100, :1].astype(float)
    assert np.abs(filled[500:1100, 600:1400] - beside).max() < 25
    assert (filled[:500] == slope[:500]).all() and (filled[:, :600] == slope[:, :600]).all()


class SeesPeople(SeesRed):
    """Red is a person; a person's box is where there is red or green: the green head is no person by its pixels."""

    def __call__(self, image: np.ndarray) -> Seen:
        labels = np.full(image.shape[:2], VOCABULARY["road"].id, np.uint8)
        labels[red(image)] = VOCABULARY["person"].id
        return Seen(labels, np.full(labels.shape, 0.9, np.float32))

    def inside_people(self, image: np.ndarray) -> np.ndarray:
        places = red(image) | (image[..., 1] > 220)
        rows, columns = (side // 8 for side in places.shape)
        coarse = places[: 8 * rows, : 8 * columns].reshape(rows, 8, columns, 8).any((1, 3))
        return (INSIDE + 0.01) * coarse.astype(np.float32)


PEOPLE = hidden_categories(["person"], VOCABULARY)


def two_people(between: int) -> np.ndarray:
    """Grey, with two red bodies under green heads, so many pixels apart."""
    image = np.full((320, 480, 3), 110, np.uint8)
    for left in (40, 80 + between):
        image[140:280, left : left + 40] = (200, 20, 20)
        image[100:140, left : left + 40] = (90, 250, 90)
    return image


def test_boxes_of_people_are_blanked_with_what_no_pixel_shows() -> None:
    withheld = blank(two_people(200), SeesPeople(), PEOPLE).withheld
    assert withheld[100:280, 40:80].all() and withheld[100:280, 280:320].all()


def test_what_lies_between_two_people_is_not_blanked() -> None:
    image = two_people(200)
    image[200:204, 80:280] = (200, 20, 20)  # they hold a rope: one component, whose box is all between them
    withheld = blank(image, SeesPeople(), PEOPLE).withheld
    assert withheld[200:204, 80:280].all() and not withheld[120:180, 110:250].any()


def test_the_boxes_of_people_do_not_count_for_other_categories() -> None:
    assert not blank(two_people(200), SeesPeople(), frozenset({CAR})).boxes
