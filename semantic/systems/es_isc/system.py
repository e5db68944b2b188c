"""ES-ISC: caption, segmentation maps A and B, and sub-images (Ye et al., "ES-ISC Demo", §II), in a budget of bytes.

```
picture ─► understand ─► labels, boundaries, objects, caption ─► ladders of versions ─┐
        └► scene coder ─► what bytes are worth to the scene ──────────────────────────┴► allocate ─► layers of meaning
                                                         bytes left ─► scene ─► close-ups ─► bytes left ─► finer maps
```
"""

from __future__ import annotations

import numpy as np

from semcom.semantic import registry
from semcom.semantic.allocation import Version, allocate
from semcom.semantic.errors import SemanticError
from semcom.semantic.extract.instances import InstanceRules
from semcom.semantic.extract.region_selector import Region, select_regions
from semcom.semantic.extract.understanding import Understanding, understand
from semcom.semantic.framing import framed_bytes
from semcom.semantic.layers import Layer
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.systems.es_isc.operating_points import chosen_layers, ladders
from semcom.semantic.systems.es_isc.preset import Preset, Profile
from semcom.semantic.systems.es_isc.sub_images import (
    USUAL_CLOSE_UP_BYTES,
    SceneCoder,
    affordable_area,
    close_up_layers,
    expected_reduction,
)
from semcom.semantic.wire import MAX_CODED_PIXELS

MIN_BUDGET_BYTES = 150


class EsIsc:
    """The transmitter's half of ES-ISC.

    Parameters
    ----------
    preset : Preset or None
        None takes ``es-isc.yml``.
    """

    def __init__(self, preset: Preset | None = None) -> None:
        self.preset = Preset.load() if preset is None else preset

    @property
    def profiles(self) -> tuple[str, ...]:
        """What bytes can be spent for."""
        return tuple(self.preset.profiles)

    @property
    def segmenter(self) -> str:
        """Name of the segmenter in the registry."""
        return self.preset.segmenter

    def encode(
        self,
        image: np.ndarray,
        budget_bytes: int | None = None,
        identity: tuple[int, int, int] = (0, 0, 1),
        profile: str = "meaning",
        hidden: frozenset[int] = frozenset(),
        withheld: np.ndarray | None = None,
    ) -> SemanticPacket:
        """Picture → packet.

        Parameters
        ----------
        image : uint8 [height, width, 3]
        budget_bytes : int or None
            Most bytes of the whole packet, as a file; None takes the preset's compression.
        identity : (stream, group, picture)
        profile : str
            What bytes are for: one of `profiles`.
        hidden : frozenset of int
            Categories that no layer may name.
        withheld : bool [height, width], optional
            Where the picture has been blanked: nothing is said of what seems to be there.

        Returns
        -------
        SemanticPacket
            Never longer than the budget; `left_out` names the kinds of layer it had no room for.

        Raises
        ------
        SemanticError
            A budget below the least, an unknown profile.
        """
        preset, wanted = self.preset, self.preset.profile(profile)
        height, width = image.shape[:2]
        if budget_bytes is None:
            budget_bytes = max(int(image.size / preset.compression), preset.least_default_bytes)
        if budget_bytes < MIN_BUDGET_BYTES:
            raise SemanticError(f"budget must be at least {MIN_BUDGET_BYTES} bytes, got {budget_bytes}")
        seen = self.understand(image, hidden, withheld)
        frame = len(SemanticPacket.build((width, height), preset.name, [], identity).to_bytes())
        room = budget_bytes - frame
        versions = ladders(seen, preset, wanted, budget_bytes, identity)
        scene = SceneCoder(image, identity)
        scene.look(room - _usual_bytes(versions))
        chosen = allocate(versions, room, lambda left: wanted.worth["scene"] * scene.benefit(left))
        left = room - sum(version.num_bytes for version in chosen.values())
        free = MAX_CODED_PIXELS - _most_coded_pixels(versions)
        pixels = _pixel_layers(image, seen, scene, left, free, wanted, budget_bytes, identity)
        room -= sum(framed_bytes(layer) for layer in pixels)
        chosen = allocate(versions, room, lambda left: 0.0)  # what the pixels did not use buys finer maps
        packet = SemanticPacket.build((width, height), preset.name, chosen_layers(chosen) + pixels, identity)
        return packet.leaving_out(_left_out(versions, chosen, pixels, wanted))

    def understand(
        self, image: np.ndarray, hidden: frozenset[int] = frozenset(), withheld: np.ndarray | None = None
    ) -> Understanding:
        """What the networks see in a picture, uint8 [height, width, 3]."""
        preset = self.preset
        return understand(
            image,
            registry.create("segmenters", self.segmenter),
            registry.create("detailers", preset.detailer),
            InstanceRules(max_objects=preset.max_objects),
            preset.voting_fineness,
            preset.voting_kept_share,
            preset.least_score_in_words,
            hidden,
            withheld,
        )


def _pixel_layers(
    image: np.ndarray,
    seen: Understanding,
    scene: SceneCoder,
    max_bytes: int,
    max_pixels: int,
    profile: Profile,
    budget_bytes: int,
    identity: tuple[int, int, int],
) -> list[Layer]:
    """The scene, and close-ups from their budget up; together of at most so many coded pixels."""
    shared = int(max_bytes * profile.close_up_share) if budget_bytes >= profile.close_ups_from_bytes else 0
    count = min(profile.max_close_ups, shared // USUAL_CLOSE_UP_BYTES)
    reduction = expected_reduction(image, max_bytes - shared)
    regions: list[Region] = []
    while count and len(regions) < count:  # fewer regions, each larger
        count = len(regions) or count
        regions = select_regions(seen.objects, seen.boundary, count, affordable_area(shared // count, reduction))
        if not regions:
            break
    for_close_ups = int(max_pixels * profile.close_up_share) if regions else 0
    whole = scene.layer(max_bytes - (shared if regions else 0), max_pixels - for_close_ups)
    if whole is None:
        return []
    left, pixels_left = max_bytes - framed_bytes(whole), max_pixels - whole.coded_pixels
    close_ups = close_up_layers(image, regions, left, whole, identity, pixels_left)
    if regions and not close_ups:  # none came out finer than the scene: their bytes go back to it
        whole = scene.layer(max_bytes, max_pixels) or whole
    return [whole, *close_ups]


def _most_coded_pixels(versions: dict[str, list[Version]]) -> int:
    """Coded pixels that the finest versions of the layers of meaning have together."""
    return sum(
        max((version.layer.coded_pixels for version in ladder if version.layer is not None), default=0)
        for ladder in versions.values()
    )


def _usual_bytes(versions: dict[str, list[Version]]) -> int:
    """What the layers of meaning cost about: the middle version of each."""
    return sum(ladder[len(ladder) // 2].num_bytes for ladder in versions.values())


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
            else:  # of the ladders, only that of the detail map may be empty
                told.append((name, f"sent from a budget of {profile.detail_map_from_bytes} bytes on"))
    if not pixels:
        told.append(("sub_image", "too few bytes are left"))
    return told
