"""How a sender of ES-ISC sees a picture: the measure of tasks where there is no truth."""

from __future__ import annotations

import numpy as np

from semcom.semantic import registry
from semcom.semantic.extract.instances import InstanceRules
from semcom.semantic.extract.understanding import Understanding, understand
from semcom.semantic.systems.es_isc.preset import Preset


class SenderView:
    """Class map, objects and caption by the parts of the system's preset.

    Parameters
    ----------
    segmenter, captioner : str or None
        Names in the registry in place of the preset's.

    Input
    -----
    picture : uint8 [height, width, 3]
        A rival's picture, too, is described as well as we can.

    Raises
    ------
    ModelError
        A network cannot be loaded.
    """

    def __init__(self, segmenter: str | None = None, captioner: str | None = None) -> None:
        self._preset = Preset.load()
        self._segmenter = registry.create("segmenters", segmenter or self._preset.segmenter)
        self._detailer = registry.create("detailers", self._preset.detailer)
        self._captioner = registry.create("captioners", captioner or self._preset.captioner)

    def __call__(self, picture: np.ndarray) -> Understanding:
        return understand(
            picture,
            self._segmenter,
            self._detailer,
            InstanceRules(max_objects=self._preset.max_objects),
            self._preset.voting_fineness,
            self._preset.voting_kept_share,
            self._preset.least_score_in_words,
            captioner=self._captioner,
        )
