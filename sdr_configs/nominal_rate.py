"""The rate a waveform runs at, as its file says it: what a channel's numbers are measured against.

The waveform itself is `semcom.phy.waveform`'s, which checks the whole file and says what is wrong with it.
"""

from __future__ import annotations

from pathlib import Path

from semcom.sdr_configs import FOLDER
from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.yaml_file import read_yaml


def nominal_rate_hz(waveform: str) -> float | None:
    """Of a waveform by name or path; None where there is no such file, or no rate in it."""
    path = Path(waveform)
    if path.suffix not in (".yml", ".yaml"):
        path = FOLDER / "waveforms" / f"{path.name}.yml"
    try:
        rate_hz = read_yaml(path).get("nominal_rate_hz")
    except ConfigError:
        return None
    return float(rate_hz) if isinstance(rate_hz, (int, float)) and rate_hz > 0 else None
