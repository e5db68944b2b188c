"""Labels that keep to the segments: every area between boundaries takes the category most of its pixels vote for."""

from __future__ import annotations

import numpy as np

from semcom.semantic.vocabulary import NO_LABEL


def vote_in_regions(labels: np.ndarray, score: np.ndarray, regions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One label a region.

    Pixels vote for their label with the weight of their score. Boundaries are found more exactly than categories, so
    that edges get sharper and specks vanish.

    Parameters
    ----------
    labels : uint8 [height, width]
    score : float32 [height, width]
        0..1
    regions : int32 [height, width]
        Numbered from 0.

    Returns
    -------
    labels : uint8 [height, width]
    score : float32 [height, width]
        Mean score of the pixels that voted for the winner.
    """
    count = int(regions.max()) + 1
    ballot = regions.astype(np.int64) * (NO_LABEL + 1) + labels
    votes = np.bincount(ballot.ravel(), score.ravel(), count * (NO_LABEL + 1)).reshape(count, NO_LABEL + 1)
    winner = votes.argmax(1)
    voters = np.bincount(ballot.ravel(), minlength=count * (NO_LABEL + 1)).reshape(votes.shape)
    sureness = votes.max(1) / np.maximum(voters[np.arange(count), winner], 1)
    return winner.astype(np.uint8)[regions], sureness.astype(np.float32)[regions]
