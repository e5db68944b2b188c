"""Recipe: a first network of ours names the stuff that the labels at hand leave open; the second one learns from it.

    python experiments/training/make_self_labels.py --shared ../shared --pseudo out/pseudo_voc \
        --weights out/segmenter/segmenter.safetensors --out out/self_labels

For photos labelled by the VOC teacher and COCO pictures with things-only masks: where the code is a set ("none of the
VOC objects", "some stuff") and the network, shown the picture as it is and mirrored, is sure of one category of the
set, that category is written down. Everything else stays as it was. The held-out part is never labelled.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.experiments.training import labels, scenes
from semcom.semantic.extract.segmenter import Segmenter


def refine(scene: scenes.Scene, segmenter: Segmenter, least_score: float) -> Image.Image:
    """Codes of the scene, with sure categories in place of sets."""
    codes = np.array(scene.codes)
    probability = segmenter.probabilities(np.asarray(scene.image))
    for name in ("STUFF", "NOT_VOC"):
        allowed = labels.allowed_table()[labels.CODES[name]][:, None, None]
        within = probability * allowed / np.maximum((probability * allowed).sum(axis=0), 1e-6)
        plausible = (probability * allowed).sum(axis=0) > 0.5
        best = np.where((within.max(axis=0) >= least_score) & plausible, within.argmax(axis=0), labels.IGNORE)
        best = Image.fromarray(best.astype(np.uint8)).resize(scene.codes.size, Image.Resampling.NEAREST)
        best = np.asarray(best)
        sure = (codes == labels.CODES[name]) & (best != labels.IGNORE)
        codes[sure] = best[sure]
    return Image.fromarray(codes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--pseudo", type=Path, required=True, help="folder written by make_pseudo_labels.py")
    parser.add_argument("--weights", type=Path, required=True, help="weights of the first run")
    parser.add_argument("--least-score", type=float, default=0.6)
    parser.add_argument("--out", type=Path, default=Path("out/self_labels"))
    arguments = parser.parse_args()
    segmenter = Segmenter(arguments.weights)
    pictures = scenes.coco(arguments.shared, "things", held_out=False)
    pictures += scenes.pseudo_labelled(arguments.shared, arguments.pseudo)
    named = total = 0
    for number, scene in enumerate(pictures):
        codes = refine(scene, segmenter, arguments.least_score)
        target = scenes.self_label_path(arguments.out, scene)
        target.parent.mkdir(parents=True, exist_ok=True)
        codes.save(target)
        before, after = (np.isin(np.asarray(c), (50, 51)).sum() for c in (scene.codes, codes))
        named, total = named + before - after, total + before
        if number % 100 == 0:
            print(
                f"{number} of {len(pictures)}; {100 * named / max(total, 1):.0f} % of the open pixels named", flush=True
            )


if __name__ == "__main__":
    main()
