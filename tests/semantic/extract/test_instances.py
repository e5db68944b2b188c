from __future__ import annotations

import numpy as np

from semcom.semantic.extract.instances import InstanceRules, find_objects
from semcom.semantic.vocabulary import Vocabulary

VOCABULARY = Vocabulary.load("everyday-1")


def labels_with(*boxes: tuple[str, tuple[int, int, int, int]], size=(100, 200)) -> np.ndarray:
    labels = np.full(size, VOCABULARY["road"].id, np.uint8)
    for name, (x0, y0, x1, y1) in boxes:
        labels[y0:y1, x0:x1] = VOCABULARY[name].id
    return labels


def test_components_become_boxes_and_stuff_does_not() -> None:
    labels = labels_with(("car", (10, 20, 60, 50)), ("car", (100, 20, 120, 40)), ("person", (150, 10, 160, 60)))
    objects = find_objects(labels, np.full(labels.shape, 0.75, np.float32), VOCABULARY)
    found = {(VOCABULARY[item.category].name, item.box) for item in objects.items}
    assert found == {("car", (10, 20, 60, 50)), ("car", (100, 20, 120, 40)), ("person", (150, 10, 160, 60))}
    assert [item.object_id for item in objects.items] == [1, 2, 3]
    assert all(item.score == 0.75 for item in objects.items)


def test_people_come_before_larger_chairs() -> None:
    labels = labels_with(("chair", (0, 0, 60, 30)), ("person", (100, 0, 120, 60)))
    objects = find_objects(labels, np.ones(labels.shape, np.float32), VOCABULARY)
    assert VOCABULARY[objects.items[0].category].name == "person"


def test_specks_and_doubtful_objects_are_dropped() -> None:
    labels = labels_with(("car", (10, 20, 60, 50)), ("car", (100, 20, 104, 24)), ("dog", (150, 10, 180, 60)))
    score = np.full(labels.shape, 0.9, np.float32)
    score[:, 140:] = 0.3
    objects = find_objects(labels, score, VOCABULARY, InstanceRules(min_area=0.002, min_score=0.5))
    assert [item.box for item in objects.items] == [(10, 20, 60, 50)]


def people(*boxes: tuple[float, float, float, float]) -> np.ndarray:
    """As `Segmentation.people`: shares of the sides, surest first."""
    return np.array([(*box, 0.9 - number / 100) for number, box in enumerate(boxes)], np.float32)


def test_people_side_by_side_are_several_people() -> None:
    labels = labels_with(("person", (40, 20, 120, 80)))
    two = people((0.2, 0.2, 0.4, 0.8), (0.4, 0.1, 0.6, 0.8))
    objects = find_objects(labels, np.ones(labels.shape, np.float32), VOCABULARY, people=two)
    assert {item.box for item in objects.items} == {(40, 20, 80, 80), (80, 20, 120, 80)}


def test_one_person_stays_one_and_boxes_elsewhere_say_nothing() -> None:
    labels = labels_with(("person", (40, 20, 120, 80)), ("dog", (150, 20, 190, 80)))
    whole = {(40, 20, 120, 80), (150, 20, 190, 80)}
    for boxes in (
        people((0.2, 0.2, 0.6, 0.8)),
        people((0.2, 0.2, 0.6, 0.8), (0.21, 0.2, 0.58, 0.8)),  # twice the same
        people((0.2, 0.2, 0.6, 0.8), (0.35, 0.2, 0.45, 0.4)),  # a face
        people((0.2, 0.2, 0.45, 0.5), (0.4, 0.5, 0.6, 0.8)),  # an arm and a leg
        people((0.2, 0.2, 0.6, 0.8), (0.0, 0.0, 0.1, 0.1), (0.75, 0.2, 0.95, 0.8)),  # road, and the dog
        people(),
        None,
    ):
        boxes = np.zeros((0, 5), np.float32) if boxes is not None and not len(boxes) else boxes
        objects = find_objects(labels, np.ones(labels.shape, np.float32), VOCABULARY, people=boxes)
        assert {item.box for item in objects.items} == whole
