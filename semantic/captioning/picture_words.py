"""Words for a whole picture: what people would say of it, and what the backbone names in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from semcom.semantic.captioning.closeness import Closeness, WordVectors
from semcom.semantic.nets.learned import learned
from semcom.semantic.word_lists import NamedClass, named_classes

WEIGHTS = Path(__file__).parents[1] / "weights" / "word_head.safetensors"
SPACE_WEIGHTS = WEIGHTS.with_name("caption_space.safetensors")
RATHER_SURE = 0.5
_FLOOR = 1e-4  # keeps logits finite


@dataclass(frozen=True)
class WordEvidence:
    """What is known in words.

    Attributes
    ----------
    said : mapping of str to float
        Caption word → probability that people would use it for this picture.
    named : sequence of (NamedClass, float)
        What the whole picture shows, by the backbone: fine words with their probability, most probable first.
    basic : mapping of str to float
        Probability of each basic word for the whole picture.
    parts : sequence of (NamedClass, float, int)
        What windows of the picture show: fine words with the probability of the surest window and how many windows
        are rather sure, surest first.
    closeness : Closeness or None
        How near a phrase is to what people would say of the whole picture; None where that is not known.
    """

    said: Mapping[str, float]
    named: tuple[tuple[NamedClass, float], ...]
    basic: Mapping[str, float]
    parts: tuple[tuple[NamedClass, float, int], ...] = ()
    closeness: Closeness | None = None


class PictureWords:
    """Picture → `WordEvidence`, by the pretrained backbone, the word head and the caption space.

    Raises
    ------
    ModelError
        torch or the backbone's package is missing, or weights are damaged.
    """

    def __init__(self, weights: Path = WEIGHTS, threads: int = 1) -> None:
        with learned():
            from semcom.semantic.nets.backbone_views import shared_views
            from semcom.semantic.nets.caption_space import CaptionSpace
            from semcom.semantic.nets.loading import load_weights, read_header
            from semcom.semantic.nets.word_head import WordHead
        self.threads = threads
        self.words = tuple(read_header(weights)[1].get("words", "").split(" "))
        self._views = shared_views()
        self._head = WordHead(len(self.words))
        load_weights(weights, self._head)
        known = read_header(SPACE_WEIGHTS)[1].get("words", "").split(" ")
        self._space = CaptionSpace(len(known))
        load_weights(SPACE_WEIGHTS, self._space)
        table = self._space.words.numpy()
        self._vectors = WordVectors(dict(zip(known, table, strict=False)), table[-1])

    def __call__(self, image: np.ndarray) -> WordEvidence:
        """image uint8 [height, width, 3] → its words."""
        features, probabilities = look(self._views, image, self.threads)
        heard = evidence(self._head, self.words, features, probabilities)
        return replace(heard, closeness=Closeness(self._meaning(features), self._vectors))

    def _meaning(self, features: np.ndarray) -> np.ndarray:
        """float32 [384]: the vector that captions of the picture would have."""
        import torch

        with torch.inference_mode():
            return self._space(self._head.reduce(torch.from_numpy(features)[None]))[0].numpy()


def look(views, image: np.ndarray, threads: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """What the word head is given of a picture, and what the backbone itself says.

    Parameters
    ----------
    views : nets.backbone_views.BackboneViews
    image : uint8 [height, width, 3]
    threads : int

    Returns
    -------
    features : float32 [2680]
        Mean over the views.
    words : float32 [10, 1000]
        Word probabilities of the first view: the whole picture, then nine windows.
    """
    import torch

    from semcom.semantic.nets.backbone_views import Threads
    from semcom.semantic.nets.word_head import VIEWS, picture_features, window_word_probabilities

    rows, words = [], None
    for longer_side_px, mirrored in VIEWS:
        pyramid = views.pyramid(image, longer_side_px, mirrored, threads)
        with Threads(threads), torch.inference_mode():
            embedding = views.backbone.embedding(pyramid[32])
            rows.append(picture_features(pyramid, embedding)[0].numpy())
            if words is None:
                words = window_word_probabilities(views.backbone, embedding).numpy()
    return np.mean(rows, axis=0), words


def evidence(head, words: tuple[str, ...], features: np.ndarray, probabilities: np.ndarray) -> WordEvidence:
    """What a head makes of a picture's features and the backbone's word probabilities."""
    import torch

    with torch.inference_mode():
        logits = head(torch.from_numpy(features)[None].float())[0].numpy()
    whole, best = basic_probabilities(probabilities[0]), _most(probabilities[1:])
    weight = head.fusion.numpy()
    said = {}
    for word, logit in zip(words, logits, strict=True):
        if word in whole:
            parts = (logit, _logit(whole[word]), _logit(best[word]), 1.0)
            logit = float(np.dot(weight, parts))
        said[word] = float(1 / (1 + np.exp(-logit)))
    order = np.argsort(-probabilities[0])[:8]
    classes = named_classes()
    named = tuple((classes[i], float(probabilities[0, i])) for i in order if classes[i].word)
    return WordEvidence(said, named, whole, _parts(probabilities[1:]))


def _parts(windows: np.ndarray) -> tuple[tuple[NamedClass, float, int], ...]:
    """The surest words of windows, float32 [windows, 1000]; see `WordEvidence.parts`."""
    classes, best = named_classes(), windows.max(axis=0)
    order = [int(i) for i in np.argsort(-best)[:8] if classes[i].word]
    return tuple((classes[i], float(best[i]), int((windows[:, i] > RATHER_SURE).sum())) for i in order)


def basic_probabilities(probabilities: np.ndarray) -> dict[str, float]:
    """Probability of each basic word: the sum over its classes."""
    total: dict[str, float] = {}
    for named, probability in zip(named_classes(), probabilities.tolist(), strict=True):
        if named.basic:
            total[named.basic] = total.get(named.basic, 0.0) + probability
    return total


def _most(windows: np.ndarray) -> dict[str, float]:
    each = [basic_probabilities(window) for window in windows]
    return {basic: max(one[basic] for one in each) for basic in each[0]}


def _logit(probability: float) -> float:
    probability = min(max(probability, 0.0), 1.0)  # sums of rounded probabilities can exceed one
    return float(np.log((probability + _FLOOR) / (1 - probability + _FLOOR)))
