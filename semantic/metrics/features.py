"""How near two pictures are to networks that come by pip: stand-ins for LPIPS and for the cosine of CLIP embeddings.

Neither is in the loss of any system here. `feature_distance` is by a segmenter that no system uses where the pretrained
backbone is installed; that backbone, whose embeddings `embedding_cosine` compares, also finds what senders put into
captions and maps.
"""

from __future__ import annotations

import numpy as np

from semcom.semantic import registry
from semcom.semantic.nets.learned import learned

VIEW_PX = 384
"""Longer side of a picture as the backbone sees it."""


def feature_distance(reference: np.ndarray, picture: np.ndarray) -> float:
    """Squared distance of unit-length features, averaged over places and over three layers: 0 for equal pictures, to 2.

    As LPIPS without its weights [Zhang 2018], by the encoder of the segmenter ``everyday``.

    Parameters
    ----------
    reference, picture : uint8 [height, width, 3]

    Raises
    ------
    ModelError
        The extra ``models`` is not installed.
    """
    if reference.shape != picture.shape:
        raise ValueError(f"picture must have the shape of reference {reference.shape}, got {picture.shape}")
    segmenter = registry.create("segmenters", "everyday")
    pairs = zip(segmenter.features(reference), segmenter.features(picture), strict=True)
    return float(np.mean([np.mean(((_unit(a) - _unit(b)) ** 2).sum(axis=0)) for a, b in pairs]))


def embedding_cosine(one: np.ndarray, other: np.ndarray) -> float:
    """Cosine of the mean embeddings of two pictures by the backbone, 0..1 for none of them is negative.

    Parameters
    ----------
    one, other : uint8 [height, width, 3]

    Raises
    ------
    ModelError
        The extra ``models`` is not installed.
    """
    with learned("names in pictures"):
        from semcom.semantic.nets.backbone_views import shared_views
    a, b = (shared_views().embedding(picture, VIEW_PX, 1) for picture in (one, other))
    return float(a @ b / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-12))


def _unit(features: np.ndarray) -> np.ndarray:
    """Of length one at each place."""
    return features / (np.linalg.norm(features, axis=0, keepdims=True) + 1e-6)
