"""Ground truth for pictures, where there is one: label maps as CamVid and COCO have them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.semantic.benchmark import labels


@dataclass(frozen=True)
class Truth:
    """What is where, by people.

    Attributes
    ----------
    classes : int64 [height, width]
        -1 where nobody said.
    class_of : int64 [256]
        Class of each category of our vocabulary; `num_classes` where it is none of them.
    num_classes : int
    """

    classes: np.ndarray
    class_of: np.ndarray
    num_classes: int


def load_truth(folder: Path, photo: Path, kind: str) -> Truth | None:
    """The truth of a photo, ``FOLDER/STEM.png``; None where there is no such file.

    `kind` is ``camvid`` (11 classes) or ``coco`` (dense panoptic ids, in 13 groups of stuff).
    """
    path = folder / f"{photo.stem}.png"
    if not path.is_file():
        return None
    with Image.open(path, formats=["PNG"]) as opened:
        mask = np.asarray(opened)
    if kind == "camvid":
        class_of = np.full(256, len(labels.CAMVID), np.int64)
        for category in labels.VOCABULARY:
            name = labels.CAMVID_FOLD.get(category.name, category.name)
            if name in labels.CAMVID:
                class_of[category.id] = labels.CAMVID.index(name)
        classes = mask.astype(np.int64)
        classes[classes >= len(labels.CAMVID)] = -1
        return Truth(classes, class_of, len(labels.CAMVID))
    groups = len(labels.STUFF_GROUPS)
    class_of = np.full(256, groups, np.int64)
    for number, names in enumerate(labels.STUFF_GROUPS.values()):
        class_of[[labels.VOCABULARY[name].id for name in names]] = number
    codes = labels.from_coco(mask.astype(np.uint8), dense=True)
    classes = np.where(codes < len(labels.VOCABULARY), class_of[codes], -1)
    classes[classes == groups] = -1
    return Truth(classes, class_of, groups)
