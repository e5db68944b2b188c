"""Seb: a set of pictures by patches that they have in common, sent once (Zheng et al., "Semantic Communications with
Explicit Semantic Base for Image Transmission").

```
code_set: pictures ─ split ─► subsets ─ k-means of patches ─► bases ──► semantic base, once for the set
                                               └─► which lies where ──► usage          ┐
                                               reference ─ blocks moved ─► compensation ├ each picture
                                               picture − reference ─ codec ─► residual  ┘
```

A picture that is coded alone has its bases, if any, in its own packet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from semcom.semantic.analysis import Analysis, Guard
from semcom.semantic.coding.patches import grid_of
from semcom.semantic.decoding import decode_any
from semcom.semantic.errors import RequestError
from semcom.semantic.layers import GROUP_SCOPE, Layer, LayerKey, LayerKind
from semcom.semantic.layers.semantic_base import MAX_CELLS, PATCH_SIDE
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.reconstruct import Reconstruction
from semcom.semantic.refinement import RefinementRequest
from semcom.semantic.request import DecodeOptions, EncodeRequest, PartChoice
from semcom.semantic.systems.seb.preset import Preset
from semcom.semantic.systems.seb.projector import compared
from semcom.semantic.systems.seb.splitting import split
from semcom.semantic.systems.seb.subset_coding import FIRST_BASE_NUMBER, code_picture_beside, code_subset

LAST_BASE_NUMBER = 255
Identity = tuple[int, int, int]


class Seb:
    """Seb, both halves.

    Parameters
    ----------
    preset : Preset or None
        None takes ``seb.yml``.
    """

    shares_layers = True
    """Photos of a command are coded together."""
    honours = frozenset({"budget_bytes", "without", "seed", "config"})
    profiles: tuple[str, ...] = ()
    parts: Mapping[str, PartChoice] = {}

    def __init__(self, preset: Preset | None = None) -> None:
        self.preset = Preset.load() if preset is None else preset
        self.name = self.preset.name

    def analyse(self, image: np.ndarray, request: EncodeRequest, guard: Guard) -> Analysis:
        """Nothing is found in a picture alone, uint8 [height, width, 3]: it is kept.

        Raises
        ------
        RequestError
            An unknown configuration key, a value out of its range, or more patches than a layer holds.
        """
        self.preset.configured(request.config)
        rows, columns = grid_of(image.shape[1], image.shape[0], PATCH_SIDE)
        if rows * columns > MAX_CELLS:
            raise RequestError(
                f"pictures of {self.name} must have at most {MAX_CELLS} patches of {PATCH_SIDE} × {PATCH_SIDE} pixels, "
                f"got {rows * columns}"
            )
        return Analysis(request, image, guard)

    def code(self, analysis: Analysis, budget_bytes: int | None, identity: Identity = (0, 0, 1)) -> SemanticPacket:
        """The packet of a picture by itself: bases that it uses several times are in it, if they are worth it."""
        base_key = LayerKey(*identity, FIRST_BASE_NUMBER)
        return self._subset([analysis], budget_bytes, [identity], base_key)[0]

    def code_set(
        self, analyses: Sequence[Analysis], budget_bytes: int | None, identities: Sequence[Identity]
    ) -> list[SemanticPacket]:
        """A packet a picture; the first of each subset brings the bases of the subset, the others require them.

        `budget_bytes` is a picture's, the bases shared out evenly: the packet that brings them is the longest.
        """
        if not analyses:
            return []
        preset = self.preset.configured(analyses[0].request.config)
        packets: list[SemanticPacket | None] = [None] * len(analyses)
        subsets, note = _subsets(analyses, preset)
        for number, subset in enumerate(subsets):
            stream, group, _ = identities[0]
            base_key = LayerKey(stream, group, GROUP_SCOPE, FIRST_BASE_NUMBER + number)
            chosen = [analyses[index] for index in subset]
            made = self._subset(chosen, budget_bytes, [identities[index] for index in subset], base_key)
            for index, packet in zip(subset, made, strict=True):
                packets[index] = packet.leaving_out([("projector", note), *packet.left_out]) if note else packet
        return packets

    def code_beside(
        self, analysis: Analysis, base: Layer, budget_bytes: int | None, identity: Identity
    ) -> SemanticPacket:
        """The packet of a picture that is added to a set later, beside bases that its receivers have already.

        Parameters
        ----------
        analysis : Analysis
        base : Layer
            Semantic base of the group that `identity` names.
        budget_bytes : int or None
        identity : (stream, group, picture)

        Raises
        ------
        RequestError
            A layer that is no semantic base of that group.
        """
        if base.kind != LayerKind.SEMANTIC_BASE or base.key[:3] != (*identity[:2], GROUP_SCOPE):
            group = "/".join(map(str, identity[:2]))
            raise RequestError(f"base must be a semantic base of group {group}, got {base.name} of {base.key}")
        preset = self.preset.configured(analysis.request.config)
        coded = code_picture_beside(
            analysis.picture, budget_bytes or _default_budget(analysis, preset), identity, base, preset
        )
        return _without(SemanticPacket.build(analysis.size, self.name, [*coded.layers, base], identity), base.key)

    def refine(self, analysis: Analysis, request: RefinementRequest, packet: SemanticPacket) -> list[Layer]:
        """None: a finer residual is another packet."""
        return []

    def decode(self, packet: SemanticPacket, options: DecodeOptions) -> Reconstruction:
        """The picture of whatever layers arrived; `semantic.reconstruct.from_bases` puts it together."""
        return decode_any(packet, options)

    def _subset(
        self, analyses: Sequence[Analysis], budget_bytes: int | None, identities: Sequence[Identity], base_key: LayerKey
    ) -> list[SemanticPacket]:
        request = analyses[0].request
        preset = self.preset.configured(request.config)
        budgets = [budget_bytes or _default_budget(analysis, preset) for analysis in analyses]
        images = [analysis.picture for analysis in analyses]
        made = code_subset(images, budgets, identities, base_key, preset, np.random.default_rng(request.seed))
        packets = []
        for number, (analysis, coded, identity) in enumerate(zip(analyses, made.pictures, identities, strict=True)):
            layers = coded.layers if made.base is None else [*coded.layers, made.base]
            packet = SemanticPacket.build(analysis.size, self.name, layers, identity)
            if made.base is not None and number > 0:
                packet = _without(packet, base_key)
            packets.append(packet)
        return packets


def seb_learned() -> Seb:
    """Seb whose bases and residuals are coded by the codec with a hyperprior."""
    return Seb(Preset.load("seb-learned"))


def seb_end_to_end() -> Seb:
    """Seb with the networks that were trained for it end to end."""
    return Seb(Preset.load("seb-end-to-end"))


def pair() -> Seb:
    """The codec of pairs that Seb is compared with [Lu 2019]: the first picture of each is the second's reference."""
    return Seb(Preset.load("pair"))


def _without(packet: SemanticPacket, key: LayerKey) -> SemanticPacket:
    """A packet whose header lists a layer that it does not bring."""
    return replace(packet, layers=tuple(layer for layer in packet.layers if layer.key != key))


def _subsets(analyses: Sequence[Analysis], preset: Preset) -> tuple[list[np.ndarray], str]:
    """Numbers of the pictures that are coded together; why they were not found as the preset has it, if so."""
    if preset.reference == "first":
        together = min(len(analyses), 2 * (LAST_BASE_NUMBER - FIRST_BASE_NUMBER))
        pairs = [np.arange(start, min(start + 2, together)) for start in range(0, together, 2)]
        return ([*pairs, np.arange(together, len(analyses))] if together < len(analyses) else pairs), ""
    if min(preset.most_subsets, len(analyses) // 2) < 2:
        return [np.arange(len(analyses))], ""
    found = compared([analysis.picture for analysis in analyses], preset.splitting)
    rng = np.random.default_rng(analyses[0].request.seed)
    return split(found.features, preset.most_subsets, preset.inertia_left, rng), found.note


def _default_budget(analysis: Analysis, preset: Preset) -> int:
    return max(int(analysis.picture.size / preset.compression), preset.least_default_bytes)
