"""Recipe of the priors of the map coders: `semantic/coding/{label_map,binary_map}.prior.npz`.

The coders code training maps one after another and keep what they learned about shapes; counters about certain labels
are forgotten between maps. Maps: CamVid train without the drive of its val part, COCO dense and BSDS500 train, at full,
half and quarter resolution, half of them smoothed as networks smooth; none that `coding_sizes.py` measures.

    python -m semcom.experiments.semantic.coding_priors --data ../shared/data

Running it changes the byte format: golden files in tests/data/coding must be made anew, with a new format version.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter
from skimage.morphology import skeletonize

from semcom.semantic.coding import binary_map, label_map, label_model
from semcom.semantic.coding.mixing import NEW_COUNTER
from semcom.semantic.coding.prior import save_prior
from semcom.semantic.extract.detailer import boundaries

CAMVID_LABELS, COCO_LABELS = 12, 250
HELD_OUT = 20  # every so many COCO maps


def camvid_maps(data: Path) -> list[np.ndarray]:
    """CamVid training maps without drive 0016E5, every fifth."""
    paths = sorted((data / "camvid/train/masks").glob("*.png"))
    return [np.array(Image.open(path)) for path in paths if "0016E5" not in path.name][::5]


def coco_maps(data: Path, held_out: bool) -> list[np.ndarray]:
    """COCO dense maps as 0..249 and 255; those kept for measurements, or the others."""
    paths = sorted((data / "coco/masks_dense").glob("*.png"))
    maps = [np.array(Image.open(p)) for i, p in enumerate(paths) if (i % HELD_OUT == 0) == held_out]
    return [np.where(labels == 0, 255, labels - 1).astype(np.uint8) for labels in maps]


def region_borders(path: Path, step: int) -> np.ndarray:
    """Pixels of a region map whose right or lower neighbour belongs to another region, bool [height, width]."""
    regions = np.array(Image.open(path)).astype(np.int64)[step // 2 :: step, step // 2 :: step]
    borders = np.zeros(regions.shape, dtype=bool)
    borders[:, :-1] |= regions[:, 1:] != regions[:, :-1]
    borders[:-1] |= regions[1:] != regions[:-1]
    return borders


def smoothed(labels: np.ndarray, sigma: float) -> np.ndarray:
    """The label that weighs most under a Gaussian window at each pixel."""
    present = np.unique(labels)
    weights = [gaussian_filter((labels == label).astype(np.float32), sigma) for label in present]
    return present[np.argmax(weights, axis=0)]


def label_maps(data: Path, rng: np.random.Generator) -> Iterator[tuple[np.ndarray, int]]:
    """Training maps in random order, each with its number of labels."""
    maps = [(m, CAMVID_LABELS) for m in camvid_maps(data)] + [(m, COCO_LABELS) for m in coco_maps(data, False)]
    for step in (1, 2, 4, 2, 4):
        for i in rng.permutation(len(maps)):
            labels, num_labels = maps[i]
            if rng.random() < 0.5:
                labels = labels[:, ::-1]
            labels = labels[step // 2 :: step, step // 2 :: step]
            yield (smoothed(labels, rng.uniform(0.7, 3)) if rng.random() < 0.5 else labels), num_labels


def train_label_map(data: Path, rng: np.random.Generator) -> None:
    """Make `label_map.prior.npz`."""
    mixer = label_model.new_model()
    for labels, num_labels in label_maps(data, rng):
        for first, end in label_model.LABEL_BLOCKS:
            mixer.counters[first:end] = NEW_COUNTER
        label_map.code_with(lambda: mixer, np.ascontiguousarray(labels), num_labels)
    for first, end in label_model.LABEL_BLOCKS:
        mixer.counters[first:end] = NEW_COUNTER
    save_prior(Path(label_map.__file__).with_name("label_map.prior.npz"), mixer)


def train_binary_map(data: Path, rng: np.random.Generator) -> None:
    """Make `binary_map.prior.npz`."""
    mixer = binary_map.new_model()
    paths = sorted((data / "bsds500/train/segments").glob("*.png"))
    for _ in range(2):
        for i in rng.permutation(len(paths)):
            strength = np.array(Image.open(data / "bsds500/train/edges" / paths[i].name)) / np.float32(255)
            half = np.array(Image.fromarray(strength).reduce(2))
            for contours in (
                region_borders(paths[i], int(rng.choice((1, 2, 3)))),
                boundaries(half if rng.random() < 0.7 else strength, rng.uniform(0.4, 0.9)),
                skeletonize(strength > rng.uniform(0.2, 0.7)),
            ):
                if rng.random() < 0.5:
                    contours = contours[:, ::-1]
                binary_map.code_with(lambda: mixer, np.ascontiguousarray(contours))
    save_prior(Path(binary_map.__file__).with_name("binary_map.prior.npz"), mixer)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    for train in (train_label_map, train_binary_map):
        train(arguments.data, np.random.default_rng(arguments.seed))


if __name__ == "__main__":
    main()
