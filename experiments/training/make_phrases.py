"""Recipe: the phrase graph of the captioner, from caption texts.

    python experiments/training/make_phrases.py --shared ../shared --out semantic/weights/phrases-1.tsv.gz

Counts joints between two content words and rows of three in COCO's and Flickr8k's captions, but those of held-out
photos, and keeps what was counted at least twice. No sentence is kept.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from semcom.experiments.training.caption_texts import count_phrases, training_texts
from semcom.semantic.captioning.phrase_graph import save_phrases

LEAST_COUNT = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, default=Path("semantic/weights/phrases-1.tsv.gz"))
    arguments = parser.parse_args()
    texts = training_texts(arguments.shared)
    joints, threes = count_phrases(texts)
    joints = {key: count for key, count in joints.items() if count >= LEAST_COUNT}
    kept = {key for key, count in threes.items() if count >= LEAST_COUNT}
    save_phrases(arguments.out, joints, kept)
    print(f"{len(texts)} captions, {len(joints)} joints, {len(kept)} threes, {arguments.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
