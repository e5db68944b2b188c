from __future__ import annotations

import re

import numpy as np
import pytest

from semcom.semantic.extract.captioner import compose_caption
from semcom.semantic.extract.colour_names import colour_name
from semcom.semantic.extract.instances import InstanceRules, find_objects
from semcom.semantic.layers import Caption
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary

VOCABULARY = Vocabulary.load("everyday-1")


def describe(image: np.ndarray, labels: np.ndarray, score: float = 0.9) -> Caption:
    objects = find_objects(labels, np.full(labels.shape, score, np.float32), VOCABULARY, InstanceRules())
    return compose_caption(image, labels, objects)


def scene(*patches: tuple[str, tuple[int, int, int, int], tuple[int, int, int]], size=(120, 160)):
    """Image and labels from (category, box, colour) patches, later ones on top."""
    image = np.full((*size, 3), 128, np.uint8)
    labels = np.full(size, NO_LABEL, np.uint8)
    for name, (x0, y0, x1, y1), colour in patches:
        image[y0:y1, x0:x1] = colour
        labels[y0:y1, x0:x1] = VOCABULARY[name].id
    return image, labels


STREET = (
    ("sky", (0, 0, 160, 50), (110, 160, 230)),
    ("building", (0, 30, 60, 70), (140, 120, 100)),
    ("road", (0, 70, 160, 120), (90, 90, 90)),
)
CAR = ("car", (20, 80, 60, 105), (200, 30, 30))


def test_one_object_on_its_ground() -> None:
    caption = describe(*scene(*STREET, CAR))
    assert caption.text == "A red car is on a road. Buildings are in the background under a blue sky."
    assert caption.entity_words == ("car", "road", "Buildings", "sky")


def test_counts_and_plurals() -> None:
    people = [("person", (x, 60, x + 8, 100), (20, 20, 20)) for x in (20, 60, 100)]
    assert describe(*scene(*STREET, *people)).text.startswith("Three people are on a road.")


def test_two_objects_are_related() -> None:
    text = describe(*scene(*STREET, CAR, ("dog", (110, 85, 130, 104), (40, 30, 25)))).text
    assert re.search(r"A red car is to the left of a (black|brown) dog\.|dog is to the right of a red car", text)


def test_scene_without_objects() -> None:
    assert describe(*scene(*STREET)).text == "A street with buildings under a blue sky."


def test_nothing_known_is_said_so() -> None:
    text = describe(*scene()).text
    assert text == "A picture in grey."
    many = np.array([(220, 20, 20), (20, 20, 210), (30, 160, 40), (250, 250, 250), (240, 220, 40)], np.uint8)
    image = np.tile(many, (120, 32, 1))
    assert describe(image, np.full((120, 160), NO_LABEL, np.uint8)).text == "A picture of many colours."


def test_every_noun_is_in_the_maps() -> None:
    """Nothing is invented: each entity is a category of the picture or the name of the scene."""
    rng = np.random.default_rng(5)
    scenes = {"street", "room", "water view", "landscape", "building"}
    for _ in range(60):
        patches = []
        for _ in range(int(rng.integers(1, 8))):
            x, y = int(rng.integers(0, 120)), int(rng.integers(0, 90))
            box = (x, y, x + int(rng.integers(10, 40)), y + int(rng.integers(10, 30)))
            colour = tuple(int(v) for v in rng.integers(0, 256, 3))
            patches.append((VOCABULARY[int(rng.integers(0, len(VOCABULARY)))].name, box, colour))
        image, labels = scene(*patches)
        caption = describe(image, labels)
        present = {VOCABULARY[int(label)] for label in np.unique(labels) if label != NO_LABEL}
        words = {word for category in present for word in (category.name, category.plural)} | scenes
        assert {word.lower() for word in caption.entity_words} <= words, caption.text
        assert re.fullmatch(r"([A-Z][^.]*\.)( [A-Z][^.]*\.)?", caption.text), caption.text
        assert not re.search(r"\ba [aeiou]|\ban [^aeiou]|  ", caption.text), caption.text


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((220, 20, 20), "red"), ((20, 20, 210), "blue"), ((30, 160, 40), "green"), ((240, 220, 40), "yellow"),
        ((250, 250, 250), "white"), ((10, 10, 10), "black"), ((128, 128, 128), "grey"), ((100, 60, 30), "brown"),
        ((240, 130, 30), "orange"), ((240, 100, 180), "pink"),
    ],
)  # fmt: skip
def test_colour_words(rgb: tuple[int, int, int], name: str) -> None:
    assert colour_name(np.full((50, 3), rgb, np.uint8)) == name


def test_places_hold_for_all_that_are_named() -> None:
    apart = scene(("person", (2, 20, 12, 70), (9, 9, 9)), ("dog", (130, 40, 150, 60), (9, 9, 9)),
                  ("cat", (100, 80, 120, 100), (9, 9, 9)))  # fmt: skip
    assert describe(*apart).text == "There is a person in black, a black cat and a black dog."
    edges = scene(("car", (0, 40, 40, 70), (200, 30, 30)), ("car", (120, 40, 160, 70), (30, 30, 200)))
    assert describe(*edges).text == "There are two cars."


def test_nothing_stands_on_itself() -> None:
    table = ("table", (20, 60, 140, 110), (110, 70, 35))
    bottles = [("bottle", (x, 40, x + 10, 70), (30, 160, 40)) for x in (40, 70, 100)]
    text = describe(*scene(table, *bottles)).text
    assert "table" in text and "on a table" not in text


def test_mass_nouns_are_not_counted() -> None:
    food = [("food", (x, 40, x + 20, 60), (200, 120, 40)) for x in (5, 30)]
    assert describe(*scene(*food)).text == "Food is on the left."


def test_cars_are_not_in_the_sky() -> None:
    sky = ("sky", (0, 0, 160, 120), (110, 160, 230))
    assert "in the sky" not in describe(*scene(sky, ("car", (60, 40, 100, 60), (200, 30, 30)))).text
    assert "is in the sky" in describe(*scene(sky, ("bird", (60, 40, 100, 60), (20, 20, 20)))).text


def test_rooms_have_no_sky() -> None:
    room = scene(("wall", (0, 0, 160, 90), (200, 190, 180)), ("floor", (0, 90, 160, 120), (110, 70, 35)),
                 ("sky", (0, 0, 40, 40), (110, 160, 230)))  # fmt: skip
    assert describe(*room).text == "A room in white and brown."


def test_many_colours_have_no_name() -> None:
    rainbow = np.array([(220, 20, 20), (20, 20, 210), (30, 160, 40), (250, 250, 250)] * 20, np.uint8)
    assert colour_name(rainbow) is None
    assert colour_name(np.zeros((0, 3), np.uint8)) is None


def test_clothes_have_colours_that_skin_has_not() -> None:
    assert describe(*scene(("person", (60, 20, 90, 110), (30, 160, 40)))).text == "A person in green is in the middle."
    assert describe(*scene(("person", (60, 20, 90, 110), (190, 120, 90)))).text == "A person is in the middle."


def test_near_and_far() -> None:
    assert describe(*scene(("cat", (10, 10, 150, 110), (10, 10, 10)))).text == "A black cat is seen close up."
    small = [("person", (x, 50, x + 6, 62), (20, 20, 20)) for x in (4, 20)]
    assert describe(*scene(*small)).text == "Two people are far away on the left."


def test_what_rides_is_on_what_it_rides() -> None:
    horse = ("horse", (40, 50, 120, 110), (100, 60, 30))
    rider = ("person", (70, 10, 90, 70), (20, 20, 210))
    assert describe(*scene(horse, rider)).text == "A person in blue is on a brown horse."
    beside = ("person", (2, 40, 20, 112), (20, 20, 210))
    assert "is on a" not in describe(*scene(horse, beside)).text


def test_night_is_dark_and_outdoors() -> None:
    dark = [(name, box, tuple(value // 6 for value in colour)) for name, box, colour in STREET]
    assert describe(*scene(*dark)).text == "A street with buildings at night."
    room = scene(("wall", (0, 0, 160, 120), (20, 20, 22)))
    assert "night" not in describe(*room).text
