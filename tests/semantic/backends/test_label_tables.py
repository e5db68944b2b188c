"""Labels of ADE20K, Cityscapes and VOC as our categories."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.backends.label_tables import _table, gather, table_names, to_vocabulary
from semcom.semantic.errors import ModelError
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary

OURS = Vocabulary.load("everyday-1")


def test_the_tables_speak_of_our_vocabulary_alone() -> None:
    assert table_names() == ["ade20k", "cityscapes", "voc"]
    assert [len(_table(name)) for name in table_names()] == [150, 19, 21]
    for name in table_names():
        assert all(ours is None or ours in OURS for ours in _table(name).values())


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ({0: "wall", 1: "building, edifice", 2: "sky", 83: "truck, motortruck"}, ["wall", "building", "sky", "truck"]),
        ({0: "Road", 11: "person", 12: "rider", 17: "motorcycle"}, ["road", "person", "cyclist", "motorbike"]),
        ({15: "person", 20: "tvmonitor", 11: "diningtable"}, ["table", "person", "screen"]),
    ],
)
def test_labels_become_ours(labels: dict[int, str], names: list[str]) -> None:
    found = to_vocabulary(labels, OURS)
    assert [OURS[int(found[number])].name for number in sorted(labels)] == names
    assert found.dtype == np.uint8 and (np.delete(found, sorted(labels)) == NO_LABEL).all()


def test_background_is_no_label() -> None:
    assert to_vocabulary({0: "__background__", 1: "aeroplane", 2: "cat"}, OURS)[0] == NO_LABEL


def test_labels_of_no_table_are_refused() -> None:
    with pytest.raises(ModelError, match="those of ade20k or cityscapes or voc, got 3 others, such as 'label_0'"):
        to_vocabulary({number: f"LABEL_{number}" for number in range(3)}, OURS)
    with pytest.raises(ModelError, match="table of labels must be one of ade20k, cityscapes, voc, got 'coco'"):
        to_vocabulary({0: "wall"}, OURS, "coco")
    with pytest.raises(ModelError, match="must be those of"):
        to_vocabulary({}, OURS)


def test_probabilities_of_labels_of_one_category_are_summed() -> None:
    probabilities = np.array([0.1, 0.2, 0.3, 0.4], np.float32).reshape(4, 1, 1)
    summed = gather(probabilities, np.array([2, 0, 2, NO_LABEL], np.uint8), 3)
    np.testing.assert_allclose(summed[:, 0, 0], [0.2, 0.0, 0.4])
