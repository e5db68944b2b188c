"""Recipe: a first network of ours, helped by captions, names the stuff that the labels at hand leave open.

    python experiments/training/make_self_labels.py --shared ../shared --pseudo out/pseudo_voc \
        --weights out/segmenter/segmenter.safetensors --out out/self_labels

For photos labelled by the VOC teacher and COCO pictures with things-only masks: where the code is a set ("none of the
VOC objects", "some stuff"), the network looks at the picture as it is and mirrored, its probabilities within the set
are weighed by what people wrote about the photo (`caption_hints`), and where one category then stands out, it is
written down. Everything else stays as it was. The held-out part is never labelled.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.experiments.training import scenes
from semcom.experiments.training.caption_hints import captions_by_stem, hint
from semcom.semantic.benchmark import labels
from semcom.semantic.extract.segmenter import Segmenter

OPEN_SETS = ("STUFF", "NOT_VOC")


def refine(codes: np.ndarray, probability: np.ndarray, factors: np.ndarray, least_score: float) -> np.ndarray:
    """Codes uint8 [H, W] with categories in place of sets where one stands out.

    `probability` float32 [C, h, w] may be smaller than the codes; `factors` float32 [C] weigh the categories.
    """
    refined = codes.copy()
    for name in OPEN_SETS:
        allowed = labels.allowed_table()[labels.CODES[name]]
        weighed = probability * (allowed * factors)[:, None, None]
        plausible = np.tensordot(allowed, probability, axes=1) > 0.5
        share = weighed.max(axis=0) / np.maximum(weighed.sum(axis=0), 1e-9)
        best = np.where((share >= least_score) & plausible, weighed.argmax(axis=0), labels.IGNORE).astype(np.uint8)
        best = np.asarray(Image.fromarray(best).resize(codes.shape[::-1], Image.Resampling.NEAREST))
        named = (codes == labels.CODES[name]) & (best != labels.IGNORE)
        refined[named] = best[named]
    return refined


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--pseudo", type=Path, required=True, help="folder written by make_pseudo_labels.py")
    parser.add_argument("--weights", type=Path, required=True, help="weights of the first run")
    parser.add_argument("--least-score", type=float, default=0.5)
    parser.add_argument("--out", type=Path, default=Path("out/self_labels"))
    arguments = parser.parse_args()
    segmenter = Segmenter(arguments.weights)
    captions = captions_by_stem(arguments.shared)
    pictures = scenes.coco(arguments.shared, "things", held_out=False)
    pictures += scenes.pseudo_labelled(arguments.shared, arguments.pseudo)
    open_codes = [labels.CODES[name] for name in OPEN_SETS]
    still_open = total = 0
    for number, scene in enumerate(pictures):
        codes = np.asarray(scene.codes)
        factors = hint(captions.get(scene.name.partition("_")[2], []))
        refined = refine(codes, segmenter.probabilities(np.asarray(scene.image)), factors, arguments.least_score)
        target = scenes.self_label_path(arguments.out, scene)
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(refined).save(target)
        total, still_open = total + np.isin(codes, open_codes).sum(), still_open + np.isin(refined, open_codes).sum()
        if number % 100 == 0:
            print(f"{number} of {len(pictures)}; {100 - 100 * still_open / max(total, 1):.0f} % named", flush=True)


if __name__ == "__main__":
    main()
