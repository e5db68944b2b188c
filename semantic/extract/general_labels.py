"""In doubt the group: where no member of a group is likelier than all others of it together, its general word is said.

A truck that may be a car is a vehicle, not a car. Nothing is tuned: the member is named from half of its group's
probability on, where it is rather right than wrong if the group is.
"""

from __future__ import annotations

import numpy as np

from semcom.semantic.extract.segmenter import Segmentation, decided
from semcom.semantic.vocabulary import Vocabulary

MEMBER_SHARE = 0.5
"""Of a group's probability: members with less are not named."""


def decided_generally(probability: np.ndarray, vocabulary: Vocabulary, height: int, width: int) -> Segmentation:
    """The best category of each pixel of a picture, or its group's general one, each with its probability.

    Parameters
    ----------
    probability : float32 [C, h, w]
        Of the categories of `vocabulary`; of those that only speak for a group 0.
    vocabulary : Vocabulary
    height, width : int
        Of the picture.
    """
    worth, together = probability.copy(), {}
    for group, name in vocabulary.general:
        said = vocabulary[name].id
        together[said] = probability[[category.id for category in vocabulary.group(group)]].sum(axis=0)
        worth[said] = np.maximum(worth[said], MEMBER_SHARE * together[said])
    return decided(worth, height, width, together)
