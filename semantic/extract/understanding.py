"""What the extractors say about one picture, together, at a bounded working size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from semcom.semantic.extract.captioner import compose_caption
from semcom.semantic.extract.detailer import segments
from semcom.semantic.extract.doubtful_areas import join_doubtful_areas
from semcom.semantic.extract.instances import InstanceRules, find_objects
from semcom.semantic.extract.region_voting import vote_in_regions
from semcom.semantic.extract.withheld_words import says_any, withheld_words
from semcom.semantic.layers import Caption, Objects, SceneObject
from semcom.semantic.layers.objects import quantise
from semcom.semantic.protocols import Captioner, Detector, GuardedCaptioner
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary

MAX_WORKING_SIDE_PX = 1536
"""Larger pictures are understood at a whole fraction of their size: nothing that is sent is finer than this."""

LEAST_AREA_SCORE = 0.75
"""Mean score from which walls, the ground or the sky are put into words: of 35 areas of 25 held-out photos 27 are
right, of the ten from this score on nine."""
MOST = 0.8
"""A picture of which more than this is withheld is not described by the rest."""
MOST_OF_BOX = 0.5
"""An object of whose box more than this is withheld is not told: its shape would show what was blanked."""


@dataclass(frozen=True)
class Understanding:
    """What was found.

    Attributes
    ----------
    reduction : int
        The working picture has 1/`reduction` of the picture's resolution, rounded up.
    picture : uint8 [rows, columns, 3]
        The working picture.
    labels : uint8 [rows, columns]
    score : float32 [rows, columns]
    boundary : float32 [rows, columns]
        Boundary probability.
    objects : Objects
        In pixels of the whole picture, as the receiver will see them.
    caption : Caption
    """

    reduction: int
    picture: np.ndarray
    labels: np.ndarray
    score: np.ndarray
    boundary: np.ndarray
    objects: Objects
    caption: Caption


def understand(
    image: np.ndarray,
    segmenter: Callable,
    detailer: Callable,
    rules: InstanceRules,
    voting_fineness: float,
    voting_kept_share: float,
    least_score_in_words: float,
    hidden: frozenset[int] = frozenset(),
    withheld: np.ndarray | None = None,
    captioner: Captioner = compose_caption,
    detector: Detector | None = None,
    namer: Callable | None = None,
) -> Understanding:
    """Ask both networks, settle the labels by regions and areas, find objects and name them, put it into words.

    Parameters
    ----------
    image : uint8 [height, width, 3]
    segmenter, detailer : callable
        Of the registry's kinds.
    rules : InstanceRules
    voting_fineness : float
        Of the regions in which pixels vote.
    voting_kept_share : float
        Labels with this share of their region's votes are not voted down.
    least_score_in_words : float
        Pixels less sure are not spoken of.
    hidden : frozenset of int
        Categories that must not be named whatever the networks see: their pixels take the label of their neighbours.
    withheld : bool [height, width], optional
        Where the picture has been blanked: there is no label there.
    captioner : Captioner
        Of the registry's kind; it is given the labels that are sure enough.
    detector : Detector or None
        Of the registry's kind; None finds objects in the class map by `rules`.
    namer : callable, optional
        (picture, objects, words that must not be said) → the objects with words: `object_namer.ObjectNamer`.
    """
    height, width = image.shape[:2]
    picture, reduction = working_picture(image)
    segmentation = segmenter(picture)
    boundary = detailer(picture)
    labels, score = segmentation.labels, segmentation.score
    if hidden:
        labels = without_categories(labels, hidden)
    labels, score = vote_in_regions(labels, score, segments(boundary, voting_fineness), voting_kept_share)
    labels = join_doubtful_areas(labels, score, boundary, segmenter.vocabulary)
    if withheld is not None:
        withheld = withheld[::reduction, ::reduction]
        labels = np.where(withheld, np.uint8(NO_LABEL), labels)
    people = getattr(segmentation, "people", None)
    if detector is None:
        found = find_objects(labels, score, segmenter.vocabulary, rules, people)
    elif getattr(detector, "of_map", False):  # there, nothing hidden is left
        found = detector(picture, labels, score, segmenter.vocabulary, people)
        found = replace(found, items=found.items[: rules.max_objects])
    else:
        found = _allowed(detector(picture, labels, score, segmenter.vocabulary), hidden, withheld, rules.max_objects)
    if namer is not None:
        found = namer(picture, found, withheld_words(hidden, segmenter.vocabulary))
    objects = quantise(_scaled(found, reduction, width, height))
    sure_labels = in_words(labels, score, segmenter.vocabulary, least_score_in_words)
    if hidden and isinstance(captioner, GuardedCaptioner):
        caption = captioner.caption_without(picture, sure_labels, found, hidden)
    else:
        caption = captioner(picture, sure_labels, found)
    if names_any(caption.text, hidden, segmenter.vocabulary):  # a captioner that looks at the picture for itself
        caption = compose_caption(picture, sure_labels, found)
    if withheld is not None and withheld.mean() > MOST:
        caption = Caption("Most of the picture is withheld.", ())
    return Understanding(reduction, picture, labels, score, boundary, objects, caption)


def in_words(labels: np.ndarray, score: np.ndarray, vocabulary: Vocabulary, least_score: float) -> np.ndarray:
    """The labels that may be put into words: pixels that are sure, and of what is no thing only areas that are.

    Objects have scores of their own; of a wall or the sky nothing else stands between a doubtful area and the caption.
    """
    sure = np.where(score >= least_score, labels, np.uint8(NO_LABEL))
    for category in vocabulary:
        area = sure == category.id
        if not category.isthing and area.any() and score[area].mean() < LEAST_AREA_SCORE:
            sure[area] = NO_LABEL
    return sure


def names_any(text: str, hidden: frozenset[int], vocabulary: Vocabulary) -> bool:
    """Whether a text has a word for one of some categories, for the group of one, or a word that belongs to one."""
    return says_any(text, withheld_words(hidden, vocabulary))


def working_picture(image: np.ndarray) -> tuple[np.ndarray, int]:
    """The picture at a size that bounds time and memory, and how many times smaller it is."""
    reduction = -(-max(image.shape[:2]) // MAX_WORKING_SIDE_PX)
    if reduction == 1:
        return image, 1
    return np.asarray(Image.fromarray(image).reduce(reduction)), reduction


def without_categories(labels: np.ndarray, hidden: frozenset[int]) -> np.ndarray:
    """Pixels of some categories take the label of the nearest other pixel; where there is none, no label."""
    from scipy import ndimage

    mask = np.isin(labels, list(hidden))
    if mask.all():
        return np.full_like(labels, NO_LABEL)
    if not mask.any():
        return labels
    nearest = ndimage.distance_transform_edt(mask, return_distances=False, return_indices=True)
    return labels[tuple(nearest)]


def _allowed(objects: Objects, hidden: frozenset[int], withheld: np.ndarray | None, most: int) -> Objects:
    """Objects of a detector that looks for itself: none of what is hidden, none where the picture is mostly blanked."""

    def is_seen(item: SceneObject) -> bool:
        x0, y0, x1, y1 = item.box
        blanked = 0.0 if withheld is None else withheld[y0:y1, x0:x1].mean()
        return item.category not in hidden and blanked <= MOST_OF_BOX

    kept = [item for item in objects.items if is_seen(item)][:most]
    items = tuple(replace(item, object_id=number) for number, item in enumerate(kept, start=1))
    return replace(objects, items=items)


def _scaled(objects: Objects, reduction: int, width: int, height: int) -> Objects:
    """Boxes of the working picture in pixels of the whole picture."""
    items = tuple(
        replace(
            item,
            box=tuple(min(edge * reduction, side) for edge, side in zip(item.box, (width, height) * 2, strict=True)),
        )
        for item in objects.items
    )
    return Objects(width, height, objects.vocabulary, items)
