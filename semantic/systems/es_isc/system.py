"""ES-ISC: caption, segmentation maps A and B, and sub-images (Ye et al., "ES-ISC Demo", §II), in a budget of bytes.

```
analyse: picture ─► networks ─► labels, boundaries, objects, caption

code:    what was found ─► operating points ─────────────┐
         picture ─► scene coder ─► benefit of its bytes ─┴► allocate ─► layers of meaning
                                              bytes left ─► scene ─► close-ups ─► bytes left ─► finer maps
```
"""

from __future__ import annotations

import numpy as np

from semcom.semantic.allocation import Version, allocate
from semcom.semantic.analysis import Guard
from semcom.semantic.decoding import decode_any
from semcom.semantic.errors import RequestError
from semcom.semantic.extract.region_selector import Region, select_regions
from semcom.semantic.framing import framed_bytes
from semcom.semantic.layers import Layer, LayerKey
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.reconstruct import Reconstruction
from semcom.semantic.refinement import RefinementRequest
from semcom.semantic.request import DecodeOptions, EncodeRequest, PartChoice
from semcom.semantic.systems.es_isc.analysis import EsIscAnalysis
from semcom.semantic.systems.es_isc.operating_points import (
    MOST_COLOUR_BYTES,
    chosen_layers,
)
from semcom.semantic.systems.es_isc.preset import Preset, Profile
from semcom.semantic.systems.es_isc.refinement import refinement_layers
from semcom.semantic.systems.es_isc.sub_images import (
    USUAL_CLOSE_UP_BYTES,
    affordable_area,
    base_bytes_of,
    close_up_layers,
    expected_pixels,
    expected_reduction,
    usual_benefit,
)
from semcom.semantic.systems.one_by_one import OneByOne
from semcom.semantic.wire import MAX_CODED_PIXELS

MIN_BUDGET_BYTES = 150


class EsIsc(OneByOne):
    """ES-ISC, both halves.

    Parameters
    ----------
    preset : Preset or None
        None takes ``es-isc.yml``.
    """

    honours = frozenset({"budget_bytes", "profile", "without", "text", "seed", "parts", "config"})

    def __init__(self, preset: Preset | None = None) -> None:
        self.preset = Preset.load() if preset is None else preset
        self.name = self.preset.name
        self.profiles = tuple(self.preset.profiles)
        self.parts = {
            "segmenter": PartChoice(self.preset.segmenter),
            "detailer": PartChoice(self.preset.detailer),
            "detector": PartChoice(self.preset.detector),
            "captioner": PartChoice(self.preset.captioner),
        }

    def analyse(self, image: np.ndarray, request: EncodeRequest, guard: Guard) -> EsIscAnalysis:
        """What is found in a picture, uint8 [height, width, 3], blanked as `guard` says.

        The networks look when their answer is first needed: a close-up of a known place needs none of it.

        Raises
        ------
        RequestError
            An unknown profile or configuration key, or a value out of its range.
        """
        analysis = EsIscAnalysis(request, image, guard, self.preset.configured(request.config), self.parts)
        if request.budget_bytes is not None:
            _check_budget(request.budget_bytes)
        return analysis

    def code(
        self, analysis: EsIscAnalysis, budget_bytes: int | None, identity: tuple[int, int, int] = (0, 0, 1)
    ) -> SemanticPacket:
        """The packet of an analysed picture.

        Parameters
        ----------
        analysis : EsIscAnalysis
        budget_bytes : int or None
            Most bytes of the whole packet, as a file; None takes the preset's compression.
        identity : (stream, group, picture)

        Returns
        -------
        SemanticPacket
            Never longer than the budget; `left_out` names the kinds of layer it had no room for.

        Raises
        ------
        RequestError
            A budget below the least.
        """
        preset, wanted = analysis.preset, analysis.profile
        if budget_bytes is None:
            budget_bytes = max(int(analysis.picture.size / preset.compression), preset.least_default_bytes)
        _check_budget(budget_bytes)
        frame = len(SemanticPacket.build(analysis.size, preset.name, [], identity).to_bytes())
        room = budget_bytes - frame - _expected_for_colours(wanted, budget_bytes)
        versions = analysis.operating_points.within(budget_bytes, identity)
        scene = analysis.scene
        scene.measure(room - _usual_bytes(versions))
        chosen = allocate(versions, room, lambda left: wanted.weights["scene"] * scene.benefit(left))
        colours = _colours(analysis, chosen_layers(chosen), budget_bytes, identity)
        room = budget_bytes - frame - sum(framed_bytes(layer) for layer in colours)
        left = room - sum(version.num_bytes for version in chosen.values())
        free = MAX_CODED_PIXELS - _most_coded_pixels(versions)
        pixels = _pixel_layers(analysis, left, free, budget_bytes, identity)
        room -= sum(framed_bytes(layer) for layer in pixels)
        chosen = allocate(versions, room, lambda left: 0.0)  # what the pixels did not use buys finer maps
        layers = chosen_layers(chosen)
        if colours:  # of the map that is aboard in the end, in no more bytes
            colours = analysis.operating_points.colours(layers, identity, len(colours[0].content.colours))
        packet = SemanticPacket.build(analysis.size, preset.name, layers + colours + pixels, identity)
        return packet.leaving_out(_left_out(versions, chosen, pixels, wanted))

    def draft(
        self, analysis: EsIscAnalysis, budget_bytes: int, identity: tuple[int, int, int] = (0, 0, 1)
    ) -> list[tuple[LayerKey, int, int]]:
        """(key, importance, expected bytes) of the layers of a packet, pixels as those of most photos, uncoded."""
        profile = analysis.profile
        empty = SemanticPacket.build(analysis.size, analysis.preset.name, [], identity)
        room = budget_bytes - len(empty.to_bytes()) - _expected_for_colours(profile, budget_bytes)
        versions = analysis.operating_points.within(budget_bytes, identity)
        chosen = allocate(versions, max(room, 0), lambda left: profile.weights["scene"] * usual_benefit(left))
        layers = [*empty.layers, *chosen_layers(chosen)]
        colours = _colours(analysis, layers, budget_bytes, identity)
        layers += colours
        found = [(layer.key, layer.importance, len(layer.payload)) for layer in layers]
        room = budget_bytes - len(empty.to_bytes()) - sum(framed_bytes(layer) for layer in colours)
        left = room - sum(version.num_bytes for version in chosen.values())
        base = _base_most_bytes(analysis, budget_bytes)
        finer = left - base_bytes_of(left, base)
        return found + expected_pixels(left, base, _close_ups(profile, finer, budget_bytes), identity)

    def refine(self, analysis: EsIscAnalysis, request: RefinementRequest, packet: SemanticPacket) -> list[Layer]:
        """Layers that answer a refinement request about a packet of the picture."""
        return refinement_layers(analysis, request, packet)

    def decode(self, packet: SemanticPacket, options: DecodeOptions) -> Reconstruction:
        """Caption, objects, maps and picture from whatever layers arrived."""
        return decode_any(packet, options)


def _expected_for_colours(profile: Profile, budget_bytes: int) -> int:
    """Bytes that the colours of the class map's regions take at most."""
    return MOST_COLOUR_BYTES if budget_bytes >= profile.map_colours_from_bytes else 0


def _colours(
    analysis: EsIscAnalysis, layers: list[Layer], budget_bytes: int, identity: tuple[int, int, int]
) -> list[Layer]:
    """The layer with the colours of a class map among some layers, from its budget on."""
    wanted = budget_bytes >= analysis.profile.map_colours_from_bytes
    return analysis.operating_points.colours(layers, identity) if wanted else []


def _check_budget(budget_bytes: int) -> None:
    if budget_bytes < MIN_BUDGET_BYTES:
        raise RequestError(f"budget must be at least {MIN_BUDGET_BYTES} bytes, got {budget_bytes}")


def _pixel_layers(
    analysis: EsIscAnalysis, max_bytes: int, max_pixels: int, budget_bytes: int, identity: tuple[int, int, int]
) -> list[Layer]:
    """The scene, and close-ups from their budget up; together of at most so many coded pixels."""
    image, seen, scene, profile = analysis.picture, analysis.seen, analysis.scene, analysis.profile
    base = _base_most_bytes(analysis, budget_bytes)
    finer_bytes = max_bytes - base_bytes_of(max_bytes, base)
    shared, count = _close_ups(profile, finer_bytes, budget_bytes)
    reduction = expected_reduction(image, finer_bytes - shared)
    regions: list[Region] = []
    while count and len(regions) < count:  # fewer regions, each larger
        count = len(regions) or count
        regions = select_regions(seen.objects, seen.boundary, count, affordable_area(shared // count, reduction))
        if not regions:
            break
    for_close_ups = int(max_pixels * profile.close_up_share) if regions else 0
    whole = scene.layers(max_bytes - (shared if regions else 0), base, identity, max_pixels - for_close_ups)
    if not whole:
        return []
    left = max_bytes - sum(framed_bytes(layer) for layer in whole)
    pixels_left = max_pixels - sum(layer.coded_pixels for layer in whole)
    close_ups = close_up_layers(image, regions, left, whole, identity, pixels_left)
    if regions and not close_ups:  # none came out finer than the scene: their bytes go back to it
        whole = scene.layers(max_bytes, base, identity, max_pixels) or whole
    return [*whole, *close_ups]


def _base_most_bytes(analysis: EsIscAnalysis, budget_bytes: int) -> int:
    """Most bytes of the scene's base in a packet of so many; 0: the scene is one layer."""
    return analysis.preset.scene_base_most_bytes if budget_bytes >= analysis.profile.scene_base_from_bytes else 0


def _close_ups(profile: Profile, max_bytes: int, budget_bytes: int) -> tuple[int, int]:
    """Bytes of all close-ups together, of those left for pixels, and how many of them there may be."""
    shared = int(max_bytes * profile.close_up_share) if budget_bytes >= profile.close_ups_from_bytes else 0
    return shared, min(profile.max_close_ups, shared // USUAL_CLOSE_UP_BYTES)


def _most_coded_pixels(versions: dict[str, list[Version]]) -> int:
    """Coded pixels that the finest versions of the layers of meaning have together."""
    return sum(
        max((version.layer.coded_pixels for version in points if version.layer is not None), default=0)
        for points in versions.values()
    )


def _usual_bytes(versions: dict[str, list[Version]]) -> int:
    """What the layers of meaning cost about: the middle version of each."""
    return sum(points[len(points) // 2].num_bytes for points in versions.values())


def _left_out(
    versions: dict[str, list[Version]], chosen: dict[str, Version], pixels: list[Layer], profile: Profile
) -> list[tuple[str, str]]:
    """Kinds of layer that are not aboard, and why."""
    told = []
    for name, version in chosen.items():
        if version.layer is None:
            sizes = [other.num_bytes for other in versions[name] if other.layer is not None]
            if sizes:
                told.append((name, f"needs {min(sizes)} bytes or more"))
            else:  # only the detail map may have no version at all
                told.append((name, f"sent from a budget of {profile.detail_map_from_bytes} bytes on"))
    if not pixels:
        told.append(("sub_image", "too few bytes are left"))
    return told
