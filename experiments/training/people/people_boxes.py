"""Photos with the boxes of all people in them, and random views of such photos with what a net should say of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.experiments.training import scenes

SIDE = 384
STRIDE = 8
ZOOM = (0.5, 1.9)
LONGER_SIDE_PX = 512
LEAST_SEEN = 0.35
"""Share of a box that must be in the view for the person to count; below, the place is left out."""
DEGRADED = 0.12


@dataclass(frozen=True)
class PeoplePhoto:
    """A photo and people's boxes float [n, 4] (x0, y0, x1, y1 as shares of the sides); `crowds` are left out."""

    name: str
    path: Path
    boxes: np.ndarray
    crowds: np.ndarray


@dataclass(frozen=True)
class Target:
    """What a net should say of a view, at 1/8: float32 [SIDE/8, SIDE/8] each, sizes [2, SIDE/8, SIDE/8].

    Attributes
    ----------
    inside : 1 in a person's box, 0 outside, -1 where it is not known
    weight : how much a place counts: what lies in small boxes more
    middle : 1 at a middle, falling around it; -1 where it is not known
    sizes : logarithms of width and height in cells, at middles
    """

    inside: np.ndarray
    weight: np.ndarray
    middle: np.ndarray
    sizes: np.ndarray


def people_photos(shared: Path, held_out: bool = False) -> list[PeoplePhoto]:
    """COCO photos whose people all have boxes, and VOC train photos without anybody; held out as `scenes` says."""
    photos = [
        _from_coco(shared / "data/coco_people", entry, "coco_people")
        for entry in scenes.people_entries(shared, held_out)
    ]
    if held_out:
        return photos
    kept = {name for kind in ("dense", "things") for name, _ in scenes.coco_names(shared, kind, held_out=True)}
    for entry in scenes.entries(shared / "data/coco"):
        if entry["labels"] != "none" and entry["file"] not in kept:
            photos.append(_from_coco(shared / "data/coco", entry, "coco"))
    nobody = np.zeros((0, 4), np.float32)
    for entry in scenes.entries(shared / "data/voc2012"):
        if entry["split"] == "train" and "person" not in entry["classes"]:
            photos.append(PeoplePhoto(f"voc:{entry['id']}", shared / "data/voc2012" / entry["file"], nobody, nobody))
    return photos


def _from_coco(folder: Path, entry: dict, source: str) -> PeoplePhoto:
    found: dict[bool, list] = {False: [], True: []}
    for item in entry["objects"]:
        if item["category"] == "person":
            x, y, width, height = item["bbox"]
            box = (
                x / entry["width"],
                y / entry["height"],
                (x + width) / entry["width"],
                (y + height) / entry["height"],
            )
            found[bool(item.get("iscrowd"))].append(box)
    boxes, crowds = (np.array(found[key], np.float32).reshape(-1, 4) for key in (False, True))
    return PeoplePhoto(f"{source}:{entry['id']}", folder / entry["file"], boxes, crowds)


def random_view(photo: PeoplePhoto, rng: np.random.Generator) -> tuple[np.ndarray, Target]:
    """A random part of the photo at a random size: picture uint8 [SIDE, SIDE, 3] and its target."""
    with Image.open(photo.path) as file:
        image = file.convert("RGB")
    zoom = float(np.exp(rng.uniform(*np.log(ZOOM)))) * LONGER_SIDE_PX / max(image.size)
    width, height = (max(32, round(side * zoom)) for side in image.size)
    image = image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0)
    if rng.random() < DEGRADED:
        image = scenes.degrade(image, rng)
    left, top = (int(rng.integers(min(0, SIDE - side), max(0, SIDE - side) + 1)) for side in (width, height))
    canvas = Image.new("RGB", (SIDE, SIDE))
    canvas.paste(Image.fromarray(scenes.recolour(np.asarray(image), rng)), (left, top))
    scale, offset = np.array([width, height] * 2, np.float32), np.array([left, top] * 2, np.float32)
    boxes, crowds = photo.boxes * scale + offset, photo.crowds * scale + offset
    picture = np.asarray(canvas)
    if rng.random() < 0.5:
        picture = np.ascontiguousarray(picture[:, ::-1])
        boxes, crowds = _mirrored(boxes), _mirrored(crowds)
    known = np.zeros((SIDE, SIDE), bool)
    known[max(0, top) : top + height, max(0, left) : left + width] = True
    return picture, target(boxes, crowds, known)


def target(boxes: np.ndarray, crowds: np.ndarray, known: np.ndarray) -> Target:
    """Maps for boxes float [n, 4] in pixels of a view; `known` bool [SIDE, SIDE] is where the photo is."""
    cells = SIDE // STRIDE
    inside = np.where(known[STRIDE // 2 :: STRIDE, STRIDE // 2 :: STRIDE], 0.0, -1.0).astype(np.float32)
    weight, middle = np.ones_like(inside), inside.copy()
    sizes = np.zeros((2, cells, cells), np.float32)
    rows, columns = np.mgrid[:cells, :cells]
    for box in crowds:
        y, x = _cells(box)
        inside[y, x] = middle[y, x] = -1
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    for box, full in sorted(zip(boxes, area, strict=True), key=lambda pair: -pair[1]):
        x0, y0, x1, y1 = np.clip(box, 0, SIDE)
        y, x = _cells(box)
        if full <= 0 or (x1 - x0) * (y1 - y0) < LEAST_SEEN * full:
            middle[y, x] = np.where(middle[y, x] > 0, middle[y, x], -1)
            continue
        inside[y, x] = np.where(inside[y, x] < 0, inside[y, x], 1)
        weight[y, x] = np.maximum(weight[y, x], np.clip(48 / np.sqrt((x1 - x0) * (y1 - y0)), 1, 4))
        wide, high = (x1 - x0) / STRIDE, (y1 - y0) / STRIDE
        cx, cy = int((x0 + x1) / 2 / STRIDE), int((y0 + y1) / 2 / STRIDE)
        cx, cy = min(cx, cells - 1), min(cy, cells - 1)
        bell = np.exp(-(((columns - cx) / max(0.8, wide / 7)) ** 2 + ((rows - cy) / max(0.8, high / 7)) ** 2) / 2)
        middle = np.where(middle < 0, middle, np.maximum(middle, bell))
        middle[cy, cx] = 1
        sizes[:, cy, cx] = np.log(max(wide, 0.5)), np.log(max(high, 0.5))
    return Target(inside, weight, middle.astype(np.float32), sizes)


def _cells(box: np.ndarray) -> tuple[slice, slice]:
    """The cells whose middle lies in a box; at least one."""
    x0, y0, x1, y1 = np.clip(box, 0, SIDE)
    top, left = (int(np.ceil(edge / STRIDE - 0.5)) for edge in (y0, x0))
    bottom, right = (int(np.ceil(edge / STRIDE - 0.5)) for edge in (y1, x1))
    return slice(top, max(top + 1, bottom)), slice(left, max(left + 1, right))


def _mirrored(boxes: np.ndarray) -> np.ndarray:
    return np.stack([SIDE - boxes[:, 2], boxes[:, 1], SIDE - boxes[:, 0], boxes[:, 3]], axis=1)
