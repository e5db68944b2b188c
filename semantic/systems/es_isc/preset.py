"""The preset of ES-ISC, ``es-isc.yml`` read and checked: parts, operating points, and profiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from semcom.semantic.errors import RequestError
from semcom.semantic.systems import load_preset
from semcom.semantic.systems.preset_values import Range, changed_values, check_keys

CONFIGURABLE: dict[str, Range] = {
    "voting_fineness": (float, 0.0, 1.0),
    "voting_kept_share": (float, 0.0, 1.0),
    "least_score_in_words": (float, 0.0, 1.0),
    "max_objects": (int, 1, 64),
    "speck_cells": (int, 0, 1000),
    "compression": (float, 1.0, 1e6),
    "least_default_bytes": (int, 150, 1_000_000),
    "scene_base_most_bytes": (int, 0, 4000),
    "scene_quick": (bool, 0, 1),
}
"""What a request may change of the preset: type, least, most."""


@dataclass(frozen=True)
class Profile:
    """What bytes are for.

    Attributes
    ----------
    weights : dict of str to float
        Of scene, class_map, detail_map and objects at their best, in units of MS-SSIM of the scene.
    always : tuple of str
        Kinds of layer that go before everything else, most important first.
    class_map_cells_from_bytes : dict of int to int
        From a budget up, the class map has at least so many cells on its longer side.
    map_colours_from_bytes, detail_map_from_bytes, close_ups_from_bytes : int
        Least budget with which they come; from there on they do whatever it costs the pixels.
    close_up_share : float
        Of the bytes for pixels, where there are close-ups.
    max_close_ups : int
    scene_base_from_bytes : int
        Least budget with which the scene goes out in two layers.
    """

    weights: dict[str, float]
    always: tuple[str, ...]
    class_map_cells_from_bytes: dict[int, int]
    map_colours_from_bytes: int
    detail_map_from_bytes: int
    close_ups_from_bytes: int
    close_up_share: float
    max_close_ups: int
    scene_base_from_bytes: int

    def least_class_map_cells(self, budget_bytes: int) -> int:
        """Cells of the longer side that a class map has at least; 0 where any will do."""
        met = [cells for from_bytes, cells in self.class_map_cells_from_bytes.items() if budget_bytes >= from_bytes]
        return max(met, default=0)


@dataclass(frozen=True)
class Preset:
    """Contents of ``es-isc.yml``; see the comments there."""

    name: str
    segmenter: str
    detailer: str
    detector: str
    captioner: str
    default_profile: str
    voting_fineness: float
    voting_kept_share: float
    least_score_in_words: float
    max_objects: int
    speck_cells: int
    compression: float
    least_default_bytes: int
    scene_base_most_bytes: int
    scene_quick: bool
    class_map_sides: tuple[int, ...]
    detail_maps: tuple[tuple[int, float], ...]
    profiles: dict[str, Profile]

    @classmethod
    def load(cls) -> Preset:
        """The preset shipped with the package."""
        values = load_preset("es-isc")
        check_keys("es-isc.yml", values, cls)
        for name, profile in values["profiles"].items():
            check_keys(f"es-isc.yml, profile {name}", profile, Profile)
            profile["always"] = tuple(profile["always"])
        values["profiles"] = {name: Profile(**profile) for name, profile in values["profiles"].items()}
        values["detail_maps"] = tuple((side, fineness) for side, fineness in values["detail_maps"])
        values["class_map_sides"] = tuple(values["class_map_sides"])
        return cls(**values)

    def configured(self, config: Mapping[str, str | int | float | bool]) -> Preset:
        """The preset with some of its numbers changed by a request.

        Raises
        ------
        RequestError
            A key that is not one of `CONFIGURABLE`, or a value out of its range.
        """
        return replace(self, **changed_values(config, CONFIGURABLE, self.name))

    def profile(self, name: str) -> Profile:
        """A profile by name; an unknown one raises `SemanticError`."""
        if name not in self.profiles:
            raise RequestError(f"profile must be one of {', '.join(self.profiles)}, got {name!r}")
        return self.profiles[name]
