"""Labelled scenes for training and measuring the segmenter: which picture is in which part, and random crops."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.semantic.benchmark import labels

LONGER_SIDE = 512
"""Pictures are kept at the segmenter's working size."""


@dataclass(frozen=True)
class Scene:
    """One picture with training codes.

    Attributes
    ----------
    source : str
        Data set: camvid, dense, things, cityscapes or voc (labelled by a teacher).
    name : str
    image : PIL.Image.Image
        RGB, longer side `LONGER_SIDE`.
    codes : PIL.Image.Image
        8-bit codes of `labels`, same size.
    """

    source: str
    name: str
    image: Image.Image
    codes: Image.Image


def _scene(source: str, image_path: Path, mask_path: Path, translate) -> Scene:
    with Image.open(image_path) as image:
        picture = image.convert("RGB")
    with Image.open(mask_path) as mask:
        codes = Image.fromarray(translate(np.array(mask, dtype=np.uint8)))
    scale = LONGER_SIDE / max(picture.size)
    size = tuple(max(32, round(side * scale)) for side in picture.size)
    return Scene(
        source,
        f"{image_path.parents[1].name}_{image_path.stem}",
        picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0),
        codes.resize(size, Image.Resampling.NEAREST),
    )


def camvid(shared: Path, part: str, drives: tuple[str, ...] = ()) -> list[Scene]:
    """CamVid `part` (train or val); `drives` keeps only those recordings (0001TP, 0006R0, 0016E5)."""
    folder = shared / "data/camvid" / part
    paths = [p for p in sorted((folder / "images").iterdir()) if not drives or p.name.startswith(drives)]
    return [_scene("camvid", p, folder / "masks" / f"{p.stem}.png", labels.from_camvid) for p in paths]


def coco_names(shared: Path, kind: str, held_out: bool) -> list[tuple[str, str]]:
    """Image and mask file names of the COCO pictures with `kind` masks (dense or things).

    Held out: of the val2017 pictures with this kind of mask, sorted by id, every second one. All others train.
    """
    with (shared / "data/coco/annotations.jsonl").open(encoding="utf-8") as lines:
        entries = sorted((e for e in map(json.loads, lines) if e["labels"] == kind), key=lambda entry: entry["id"])
    kept_apart = {entry["id"] for entry in [e for e in entries if e["split"] == "val2017"][::2]}
    return [(entry["file"], entry["mask"]) for entry in entries if (entry["id"] in kept_apart) == held_out]


def coco(shared: Path, kind: str, held_out: bool) -> list[Scene]:
    """COCO scenes of `coco_names`."""
    folder, dense = shared / "data/coco", kind == "dense"
    names = coco_names(shared, kind, held_out)
    return [_scene(kind, folder / image, folder / mask, lambda m: labels.from_coco(m, dense)) for image, mask in names]


def cityscapes(shared: Path) -> list[Scene]:
    """The four labelled Cityscapes pictures."""
    folder = shared / "data/cityscapes"
    paths = sorted((folder / "images").iterdir())
    return [_scene("cityscapes", p, folder / "labels" / p.name, labels.from_cityscapes) for p in paths]


def voc(shared: Path, split: str) -> list[Scene]:
    """VOC photos of a split: train (with SBD's masks, 1037) or val (245)."""
    folder = shared / "data/voc2012"
    splits = ("train", "train_aug") if split == "train" else (split,)
    chosen = [entry for entry in entries(folder) if entry["split"] in splits]
    return [_scene("voc_true", folder / e["file"], folder / e["mask"], labels.from_voc) for e in chosen]


def people_entries(shared: Path, held_out: bool) -> list[dict]:
    """Annotations of COCO photos with people. Held out: of all, sorted by id, every fourth (350)."""
    every = sorted(entries(shared / "data/coco_people"), key=lambda entry: entry["id"])
    return [entry for position, entry in enumerate(every) if (position % 4 == 0) == held_out]


def people(shared: Path, held_out: bool) -> list[Scene]:
    """Photos of `people_entries` with person masks: people, and all that is certainly none."""
    folder = shared / "data/coco_people"
    masked = [entry for entry in people_entries(shared, held_out) if entry.get("mask")]
    return [_scene("people", folder / e["file"], folder / e["mask"], labels.from_person_mask) for e in masked]


def entries(folder: Path) -> list[dict]:
    """The lines of a data set's annotations."""
    with (folder / "annotations.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def pseudo_labelled(shared: Path, folder: Path) -> list[Scene]:
    """Photos with the VOC labels that `make_pseudo_labels` wrote into `folder`."""
    scenes = []
    for mask in sorted(folder.rglob("*.png")):
        stem = shared / "data" / mask.relative_to(folder).with_suffix("")
        image = next(p for p in (stem.with_suffix(end) for end in (".jpg", ".png", ".jpeg")) if p.exists())
        scenes.append(_scene("voc", image, mask, labels.from_voc))
    return scenes


def self_label_path(folder: Path, scene: Scene) -> Path:
    """Where `make_self_labels` keeps the codes of a scene."""
    return folder / scene.source / f"{scene.name}.png"


def with_self_labels(scenes: list[Scene], folder: Path) -> list[Scene]:
    """The scenes, with the codes that `make_self_labels` wrote where there are some."""
    refined = []
    for scene in scenes:
        path = self_label_path(folder, scene)
        if path.exists():
            with Image.open(path) as codes:
                scene = replace(scene, codes=codes.copy())
        refined.append(scene)
    return refined


class CropSampler:
    """Random training crops: sources by weight, a third of the crops around a category chosen uniformly.

    Parameters
    ----------
    scenes : list of Scene
    weights : dict of str to float
        Share of each source among the crops.
    crop : int
        Side of the crops in pixels, a multiple of 32.
    zoom : (float, float)
        Least and largest size of things relative to the working size.
    degraded : float
        Share of the crops that look as a poor camera or a strong codec leaves them.
    """

    def __init__(
        self,
        scenes: list[Scene],
        weights: dict[str, float],
        crop: int,
        zoom: tuple[float, float] = (0.6, 1.9),
        degraded: float = 0.15,
    ) -> None:
        self.crop, self.zoom, self.degraded = crop, zoom, degraded
        self._by_source: dict[str, list[Scene]] = defaultdict(list)
        self._by_category: dict[str, dict[int, list[tuple[Scene, tuple[int, int]]]]] = {}
        for scene in scenes:
            self._by_source[scene.source].append(scene)
        self._sources = sorted(self._by_source)
        share = np.array([weights[source] for source in self._sources], float)
        self._share = share / share.sum()
        for source, members in self._by_source.items():
            self._by_category[source] = _index_by_category(members)

    def sample(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Picture uint8 [crop, crop, 3] and codes uint8 [crop, crop]."""
        source = self._sources[rng.choice(len(self._sources), p=self._share)]
        centre = None
        if rng.random() < 0.33:
            by_category = self._by_category[source]
            places = by_category[list(by_category)[rng.integers(len(by_category))]]
            scene, centre = places[rng.integers(len(places))]
        else:
            members = self._by_source[source]
            scene = members[rng.integers(len(members))]
        return self._cut(scene, centre, rng)

    def view(self, scene: Scene, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """A random crop of this scene: picture uint8 [crop, crop, 3] and codes uint8 [crop, crop]."""
        return self._cut(scene, None, rng)

    def _cut(self, scene: Scene, centre: tuple[int, int] | None, rng: np.random.Generator):
        width, height = scene.image.size
        zoom = float(np.exp(rng.uniform(*np.log(self.zoom))))
        aspect = float(np.exp(rng.normal(0, 0.08)))
        box_w, box_h = min(width, self.crop / zoom * aspect), min(height, self.crop / zoom / aspect)
        if centre is None:
            x0, y0 = rng.uniform(0, width - box_w), rng.uniform(0, height - box_h)
        else:
            x0 = np.clip(centre[0] - box_w * rng.uniform(0.15, 0.85), 0, width - box_w)
            y0 = np.clip(centre[1] - box_h * rng.uniform(0.15, 0.85), 0, height - box_h)
        box = (float(x0), float(y0), float(x0 + box_w), float(y0 + box_h))
        out_w, out_h = (max(32, min(self.crop, round(side * zoom))) for side in (box_w / aspect, box_h * aspect))
        picture = np.zeros((self.crop, self.crop, 3), np.uint8)
        codes = np.full((self.crop, self.crop), labels.IGNORE, np.uint8)
        image = scene.image.resize((out_w, out_h), Image.Resampling.BILINEAR, box=box)
        mask = scene.codes.resize((out_w, out_h), Image.Resampling.NEAREST, box=box)
        if rng.random() < self.degraded:
            image = degrade(image, rng)
        dx, dy = rng.integers(self.crop - out_w + 1), rng.integers(self.crop - out_h + 1)
        picture[dy : dy + out_h, dx : dx + out_w] = recolour(np.asarray(image), rng)
        codes[dy : dy + out_h, dx : dx + out_w] = np.asarray(mask)
        if rng.random() < 0.5:
            picture, codes = picture[:, ::-1], codes[:, ::-1]
        return picture, codes


def degrade(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """What a poor camera or a strong codec does: fewer pixels, or few bytes of JPEG or AVIF, also at a smaller size."""
    kind = rng.integers(3)
    if kind == 0:
        return _smaller(image, rng.uniform(0.15, 0.8))
    if kind == 1:
        return _coded(image, "JPEG", quality=int(rng.integers(8, 45)))
    scale = rng.uniform(0.2, 1.0)
    small = image.resize(_scaled_size(image.size, scale), Image.Resampling.LANCZOS)
    coded = _coded(small, "AVIF", quality=int(rng.integers(5, 50)), speed=10, max_threads=1)
    return coded.resize(image.size, Image.Resampling.BICUBIC)


def _smaller(image: Image.Image, scale: float) -> Image.Image:
    small = image.resize(_scaled_size(image.size, scale), Image.Resampling.BILINEAR)
    return small.resize(image.size, Image.Resampling.BICUBIC)


def _scaled_size(size: tuple[int, int], scale: float) -> tuple[int, int]:
    return tuple(max(16, round(side * scale)) for side in size)


def _coded(image: Image.Image, codec: str, **options: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, codec, **options)
    with Image.open(buffer) as coded:
        return coded.convert("RGB")


def recolour(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Random gain per channel and gamma through one table per channel; then colours mixed, or faded."""
    levels = np.arange(256, dtype=np.float32) / 255
    common = rng.normal(1, 0.15)
    gamma = np.exp(rng.normal(0, 0.25))
    offset = rng.normal(0, 0.04)
    result = np.empty_like(picture)
    for channel in range(3):
        gain = common * rng.normal(1, 0.06)
        table = np.clip(levels**gamma * gain + offset, 0, 1) * 255
        result[..., channel] = table.astype(np.uint8)[picture[..., channel]]
    kind = rng.random()
    if kind < 0.4:
        mixing = np.eye(3, dtype=np.float32) + rng.normal(0, 0.15, (3, 3)).astype(np.float32)
        mixing /= np.abs(mixing.sum(axis=0, keepdims=True)).clip(0.5)
        result = np.clip(result.astype(np.float32) @ mixing, 0, 255).astype(np.uint8)
    elif kind < 0.6:
        grey = result.mean(axis=2, keepdims=True)
        keep = rng.uniform(0, 0.7)
        result = (keep * result + (1 - keep) * grey).astype(np.uint8)
    return result


def _index_by_category(scenes: list[Scene]) -> dict[int, list[tuple[Scene, tuple[int, int]]]]:
    """For each code: where to find it (one place per scene that shows at least 40 pixels of it)."""
    index: dict[int, list[tuple[Scene, tuple[int, int]]]] = defaultdict(list)
    rng = np.random.default_rng(0)
    for scene in scenes:
        codes = np.asarray(scene.codes)
        counts = np.bincount(codes.ravel(), minlength=256)
        for code in np.flatnonzero(counts[: labels.IGNORE] >= 40):
            if code in (labels.CODES["STUFF"], labels.CODES["NOT_VOC"], labels.CODES["NOT_PERSON"]):
                continue
            ys, xs = np.nonzero(codes == code)
            for pick in rng.integers(len(ys), size=2):
                index[int(code)].append((scene, (int(xs[pick]), int(ys[pick]))))
    return dict(index)
