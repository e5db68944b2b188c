"""The preset of Seb, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from semcom.semantic.errors import SemanticError
from semcom.semantic.systems import load_preset
from semcom.semantic.systems.preset_values import Range, changed_values, check_keys

CONFIGURABLE: dict[str, Range] = {
    "patches_per_base": (int, 1, 100_000),
    "compression": (float, 1.0, 1e6),
    "most_subsets": (int, 1, 16),
    "inertia_left": (float, 0.0, 1.0),
    "largest_shift": (int, 0, 15),
}
"""What a request may change of the preset: type, least, most."""

REFERENCES = ("set", "first")
"""What pictures are coded beside: bases of their subset, or the first picture of each pair."""

CODED = ("bases", "residual", "alone")
"""What a learned codec has weights for: bases, residuals, and pictures without bases."""


@dataclass(frozen=True)
class Preset:
    """Contents of ``seb.yml``; see the comments there."""

    name: str
    picture_codec: str
    weights: Mapping[str, str]
    reference: str
    patches_per_base: int
    compression: float
    least_default_bytes: int
    most_subsets: int
    inertia_left: float
    largest_shift: int

    @classmethod
    def load(cls, name: str = "seb") -> Preset:
        """A preset shipped with the package."""
        values = load_preset(name)
        check_keys(f"{name}.yml", values, cls)
        if values["reference"] not in REFERENCES:
            raise SemanticError(f"{name}.yml: reference must be one of {', '.join(REFERENCES)}")
        weights = values["weights"]
        if weights and set(weights) != set(CODED):
            raise SemanticError(f"{name}.yml: weights must be none, or of {', '.join(CODED)}")
        return cls(**values)

    def configured(self, config: Mapping[str, str | int | float | bool]) -> Preset:
        """The preset with some of its values changed by a request.

        Raises
        ------
        RequestError
            A key that is not one of `CONFIGURABLE`, or a value out of its range.
        """
        return replace(self, **changed_values(config, CONFIGURABLE, self.name))
