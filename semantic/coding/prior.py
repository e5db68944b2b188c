"""What a map coder has learned before its first map: counters and weights from maps seen in training.

A short map pays for learning what edges look like; a coder that knows it already saves up to a seventh of the bytes.
Priors are integers in `label_map.prior.npz` and `binary_map.prior.npz`, part of the byte format: another file is
another format. `experiments/semantic/coding_priors.py` makes them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from semcom.semantic.coding.mixing import COUNT_MASK, NEW_COUNTER, Mixer
from semcom.semantic.errors import ModelError

_TRUST = 20
"""A counter from a prior learns as if it had seen at most this many decisions."""
_SEEN_OFTEN_ENOUGH = 8


def save_prior(path: Path, mixer: Mixer) -> None:
    """Write counters and weights of a trained model; counters that saw little are left out."""
    counts = mixer.counters & COUNT_MASK
    slots = np.flatnonzero(counts >= _SEEN_OFTEN_ENOUGH)
    np.savez_compressed(
        path,
        gaps=np.diff(slots, prepend=0).astype(np.uint32),
        probabilities=(mixer.counters[slots] >> 16).astype(np.uint16),
        counts=np.minimum(counts[slots], _TRUST).astype(np.uint8),
        weights=mixer.weights,
    )


def load_prior(name: str, mixer: Mixer) -> Mixer:
    """A copy of `mixer` that knows what the prior `name` holds.

    Raises
    ------
    ModelError : the file is missing or does not fit
    """
    path = Path(__file__).with_name(f"{name}.prior.npz")
    try:
        with np.load(path, allow_pickle=False) as file:
            slots, probabilities = np.cumsum(file["gaps"].astype(np.int64)), file["probabilities"]
            counts, weights = file["counts"], file["weights"]
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"prior of {name} must be readable, got: {error}") from None
    if weights.shape != mixer.weights.shape or (slots.size and slots[-1] >= mixer.counters.size):
        raise ModelError(f"prior of {name} must fit {list(mixer.weights.shape)} weights, got {list(weights.shape)}")
    counters = np.full(mixer.counters.size, NEW_COUNTER, dtype=np.uint32)
    middle = np.uint32(1 << 15)  # of the probabilities that share the stored 16 bits
    counters[slots] = (probabilities.astype(np.uint32) << 16) + (middle & ~np.uint32(COUNT_MASK)) + counts
    return mixer._replace(counters=counters, weights=weights.astype(np.int32))
