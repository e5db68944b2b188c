"""A sentence as one vector: the sum of what each of its words adds, in the space of people's captions.

The table is that of the captioner (`nets.caption_space`), which was fitted to sentence embeddings; what two captions
have in common is so told even where their words differ.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import numpy as np

WEIGHTS = Path(__file__).resolve().parents[1] / "weights/caption_space.safetensors"
NUM_DIMENSIONS = 384
MAX_WORDS = 48
_WORD = re.compile(r"[^\W_]+")


def sentence_vector(text: str) -> np.ndarray:
    """float32 [384] of unit length; zeros for a text none of whose words is known. Needs torch."""
    words, every = _table()
    found = [words[word] for word in _WORD.findall(text.lower())[:MAX_WORDS] if word in words]
    if not found:
        return np.zeros(NUM_DIMENSIONS, np.float32)
    vector = np.sum(found, axis=0) + every
    return (vector / max(float(np.linalg.norm(vector)), 1e-6)).astype(np.float32)


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, np.ndarray], np.ndarray]:
    """What each word adds, and what every sentence has."""
    from semcom.semantic.nets.caption_space import CaptionSpace
    from semcom.semantic.nets.loading import load_weights, read_header

    known = read_header(WEIGHTS)[1].get("words", "").split(" ")
    space = CaptionSpace(len(known))
    load_weights(WEIGHTS, space)
    rows = space.words.numpy()
    return dict(zip(known, rows, strict=False)), rows[-1]
