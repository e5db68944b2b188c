"""Recipe: the word head, from photos with people's captions.

    python experiments/training/train_word_head.py --shared ../shared --cache out/word_features.npz --out out/word_head

For each caption word the target is whether any of a photo's captions has it. Photos without captions whose objects are
known (VOC 2012 train, COCO) teach what is certain: no person, so no man who holds anything; one dog, so "dog".
Features of the frozen backbone, standardised, turned into their main directions (weighted by their size, so that
small ones teach little), and one logistic regression a word with a common weight decay, by L-BFGS. Then `fusion`, one
logistic regression for all words that the backbone names too, on predictions for folds that took no part. Reports the
held-out photos (`caption_texts`), which take no part in anything.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn.functional import binary_cross_entropy_with_logits

from semcom.experiments.training.caption_texts import CaptionedPhoto, captioned_photos, tokens
from semcom.experiments.training.object_labels import LabelledPhoto, labelled_photos
from semcom.semantic.captioning.picture_words import basic_probabilities, look
from semcom.semantic.nets.backbone_views import shared_views
from semcom.semantic.nets.loading import save_weights
from semcom.semantic.nets.word_head import WordHead
from semcom.semantic.word_lists import caption_words

LEAST_PHOTOS = 6
RANK = 400
POWER = 0.75
DECAY = 3e-3
FOLDS = 4
OTHERS_WEIGHT = 0.5
"""Of what object labels say, beside what captions say."""


def features_of(photos: Sequence[CaptionedPhoto | LabelledPhoto], cache: Path) -> tuple[np.ndarray, np.ndarray]:
    """Features float32 [N, 2680] and word probabilities float16 [N, 10, 1000], kept in a file."""
    names = [photo.name for photo in photos]
    if cache.exists():
        stored = np.load(cache)
        if stored["names"].tolist() == names:
            return stored["features"], stored["probabilities"]
    views = shared_views()
    features, probabilities = [], []
    for number, photo in enumerate(photos):
        with Image.open(photo.path) as image:
            row, words = look(views, np.asarray(image.convert("RGB")))
        features.append(row), probabilities.append(words.astype(np.float16))
        if number % 200 == 0:
            print(f"{number} of {len(photos)} photos", flush=True)
    cache.parent.mkdir(parents=True, exist_ok=True)
    np.savez(cache, names=names, features=np.array(features, np.float32), probabilities=np.array(probabilities))
    return np.array(features, np.float32), np.array(probabilities)


def targets(photos: list[CaptionedPhoto]) -> tuple[list[str], np.ndarray]:
    """Words that enough training photos have, and float32 [N, words]: whether a photo's captions have them."""
    known = caption_words()
    said = [{t for caption in photo.captions for t in tokens(caption) if t in known} for photo in photos]
    counts = Counter(word for words, photo in zip(said, photos, strict=True) if not photo.held_out for word in words)
    words = [word for word, count in counts.most_common() if count >= LEAST_PHOTOS]
    return words, np.array([[word in one for word in words] for one in said], np.float32)


def partial_targets(photos: list[LabelledPhoto], words: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Targets float32 [N, words] and where they are known, from counted objects."""
    said = np.zeros((len(photos), len(words)), np.float32)
    known = np.zeros_like(said)
    for row, photo in enumerate(photos):
        for column, word in enumerate(words):
            answer = photo.says(word)
            if answer is not None:
                said[row, column], known[row, column] = answer, 1
    return said, known


def fit(features: np.ndarray, said: np.ndarray, known: np.ndarray) -> WordHead:
    """A head for features float32 [N, 2680] and targets float32 [N, words], where they are `known` (0 or 1)."""
    mean, spread = features.mean(axis=0), features.std(axis=0) + 0.03
    standard = (features - mean) / spread
    _, singular, directions = np.linalg.svd(standard, full_matrices=False)
    directions = directions[:RANK].T
    scale = (singular[:RANK] / singular[0]) ** POWER / (standard @ directions).std(axis=0)
    matrix = (directions * scale) / spread[:, None]
    head = WordHead(said.shape[1], RANK)
    with torch.no_grad():
        head.reduce.weight.copy_(torch.from_numpy(matrix.T.astype(np.float32)))
        head.reduce.bias.copy_(torch.from_numpy((-mean @ matrix).astype(np.float32)))
        head.words.weight.zero_()
        share = (said * known).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        head.words.bias.copy_(torch.logit(torch.from_numpy(share.astype(np.float32)).clamp(1e-3, 1 - 1e-3)))
        x = head.reduce(torch.from_numpy(features))
    y, weight = torch.from_numpy(said), torch.from_numpy(known)
    optimizer = torch.optim.LBFGS(head.words.parameters(), max_iter=50, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = binary_cross_entropy_with_logits(head.words(x), y, weight=weight, reduction="sum") / weight.sum()
        loss = loss + DECAY * head.words.weight.square().sum() / said.shape[1]
        loss.backward()
        return loss

    optimizer.step(closure)
    return head.requires_grad_(False)


def fit_fusion(head_logits: np.ndarray, words: list[str], probabilities: np.ndarray, said: np.ndarray) -> torch.Tensor:
    """The four numbers that join our logit with the backbone's two, for words that both know."""
    whole = [basic_probabilities(row[0].astype(np.float32)) for row in probabilities]
    best = [basic_probabilities(row[1:].astype(np.float32).max(axis=0)) for row in probabilities]
    rows, truth = [], []
    for column, word in enumerate(words):
        if word not in whole[0]:
            continue
        for number in range(len(said)):
            p, q = whole[number][word], best[number][word]
            if p > 0.01 or head_logits[number, column] > -3.5:
                rows.append((head_logits[number, column], _logit(p), _logit(min(q, 1.0)), 1.0))
                truth.append(said[number, column])
    x, y = torch.tensor(rows, dtype=torch.float32), torch.tensor(truth)
    weights = torch.tensor([1.0, 0.0, 0.0, 0.0], requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = binary_cross_entropy_with_logits(x @ weights, y)
        loss.backward()
        return loss

    optimizer.step(closure)
    return weights.detach()


def _logit(probability: float) -> float:
    return float(np.log((probability + 1e-4) / (1 - probability + 1e-4)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--cache", type=Path, default=Path("out/word_features.npz"))
    parser.add_argument("--out", type=Path, default=Path("out/word_head"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    photos = captioned_photos(arguments.shared)
    features, probabilities = features_of(photos, arguments.cache)
    words, said = targets(photos)
    held_out = np.array([photo.held_out for photo in photos])
    train = np.flatnonzero(~held_out)
    others = labelled_photos(arguments.shared)
    other_features, _ = features_of(others, arguments.cache.with_stem(arguments.cache.stem + "_labelled"))
    other_said, other_known = partial_targets(others, words)

    def fit_with_others(rows: np.ndarray) -> WordHead:
        known = np.concatenate([np.ones_like(said[rows]), OTHERS_WEIGHT * other_known])
        return fit(np.concatenate([features[rows], other_features]), np.concatenate([said[rows], other_said]), known)

    fold = np.random.default_rng(0).integers(FOLDS, size=len(train))
    logits = np.zeros((len(train), len(words)), np.float32)
    for number in range(FOLDS):
        kept, out = train[fold != number], train[fold == number]
        logits[fold == number] = fit_with_others(kept)(torch.from_numpy(features[out])).numpy()
    head = fit_with_others(train)
    head.fusion.copy_(fit_fusion(logits, words, probabilities[train], said[train]))
    facts = {"model": "word_head", "network": "WordHead", "recipe": "experiments/training/train_word_head.py"}
    facts |= {"words": " ".join(words), "photos": str(len(train))}
    save_weights(arguments.out / "word_head.safetensors", head, facts)
    probability = torch.sigmoid(head(torch.from_numpy(features[held_out]))).numpy()
    print(f"{len(train)} photos, {len(words)} words, fusion {head.fusion.tolist()}; {held_out.sum()} held out:")
    for least in (0.4, 0.5, 0.6):
        chosen = probability > least
        print(f"  probability > {least}: right {said[held_out][chosen].mean():.3f}, {chosen.sum(1).mean():.2f} a photo")


if __name__ == "__main__":
    main()
