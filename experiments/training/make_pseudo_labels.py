"""Recipe: let a published VOC segmenter label photos that have no labels.

    python experiments/training/make_pseudo_labels.py --shared ../shared --out out/pseudo_voc

The teacher (DeepLab v3, MobileNet v2, quantised) sees every photo as it is and mirrored; pixels on which the two views
agree are kept, the rest becomes 255. Where people captioned the photo (Flickr8k), its animals are corrected by what
they wrote: the teacher takes many a dog for a cat, a cow or a sheep. Needs the package `ai-edge-litert`, which nothing
else here needs. Takes about 2 minutes on one core. The teacher only labels: no weight of it enters our networks.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

TEACHER = "weights/coral/deeplabv3_mnv2_pascal_quant.tflite"
SIDE = 513


class VocTeacher:
    """DeepLab v3 as published: uint8 [513, 513, 3] in, VOC class per pixel out."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(str(path), num_threads=threads)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]

    def __call__(self, image: Image.Image) -> np.ndarray:
        """VOC classes uint8 [H, W] of an RGB image, at its size."""
        scale = SIDE / max(image.size)
        width, height = (max(1, min(SIDE, round(side * scale))) for side in image.size)
        canvas = np.full((1, SIDE, SIDE, 3), 127, np.uint8)
        canvas[0, :height, :width] = np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))
        self._interpreter.set_tensor(self._input, canvas)
        self._interpreter.invoke()
        labels = self._interpreter.get_tensor(self._output)[0, :height, :width].astype(np.uint8)
        return np.asarray(Image.fromarray(labels).resize(image.size, Image.Resampling.NEAREST))


def label_with_agreement(teacher: VocTeacher, image: Image.Image) -> np.ndarray:
    """VOC classes uint8 [H, W]; 255 where the picture and its mirror image are seen differently."""
    plain = teacher(image)
    mirrored = teacher(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT))[:, ::-1]
    return np.where(plain == mirrored, plain, 255).astype(np.uint8)


ANIMALS = {"bird": 3, "cat": 8, "cow": 10, "dog": 12, "horse": 13, "sheep": 17}
"""VOC classes of animals, by the word that captions use."""
_OTHER_WORDS = {"birds": "bird", "seagull": "bird", "duck": "bird", "kitten": "cat", "cats": "cat", "cows": "cow",
                "bull": "cow", "dogs": "dog", "puppy": "dog", "puppies": "dog", "greyhound": "dog", "greyhounds": "dog",
                "poodle": "dog", "horses": "horse", "pony": "horse", "lamb": "sheep"}  # fmt: skip


def correct_animals(labels: np.ndarray, captions: list[str]) -> np.ndarray:
    """VOC classes uint8 [H, W] with animals as the captions say; 255 where the captions do not name the animal seen."""
    words = Counter()
    for caption in captions:
        said = {_OTHER_WORDS.get(word, word) for word in re.findall(r"[a-z]+", caption.lower())}
        words.update(said & ANIMALS.keys())
    mentioned = [animal for animal, count in words.items() if count >= 2]
    corrected = labels.copy()
    seen = np.isin(labels, list(ANIMALS.values()))
    if len(mentioned) == 1:
        corrected[seen] = ANIMALS[mentioned[0]]
    else:
        corrected[seen & ~np.isin(labels, [ANIMALS[animal] for animal in mentioned])] = 255
    return corrected


def captions_by_file(shared: Path) -> dict[str, list[str]]:
    """Captions of the Flickr8k photos."""
    with (shared / "data/flickr8k/captions.jsonl").open(encoding="utf-8") as lines:
        return {Path(entry["file"]).name: entry["captions"] for entry in map(json.loads, lines)}


def unlabelled_photos(shared: Path) -> list[Path]:
    """Photos of the shared data without segmentation labels that no measurement uses."""
    data = shared / "data"
    labelled = {path.stem for kind in ("dense", "things") for path in (data / f"coco/masks_{kind}").glob("*.png")}
    photos = sorted(path for path in (data / "coco/images").glob("*.jpg") if path.stem not in labelled)
    photos += sorted((data / "flickr8k/images").rglob("*.jpg"))
    photos += sorted((data / "bsds500/train/images").glob("*.jpg"))
    for sequence in sorted((data / "sequences").iterdir()):
        photos += sorted((sequence / "images").iterdir())[::8]
    return photos


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, default=Path("out/pseudo_voc"))
    arguments = parser.parse_args()
    teacher = VocTeacher(arguments.shared / TEACHER)
    photos, captions = unlabelled_photos(arguments.shared), captions_by_file(arguments.shared)
    for number, path in enumerate(photos):
        with Image.open(path) as image:
            labels = label_with_agreement(teacher, image.convert("RGB"))
        if path.name in captions:
            labels = correct_animals(labels, captions[path.name])
        target = arguments.out / path.relative_to(arguments.shared / "data").with_suffix(".png")
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(labels).save(target)
        if number % 100 == 0:
            print(f"{number} of {len(photos)}", flush=True)


if __name__ == "__main__":
    main()
