"""The preset of Multi-SC and of its baselines, read and checked: grid, cut-out, parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from semcom.semantic.errors import RequestError
from semcom.semantic.layers.region_caption import MAX_FIELDS, MAX_GRID_SIDE
from semcom.semantic.systems import load_preset
from semcom.semantic.systems.analog import AnalogSettings
from semcom.semantic.systems.preset_values import Range, changed_values, check_keys

CONFIGURABLE: dict[str, Range] = {
    "columns": (int, 1, MAX_GRID_SIDE),
    "rows": (int, 1, MAX_GRID_SIDE),
    "cut_out": (bool, 0, 1),
    "compression": (float, 1.0, 1e6),
    "least_default_bytes": (int, 100, 1_000_000),
    "least_object_area": (float, 0.0, 1.0),
    "most_object_area": (float, 0.0, 1.0),
    "centrality": (float, 0.0, 4.0),
}
"""Numbers and switches that a request may change of the preset: type, least, most."""
PIXELS = ("coded", "analog")
"""How those of the cut-out travel."""
ANALOG_KEYS = ("cbr", "snr_db")
"""Of analog pixels, checked as the analog systems do."""


@dataclass(frozen=True)
class Preset:
    """Contents of ``multi-sc.yml``; see the comments there."""

    name: str
    segmenter: str
    captioner: str
    columns: int
    rows: int
    cut_out: bool
    compression: float
    least_default_bytes: int
    least_object_area: float
    most_object_area: float
    centrality: float
    mask_share: float
    pixels: str
    cbr: float
    snr_db: int

    @classmethod
    def load(cls, name: str = "multi-sc") -> Preset:
        """A preset shipped with the package."""
        values = load_preset(name)
        check_keys(f"{name}.yml", values, cls)
        return cls(**values)

    @property
    def num_fields(self) -> int:
        return self.columns * self.rows

    def configured(self, config: Mapping[str, str | int | float | bool]) -> Preset:
        """The preset with some of its values changed by a request.

        Raises
        ------
        RequestError
            A key that is not known, a value out of its range, or a grid of more than `MAX_FIELDS`.
        """
        config = dict(config)
        pixels = config.pop("pixels", self.pixels)
        analog = {key: config.pop(key) for key in ANALOG_KEYS if key in config}
        if pixels not in PIXELS:
            raise RequestError(f"config of {self.name}: pixels must be {' or '.join(PIXELS)}, got {pixels!r}")
        settings = AnalogSettings.of({"cbr": self.cbr, "snr_db": self.snr_db} | analog, self.name)
        values = changed_values(config, CONFIGURABLE, self.name, ("pixels", *ANALOG_KEYS))
        changed = replace(self, **values, pixels=pixels, cbr=settings.cbr, snr_db=settings.snr_db)
        if changed.num_fields > MAX_FIELDS:
            raise RequestError(
                f"config of {self.name}: columns × rows must be at most {MAX_FIELDS}, got {changed.num_fields}"
            )
        return changed
