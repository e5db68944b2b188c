"""Labels of the data sets, told in the words of the vocabulary `everyday-1`.

A training label is a *code*: a category id, a *set* of categories that are all right ("this pixel is none of the twenty
VOC objects"), or `IGNORE`. The training loss asks for the total probability of the set, so that partial knowledge
teaches what it knows and nothing more.
"""

from __future__ import annotations

import numpy as np

from semcom.semantic.vocabulary import Vocabulary

VOCABULARY = Vocabulary.load("everyday-1")
IGNORE = 255

CAMVID = ("sky", "building", "pole", "road", "pavement", "tree", "sign", "fence", "car", "person", "cyclist")
"""CamVid's 11 classes by id; 11 is unlabelled. Its "bicyclist" is rider and bicycle together."""

COCO = {
    "person": (1,), "bicycle": (2,), "car": (3,), "motorbike": (4,), "aeroplane": (5,), "bus": (6,), "train": (7,),
    "truck": (8,), "boat": (9,), "sign": (10, 13, 92), "bird": (16,), "cat": (17,), "dog": (18,), "horse": (19,),
    "sheep": (20,), "cow": (21,), "animal": (22, 23, 24, 25), "bottle": (44,), "dish": (46, 47, 48, 49, 50, 51, 86),
    "food": (52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 122, 196), "chair": (62,), "sofa": (63,), "plant": (64, 119),
    "bed": (65,), "table": (67, 189), "screen": (72, 73), "appliance": (78, 79, 80, 82),
    "furniture": (15, 70, 81, 107, 156, 188),
    "object": (11, 14, 27, 28, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 74, 75, 76, 77, 84, 85, 87, 88, 89,
               90, 100, 130, 195),
    "fabric": (93, 109, 141, 168, 200), "building": (95, 128, 151, 166, 197), "door": (112,),
    "window": (133, 180, 181), "floor": (118, 161, 190), "ground": (125, 147, 194), "fence": (138, 185),
    "pavement": (144, 191), "road": (149,), "sand": (154,), "water": (148, 155, 178), "snow": (159,),
    "wall": (171, 175, 176, 177, 199), "tree": (184,), "ceiling": (186,), "sky": (187,), "mountain": (192,),
    "grass": (193,), "rock": (198,),
}  # fmt: skip
"""COCO panoptic category ids (categories.csv) by our name. 145 (playing field) becomes the set `FIELD`."""

COCO_NUM_THINGS = 90

VOC = ("aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "table", "dog", "horse",
       "motorbike", "person", "plant", "sheep", "sofa", "train", "screen")  # fmt: skip
"""PASCAL VOC's 20 objects, class 1 first; class 0 is background."""

CITYSCAPES = {7: "road", 8: "pavement", 9: "ground", 10: "ground", 11: "building", 12: "wall", 13: "fence", 14: "fence",
              15: "building", 17: "pole", 18: "pole", 19: "sign", 20: "sign", 21: "tree", 22: "grass", 23: "sky",
              24: "person", 25: "cyclist", 26: "car", 27: "truck", 28: "bus", 31: "train", 32: "motorbike",
              33: "bicycle"}  # fmt: skip
"""Cityscapes label ids (not train ids)."""

_NAMES = {category.name for category in VOCABULARY}
_COCO_STUFF = {name for name, ids in COCO.items() if any(i > COCO_NUM_THINGS for i in ids)}
_VOC_CLEAR = {"aeroplane", "bicycle", "bird", "boat", "bus", "car", "cat", "chair", "cow", "dog", "horse", "motorbike",
              "person", "sheep", "sofa", "train", "cyclist"}  # fmt: skip

SETS = {
    "STUFF": _COCO_STUFF | {"pole"},  # outside every mask of a things-only annotation
    "NOT_VOC": _NAMES - _VOC_CLEAR,  # background of a VOC teacher (it calls laptops, flowers and jugs background, too)
    "NOT_PERSON": _NAMES - {"person", "cyclist"},  # outside the masks of photos of which only people are labelled
    "FIELD": {"ground", "grass", "floor"},  # playing fields are of turf, earth or boards
    "PERSON_OR_CYCLIST": {"person", "cyclist"},  # people in pictures with bicycles: rider or not is not told
    "BICYCLE_OR_CYCLIST": {"bicycle", "cyclist"},
}

CODES = {category.name: category.id for category in VOCABULARY} | {
    name: len(VOCABULARY) + position for position, name in enumerate(SETS)
}


def allowed_table() -> np.ndarray:
    """float32 [num_codes, num_categories]: one where the code allows the category."""
    table = np.zeros((len(CODES), len(VOCABULARY)), np.float32)
    for category in VOCABULARY:
        table[category.id, category.id] = 1
    for name, members in SETS.items():
        table[CODES[name], [VOCABULARY[member].id for member in members]] = 1
    return table


def is_right(said: np.ndarray, truth: np.ndarray, vocabulary: Vocabulary) -> np.ndarray:
    """bool [H, W]: whether each label says what is there, by its own word or by the general one of its group.

    Parameters
    ----------
    said : uint8 [H, W]
        Ids of `vocabulary`.
    truth : uint8 [H, W]
        Ids of `VOCABULARY`; other codes are never right.
    """
    general = np.full(256, IGNORE, np.uint8)
    for group, name in vocabulary.general:
        for member in vocabulary.group(group):
            general[member.id] = vocabulary[name].id
    known = truth < len(VOCABULARY)
    return known & ((said == truth) | (said == general[truth]))


def _lookup(pairs: dict[int, str]) -> np.ndarray:
    lookup = np.full(256, IGNORE, np.uint8)
    for value, name in pairs.items():
        lookup[value] = CODES[name]
    return lookup


_CAMVID_LOOKUP = _lookup(dict(enumerate(CAMVID)))
_COCO_LOOKUP = _lookup({i: name for name, ids in COCO.items() for i in ids} | {145: "FIELD"})
_VOC_LOOKUP = _lookup({0: "NOT_VOC"} | {i + 1: name for i, name in enumerate(VOC)})
_CITYSCAPES_LOOKUP = _lookup(CITYSCAPES)


def from_camvid(mask: np.ndarray) -> np.ndarray:
    """CamVid class ids uint8 [H, W] → codes uint8 [H, W]."""
    return _CAMVID_LOOKUP[mask]


def from_coco(mask: np.ndarray, dense: bool) -> np.ndarray:
    """COCO panoptic category ids → codes. In a things-only mask, 0 is "some stuff"; in a dense one, unknown."""
    codes = _COCO_LOOKUP[mask]
    if not dense:
        codes[mask == 0] = CODES["STUFF"]
    return _with_cyclists(codes)


def from_voc(mask: np.ndarray) -> np.ndarray:
    """VOC class ids (0 background, 255 uncertain) → codes."""
    return _with_cyclists(_VOC_LOOKUP[mask])


def from_person_mask(mask: np.ndarray) -> np.ndarray:
    """Person masks (1 person, 0 anything else) → codes. Whether a person is a cyclist is not told."""
    return np.where(mask == 1, np.uint8(CODES["PERSON_OR_CYCLIST"]), np.uint8(CODES["NOT_PERSON"]))


def from_cityscapes(mask: np.ndarray) -> np.ndarray:
    """Cityscapes label ids → codes."""
    return _CITYSCAPES_LOOKUP[mask]


def _with_cyclists(codes: np.ndarray) -> np.ndarray:
    bicycle, person = codes == CODES["bicycle"], codes == CODES["person"]
    if bicycle.any():
        codes[bicycle] = CODES["BICYCLE_OR_CYCLIST"]
        codes[person] = CODES["PERSON_OR_CYCLIST"]
    return codes


CAMVID_FOLD = {"wall": "building", "window": "building", "door": "building", "floor": "pavement", "plant": "tree",
               "grass": "tree", "truck": "car", "bus": "car", "train": "car", "bicycle": "cyclist",
               "motorbike": "cyclist"}  # fmt: skip
"""Before scoring on CamVid's 11 classes, finer categories count as the class CamVid files them under."""

STUFF_GROUPS = {
    "sky": ("sky",), "tree & plant": ("tree", "plant"), "grass": ("grass",), "water": ("water",), "road": ("road",),
    "pavement": ("pavement",), "building": ("building",), "wall": ("wall",), "floor": ("floor",),
    "ceiling": ("ceiling",), "furniture": ("furniture", "table"), "mountain & rock": ("mountain", "rock"),
    "sand, snow & ground": ("sand", "snow", "ground"),
}  # fmt: skip
"""Groups in which COCO's stuff is scored (window, textile and food are too rare in the held-out part)."""
