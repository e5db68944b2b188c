"""The preset of ES-ISC, ``es-isc.yml`` read and checked: parts, ladders of versions, and profiles."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from semcom.semantic.errors import SemanticError
from semcom.semantic.systems import load_preset


@dataclass(frozen=True)
class Profile:
    """What bytes are for.

    Attributes
    ----------
    worth : dict of str to float
        Of scene, class_map, detail_map and objects at their best, in units of MS-SSIM of the scene.
    always : tuple of str
        Kinds of layer that go before everything else, most important first.
    class_map_cells_from_bytes : dict of int to int
        From a budget up, the class map has at least so many cells on its longer side.
    detail_map_from_bytes, close_ups_from_bytes : int
        Least budget with which they come; from there on they do whatever it costs the pixels.
    close_up_share : float
        Of the bytes for pixels, where there are close-ups.
    max_close_ups : int
    """

    worth: dict[str, float]
    always: tuple[str, ...]
    class_map_cells_from_bytes: dict[int, int]
    detail_map_from_bytes: int
    close_ups_from_bytes: int
    close_up_share: float
    max_close_ups: int

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
    voting_fineness: float
    voting_kept_share: float
    least_score_in_words: float
    max_objects: int
    speck_cells: int
    compression: float
    least_default_bytes: int
    class_map_sides: tuple[int, ...]
    detail_maps: tuple[tuple[int, float], ...]
    profiles: dict[str, Profile]

    @classmethod
    def load(cls) -> Preset:
        """The preset shipped with the package."""
        values = load_preset("es-isc")
        _check_keys("es-isc.yml", values, cls)
        for name, profile in values["profiles"].items():
            _check_keys(f"es-isc.yml, profile {name}", profile, Profile)
            profile["always"] = tuple(profile["always"])
        values["profiles"] = {name: Profile(**profile) for name, profile in values["profiles"].items()}
        values["detail_maps"] = tuple((side, fineness) for side, fineness in values["detail_maps"])
        values["class_map_sides"] = tuple(values["class_map_sides"])
        return cls(**values)

    def profile(self, name: str) -> Profile:
        """A profile by name; an unknown one raises `SemanticError`."""
        if name not in self.profiles:
            raise SemanticError(f"profile must be one of {', '.join(self.profiles)}, got {name!r}")
        return self.profiles[name]


def _check_keys(where: str, values: dict[str, Any], schema: type) -> None:
    different = set(values) ^ {field.name for field in fields(schema)}
    if different:
        raise SemanticError(f"{where}: keys missing or unknown: {sorted(different)}")
