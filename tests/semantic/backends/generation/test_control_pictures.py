"""Maps as ControlNets know them: ADE20K's colours, and white lines on black."""

from __future__ import annotations

import numpy as np
import yaml

from semcom.semantic.backends.generation.control_pictures import FILE, line_picture, segmentation_picture
from semcom.semantic.backends.label_tables import table_labels, to_vocabulary
from semcom.semantic.layers import ClassMap, DetailMap
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary

OURS = Vocabulary.load("everyday-1")


def test_every_category_has_a_label_of_ade_s_own_and_its_colour() -> None:
    read = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert list(read) == [category.name for category in OURS]
    labels = table_labels("ade20k")
    by_name = {name.split(",")[0]: number for number, name in labels.items()}
    ours = to_vocabulary(labels, OURS, "ade20k")
    colours: dict[str, tuple[int, ...]] = {}
    for name, values in read.items():
        number = by_name[values["label"]]
        mapped = OURS[int(ours[number])].name
        assert mapped == name or name in ("snow", "cyclist", "train") or OURS[name].parent == "animal", (name, mapped)
        assert colours.setdefault(values["label"], tuple(values["colour"])) == tuple(values["colour"])
    assert len(set(colours.values())) == len(colours), "two labels have two colours"
    assert colours["wall"] == (120, 120, 120) and colours["sky"] == (6, 230, 230) and colours["car"] == (0, 102, 200)
    assert colours["person"] == (150, 5, 61) and colours["bus"] == (255, 0, 245)  # as in SceneParse150's colour coding


def test_a_class_map_in_these_colours_at_the_wanted_size() -> None:
    labels = np.array([[OURS["sky"].id, OURS["sky"].id], [OURS["car"].id, NO_LABEL]], np.uint8)
    picture = segmentation_picture(ClassMap(32, 32, OURS, 16, labels), 64, 48)
    assert picture.shape == (48, 64, 3) and picture.dtype == np.uint8
    assert picture[5, 5].tolist() == [6, 230, 230] and picture[40, 5].tolist() == [0, 102, 200]
    assert picture[40, 60].tolist() == [0, 0, 0]


def test_lines_are_white_on_black_at_their_place_and_never_thin() -> None:
    edges = np.zeros((11, 13), bool)
    edges[5] = True
    picture = line_picture(DetailMap(100, 84, 8, edges), 200, 168)  # the last cells reach beyond the picture
    assert set(np.unique(picture)) == {0, 255} and picture.shape == (168, 200, 3)
    rows = np.flatnonzero(picture[:, 100, 0])
    assert rows.min() in (79, 80) and rows.max() in (95, 96)
    small = line_picture(DetailMap(100, 84, 8, edges), 25, 21)
    assert np.count_nonzero(small[:, 10, 0]) >= 2
    assert not line_picture(DetailMap(100, 84, 8, np.zeros((11, 13), bool)), 64, 64).any()
