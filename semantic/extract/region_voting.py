"""Labels that keep to the segments: what is rare between boundaries takes the category most pixels there vote for."""

from __future__ import annotations

import numpy as np

from semcom.semantic.vocabulary import NO_LABEL


def vote_in_regions(
    labels: np.ndarray, score: np.ndarray, regions: np.ndarray, kept_share: float
) -> tuple[np.ndarray, np.ndarray]:
    """Pixels whose label is rare in their region take the label most of the region votes for.

    Pixels vote for their label with the weight of their score. Boundaries are found more exactly than categories, so
    that edges get sharper and specks vanish. What a fair part of the region says stays: a boundary may have been
    missed, and behind it lies the pole or the person that would be voted down.

    Parameters
    ----------
    labels : uint8 [height, width]
    score : float32 [height, width]
        0..1
    regions : int32 [height, width]
        Numbered from 0.
    kept_share : float
        Labels with at least this share of their region's votes keep their pixels; above 1, one label a region is left.

    Returns
    -------
    labels : uint8 [height, width]
    score : float32 [height, width]
        Mean score of the pixels of the region that voted for the label.
    """
    count = int(regions.max()) + 1
    ballot = regions.astype(np.int64) * (NO_LABEL + 1) + labels
    votes = np.bincount(ballot.ravel(), score.ravel(), count * (NO_LABEL + 1)).reshape(count, NO_LABEL + 1)
    winner = votes.argmax(1).astype(np.uint8)
    sums = votes.sum(1, keepdims=True)
    share = np.divide(votes, sums, out=np.ones_like(votes), where=sums > 0)
    voted = np.where(share[regions, labels] >= kept_share, labels, winner[regions])
    voters = np.bincount(ballot.ravel(), minlength=count * (NO_LABEL + 1)).reshape(votes.shape)
    sureness = (votes / np.maximum(voters, 1)).astype(np.float32)
    return voted, sureness[regions, voted]
