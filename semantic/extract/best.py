"""The segmenter and the captioner that see most here: on the pretrained backbone where it is, else the small ones.

A part that only stands in says so in its `note`, which the sender is shown.
"""

from __future__ import annotations

from semcom.semantic.errors import ModelError
from semcom.semantic.extract.captioner import ComposedCaptioner
from semcom.semantic.extract.describing import DescribingCaptioner
from semcom.semantic.extract.scene_segmenter import SceneSegmenter
from semcom.semantic.extract.segmenter import Segmenter


def best_segmenter(threads: int = 1) -> SceneSegmenter | Segmenter:
    """The segmenter on the backbone; the small one where the backbone cannot be had.

    Raises
    ------
    ModelError
        Neither can be made.
    """
    try:
        return SceneSegmenter(threads=threads)
    except ModelError as error:
        small = Segmenter(threads=threads)
        small.note = f"the small segmenter serves: {error}"
        return small


def best_captioner(threads: int = 1) -> DescribingCaptioner | ComposedCaptioner:
    """The captioner with words of the backbone; the one that composes from maps where the backbone cannot be had."""
    try:
        return DescribingCaptioner(threads=threads)
    except ModelError as error:
        composed = ComposedCaptioner()
        composed.note = f"captions are composed from maps alone: {error}"
        return composed
