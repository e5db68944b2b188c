"""Recipe: are mixed sets split into their sources? → docs/results/seb_splitting.md.

Run: ``python -m semcom.experiments.semantic.seb_splitting --shared ../shared``. Eight pictures of each source, evenly
spaced: the seven sequences and the drive of CamVid val. Sets: each source alone, all pairs, all triples. Features: the
trained projector, the backbone as it is, small pictures. ``--tune`` compares parts of the inertia on photos that train:
pictures of two drives of CamVid train, and windows that slide over photos.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.optimize import linear_sum_assignment

from semcom.experiments.training.learned_coding.photo_crops import training_photos
from semcom.semantic import load_picture
from semcom.semantic.systems.seb.kmeans import Clusters
from semcom.semantic.systems.seb.preset import Preset
from semcom.semantic.systems.seb.projector import VIEW_PX, load_projector
from semcom.semantic.systems.seb.splitting import best_of, clusterings, plain_features

REPOSITORY = Path(__file__).resolve().parents[2]
PICTURES, PART, SEED = 8, 0.7, 1
"""Of a source; side of a window that slides over a photo; of the random generators."""
SLIDING_PHOTOS, TUNING_SETS = 24, 40
INERTIA_LEFT = {"projector": (0.4,), "backbone as it is": (0.4, 0.5), "small pictures": (0.4,)}
"""The presets', which ``--tune`` found best of `TRIED` but for the backbone as it is, which has its own, too."""
TRIED = (0.3, 0.4, 0.5, 0.6)

Features = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Score:
    """Of some sets: share of which J is right, and of pictures that lie in the right subset."""

    sets: int
    right_number: float
    right_subset: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    shared = Path(os.environ.get("SEMCOM_SHARED", REPOSITORY.parent / "shared"))
    parser.add_argument("--shared", type=Path, default=shared)
    parser.add_argument(
        "--tune", action="store_true", help="compare parts of the inertia on photos that train; writes nothing"
    )
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "results")
    options = parser.parse_args()
    if options.tune:
        tune(tuning_sources(options.shared))
        return
    table = measured(sources(options.shared))
    (options.out / "seb_splitting.md").write_text(as_markdown(table), encoding="utf-8")
    print(as_markdown(table))


def ways() -> dict[str, Features]:
    """Features by name."""
    return {"projector": load_projector(), "backbone as it is": backbone_direction, "small pictures": plain_features}


def backbone_direction(image: np.ndarray) -> np.ndarray:
    """float32 [1280], of unit length: the backbone's pooled features without the projector."""
    from semcom.semantic.nets.backbone_views import shared_views

    features = shared_views().embedding(image, VIEW_PX, 1)
    return features / max(np.linalg.norm(features), 1e-12)


def spaced(paths: Sequence[Path]) -> list[Path]:
    return [paths[index] for index in np.linspace(0, len(paths) - 1, PICTURES).round().astype(int)]


def sources(shared: Path) -> list[list[np.ndarray]]:
    """Pictures that figures are measured on."""
    folders = [folder / "images" for folder in sorted((shared / "data/sequences").iterdir())]
    folders.append(shared / "data/camvid/val/images")
    return [[load_picture(path) for path in spaced(sorted(folder.iterdir()))] for folder in folders]


def tuning_sources(shared: Path) -> list[list[np.ndarray]]:
    """Pictures of training photos: parts of two drives, and windows that slide over photos."""
    frames = sorted((shared / "data/camvid/train/images").iterdir())
    found = []
    for drive in ("0001TP", "0006R0"):
        own = [path for path in frames if path.name.startswith(drive)]
        found.append([load_picture(path) for path in own[:PICTURES]])
    photos, rng = training_photos(shared), np.random.default_rng(SEED)
    for number in np.linspace(0, len(photos) - 1, SLIDING_PHOTOS).round().astype(int):
        found.append(sliding(load_picture(photos[number]), rng))
    return found


def sliding(photo: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Windows of `PART` of the sides of a photo, from one random place to another."""
    height, width = photo.shape[:2]
    size = (round(PART * height), round(PART * width))
    ends = rng.random((2, 2)) * (height - size[0], width - size[1])
    places = np.linspace(*ends, PICTURES).round().astype(int)
    return [np.asarray(Image.fromarray(photo[y : y + size[0], x : x + size[1]])) for y, x in places]


@dataclass(frozen=True)
class Mixed:
    """A set of several sources: which of them each picture is of, and the set split into 1, 2 … subsets."""

    truth: np.ndarray
    found: list[Clusters]

    @classmethod
    def of(cls, parts: Sequence[np.ndarray]) -> Mixed:
        """parts: features of each source, float32 [PICTURES, dimensions]."""
        truth = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        rng = np.random.default_rng(SEED)
        return cls(truth, clusterings(np.concatenate(parts), Preset.load().most_subsets, rng))


def score(sets: Sequence[Mixed], inertia_left: float) -> Score:
    """How sets are split under a limit; a picture is right in the subset that stands for its source."""
    numbers, shares = [], []
    for mixed in sets:
        labels = best_of(mixed.found, inertia_left).labels
        table = np.zeros((labels.max() + 1, mixed.truth.max() + 1))
        np.add.at(table, (labels, mixed.truth), 1)
        numbers.append(table.shape[0] == table.shape[1])
        shares.append(table[linear_sum_assignment(table, maximize=True)].sum() / len(labels))
    return Score(len(sets), float(np.mean(numbers)), float(np.mean(shares)))


def measured(pictures: list[list[np.ndarray]]) -> dict[str, list[Score]]:
    """By features: sources alone, pairs, triples."""
    table = {}
    for name, features_of in ways().items():
        features = [np.stack([features_of(image) for image in source]) for source in pictures]
        mixes = [[Mixed.of(parts) for parts in combinations(features, count)] for count in (1, 2, 3)]
        for left in INERTIA_LEFT[name]:
            table[f"{name}, {left}"] = [score(sets, left) for sets in mixes]
    return table


def tune(pictures: list[list[np.ndarray]]) -> None:
    """Print the scores of limits on random mixes of one, two and three sources."""
    for name, features_of in ways().items():
        features = [np.stack([features_of(image) for image in source]) for source in pictures]
        rng = np.random.default_rng(SEED)
        mixes = [
            [
                Mixed.of([features[n] for n in rng.choice(len(features), count, replace=False)])
                for _ in range(TUNING_SETS)
            ]
            for count in (1, 2, 3)
        ]
        for left in TRIED:
            told = " ".join(f"{one.right_number:.2f}/{one.right_subset:.3f}" for one in (score(m, left) for m in mixes))
            print(f"{name}, inertia_left {left}: {told}", flush=True)


def as_markdown(table: dict[str, list[Score]]) -> str:
    counts = [score.sets for score in next(iter(table.values()))]
    head = [f"one source ({counts[0]})", f"two ({counts[1]})", f"three ({counts[2]})"]
    lines = ["| features, part of the inertia | " + " | ".join(head) + " |", "|---|---|---|---|"]
    for name, scores in table.items():
        cells = [f"{one.right_number:.0%}, {one.right_subset:.1%}" for one in scores]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return PAGE.format(table="\n".join(lines))


PAGE = """# Image set splitting

```
python -m semcom.experiments.semantic.seb_splitting --shared ../shared
```

Eight pictures of each of eight sources, evenly spaced: the seven sequences and the drive of CamVid val. Each source
alone, all 28 pairs, all 56 triples. Told are the share of sets whose number of subsets J is right, and the share of
pictures that lie in the subset that stands for their source (the best assignment of subsets to sources). The projector
and small pictures split with `inertia_left` 0.4, the preset's; the backbone as it is also with 0.5.

{table}

No figure was tuned on these sources. `--tune` compares parts of the inertia on training photos (two drives of CamVid
train, windows that slide over 24 photos; 40 sets each of one, two and three sources); pictures in the right subset:

| features, part of the inertia | one source | two | three |
|---|---|---|---|
| projector, 0.4 (0.5) | 100 % (98.1 %) | 100 % (100 %) | 97.5 % (98.3 %) |
| backbone as it is, 0.4 (0.5) | 100 % (99.1 %) | 100 % (100 %) | 94.2 % (100 %) |
| small pictures, 0.4 (0.3) | 65.6 % (90.6 %) | 96.3 % (86.3 %) | 52.9 % (40.0 %) |

What this says:

- **The trained projector is no better than the backbone that it stands on.** With the same limit, 0.4, it is better;
  with a limit of its own the backbone as it is splits the sequences better, three sources most of all. A thousand
  photos and minutes of training add nothing to what ImageNet taught the backbone.
- Both leave a single scene whole more often than small pictures do, which split a camera that moves; with two sources
  none of the three is clearly ahead, and with three the projector has hardly more right than small pictures.
- **Three sources are told apart in less than half of the sets.** Of the 32 sets that the projector splits wrongly, 20
  stay whole and 12 become two; 19 have the horse's sequence in them. Of the pairs it takes that sequence for one with
  the dog's, and with the fixed indoor camera's, which by itself it splits in two.
- CamVid train, which trains the projector, has other pictures of the drive that CamVid val is of.

A further subset counts, since this page, by what all of them together leave: three scenes that are equally far apart
leave half of the inertia with two subsets and nearly nothing with three, and were one subset before.
"""


if __name__ == "__main__":
    main()
