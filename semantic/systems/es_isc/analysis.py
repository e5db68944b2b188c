"""What ES-ISC found in one picture, and what it has coded of it so far: a second budget does not pay again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from semcom.semantic.analysis import Analysis
from semcom.semantic.extract.instances import InstanceRules
from semcom.semantic.extract.object_namer import best_namer
from semcom.semantic.extract.understanding import Understanding, understand
from semcom.semantic.parts import part_of
from semcom.semantic.request import PartChoice
from semcom.semantic.systems.es_isc.operating_points import OperatingPoints
from semcom.semantic.systems.es_isc.preset import Preset, Profile
from semcom.semantic.systems.es_isc.sub_images import SceneCoder


@dataclass
class EsIscAnalysis(Analysis):
    """An analysis by ES-ISC. Each stage is computed when it is first needed, and kept. Of one thread at a time.

    Attributes
    ----------
    preset : Preset
    parts : mapping of str to PartChoice
        The system's own; the request may choose others.
    """

    preset: Preset
    parts: Mapping[str, PartChoice]

    @property
    def profile(self) -> Profile:
        """What bytes are for."""
        return self.preset.profile(self.request.profile or self.preset.default_profile)

    def look(self) -> None:
        self.seen  # noqa: B018  computed when first read, and kept

    @cached_property
    def seen(self) -> Understanding:
        """What the networks see in the picture as it may be shown."""
        preset = self.preset
        return understand(
            self.picture,
            part_of("segmenter", self.request, self.parts),
            part_of("detailer", self.request, self.parts),
            InstanceRules(max_objects=preset.max_objects),
            preset.voting_fineness,
            preset.voting_kept_share,
            preset.least_score_in_words,
            self.guard.hidden,
            self.guard.withheld,
            part_of("captioner", self.request, self.parts),
            part_of("detector", self.request, self.parts),
            best_namer(),
        )

    @cached_property
    def operating_points(self) -> OperatingPoints:
        """Every version of the layers of meaning."""
        return OperatingPoints(self.seen, self.preset, self.profile)

    @cached_property
    def scene(self) -> SceneCoder:
        """Codes the whole picture, and remembers what it tried."""
        return SceneCoder(self.picture, self.preset.scene_quick)
