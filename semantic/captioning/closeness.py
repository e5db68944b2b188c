"""How near a phrase is to what people would say of a picture: the cosine of two vectors in a space of sentences.

The picture's vector is predicted from the backbone's features, the phrase's is the sum of its words' vectors
(`nets.caption_space`). What fits together says more than each word by itself: of two words that are equally likely the
one that goes with the rest of the picture is preferred.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class WordVectors:
    """float32 [dimensions] of each caption word, and what every sentence has."""

    words: Mapping[str, np.ndarray]
    every: np.ndarray


@dataclass(frozen=True)
class Closeness:
    """Phrase → cosine with a picture's vector, -1 to 1.

    Parameters
    ----------
    picture : float32 [dimensions]
    vectors : WordVectors
    """

    picture: np.ndarray
    vectors: WordVectors
    _known: dict[tuple[str, ...], float] = field(default_factory=dict, compare=False)

    def __call__(self, words: Sequence[str]) -> float:
        """Of content words, in any order; words without a vector add nothing."""
        key = tuple(words)
        if key not in self._known:
            found = (self.vectors.words.get(word) for word in key)
            phrase = sum((vector for vector in found if vector is not None), self.vectors.every)
            length = float(np.linalg.norm(phrase) * np.linalg.norm(self.picture))
            self._known[key] = float(phrase @ self.picture) / length if length > 0 else 0.0
        return self._known[key]
