"""The preset of Seb, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from semcom.semantic.errors import RequestError, SemanticError
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

CHOICES: dict[str, tuple[str, ...]] = {
    "splitting": ("projector", "plain"),
    "motion": ("search", "flow"),
}
"""What a request may change of it by name."""

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
    splitting: str
    motion: str

    @classmethod
    def load(cls, name: str = "seb") -> Preset:
        """A preset shipped with the package."""
        values = load_preset(name)
        check_keys(f"{name}.yml", values, cls)
        if values["reference"] not in REFERENCES:
            raise SemanticError(f"{name}.yml: reference must be one of {', '.join(REFERENCES)}")
        for key, known in CHOICES.items():
            if values[key] not in known:
                raise SemanticError(f"{name}.yml: {key} must be one of {', '.join(known)}")
        weights = values["weights"]
        if weights and set(weights) != set(CODED):
            raise SemanticError(f"{name}.yml: weights must be none, or of {', '.join(CODED)}")
        return cls(**values)

    def configured(self, config: Mapping[str, str | int | float | bool]) -> Preset:
        """The preset with some of its values changed by a request.

        Raises
        ------
        RequestError
            A key that is not one of `CONFIGURABLE` and `CHOICES`, or a value that is not allowed.
        """
        chosen = {key: value for key, value in config.items() if key in CHOICES}
        for key, value in chosen.items():
            if value not in CHOICES[key]:
                raise RequestError(f"config of {self.name}: {key} must be {' or '.join(CHOICES[key])}, got {value!r}")
        numbers = {key: value for key, value in config.items() if key not in CHOICES}
        return replace(self, **chosen, **changed_values(numbers, CONFIGURABLE, self.name, tuple(CHOICES)))
