"""The parameters of an OFDM waveform, read from one YAML file; every number of the modem derives from them."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from semcom.phy.errors import WaveformError
from semcom.sdr_configs import WAVEFORM_FOLDER
from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.yaml_file import read_yaml, shown

MAX_FFT_SIZE = 8192
MAX_DATA_SYMBOLS = 8192
MAX_PREAMBLE_LENGTH = 16_384


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise WaveformError(message)


@dataclass(frozen=True)
class Waveform:
    """Parameters of one OFDM waveform. Construction refuses combinations that cannot work.

    Attributes
    ----------
    name : str
    nominal_rate_hz : float
        Sample rate at which the waveform is defined; channel uses are samples at this rate.
    fft_size : int
        Carriers including unused ones; a power of two, 16 .. MAX_FFT_SIZE.
    cp_length : int
        Samples of cyclic prefix; longer echoes cause intersymbol interference.
    window_length : int
        Samples of raised-cosine ramp at each symbol edge, inside the cyclic prefix.
    used_carriers : tuple of int
        Carriers with energy, ascending, data and pilots together.
    pilot_carriers : tuple of int
        Carriers of known value in every symbol; a subset of `used_carriers`.
    preamble_period : int
        Samples of the preamble's basic sequence; divides fft_size.
    preamble_cover : tuple of int
        +1 or -1 for each repeat of the basic sequence.
    preamble_seed : int
        `c_init` of the Gold sequence that the basic sequence is drawn from (see `pseudo_random`).
    max_cfo_subcarriers : float
        Carrier offset the receiver searches, either side, in subcarriers.
    max_data_symbols : int
        Longest burst, in OFDM symbols after the signal field.
    """

    name: str
    nominal_rate_hz: float
    fft_size: int
    cp_length: int
    window_length: int
    used_carriers: tuple[int, ...]
    pilot_carriers: tuple[int, ...]
    preamble_period: int
    preamble_cover: tuple[int, ...]
    preamble_seed: int
    max_cfo_subcarriers: float
    max_data_symbols: int

    def __post_init__(self) -> None:
        n = self.fft_size
        for key in ("fft_size", "cp_length", "window_length", "preamble_period", "preamble_seed", "max_data_symbols"):
            value = getattr(self, key)
            _require(type(value) is int, f"{key} must be a whole number, got {shown(value)}")
        for key in ("nominal_rate_hz", "max_cfo_subcarriers"):
            value = getattr(self, key)
            is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            _require(is_number, f"{key} must be a finite number (in YAML 1.0e+6, not 1e6), got {shown(value)}")
        _require(self.nominal_rate_hz > 0, f"nominal_rate_hz must be positive, got {self.nominal_rate_hz}")
        _require(
            16 <= n <= MAX_FFT_SIZE and n & (n - 1) == 0,
            f"fft_size must be a power of two from 16 to {MAX_FFT_SIZE}, got {n}",
        )
        _require(self.cp_length > 0, f"cp_length must be positive, got {self.cp_length}")
        _require(self.cp_length < n, f"cp_length must be less than fft_size ({n}), got {self.cp_length}")
        _require(
            0 <= self.window_length <= self.cp_length // 2,
            f"window_length must be 0 to half of cp_length ({self.cp_length // 2}), got {self.window_length}",
        )
        self._check_carriers()
        period, repeats = self.preamble_period, len(self.preamble_cover)
        _require(
            8 <= period <= n and n % period == 0,
            f"preamble_period must be a divisor of fft_size ({n}) from 8 up, got {period}",
        )
        _require(4 <= repeats <= 64, f"preamble_cover must have 4 to 64 signs, got {repeats}")
        _require(
            all(sign in (1, -1) for sign in self.preamble_cover), "preamble_cover must consist of the signs + and -"
        )
        _require(
            period * repeats <= MAX_PREAMBLE_LENGTH,
            f"preamble_period times signs must be at most {MAX_PREAMBLE_LENGTH} samples, got {period * repeats}",
        )
        _require(0 < self.preamble_seed < 2**31, f"preamble_seed must be 1 to 2147483647, got {self.preamble_seed}")
        _require(
            0 < self.max_cfo_subcarriers <= n / 4,
            f"max_cfo_subcarriers must be above 0 and at most fft_size/4 ({n / 4:g}), got {self.max_cfo_subcarriers}",
        )
        _require(
            1 <= self.max_data_symbols <= MAX_DATA_SYMBOLS,
            f"max_data_symbols must be 1 to {MAX_DATA_SYMBOLS}, got {self.max_data_symbols}",
        )

    def _check_carriers(self) -> None:
        half = self.fft_size // 2
        used, pilots = self.used_carriers, self.pilot_carriers
        _require(len(used) >= 8, f"used_carriers must name at least 8 carriers, got {len(used)}")
        _require(list(used) == sorted(set(used)), "used_carriers must be ascending, each carrier once")
        _require(
            -half < used[0] and used[-1] < half,
            f"used_carriers must lie between {-half + 1} and {half - 1}, got {used[0]} to {used[-1]}",
        )
        _require(len(pilots) >= 2, f"pilot_carriers must name at least 2 carriers, got {len(pilots)}")
        _require(list(pilots) == sorted(set(pilots)), "pilot_carriers must be ascending, each carrier once")
        outside = sorted(set(pilots) - set(used))
        _require(not outside, f"pilot_carriers must be among used_carriers, got {outside}")
        _require(len(pilots) <= len(used) // 2, "pilot_carriers must be at most half of used_carriers")

    @classmethod
    def load(cls, name_or_path: str | Path) -> Waveform:
        """Read a waveform by name (a file of `sdr_configs/waveforms/`) or by path.

        Raises
        ------
        WaveformError
            Unknown name, unreadable file, unknown or missing key, impossible combination.
        """
        path = Path(name_or_path)
        if path.suffix not in (".yml", ".yaml"):
            name, known = str(name_or_path), known_waveforms()
            _require(
                name in known, f"waveform must be one of {', '.join(known)} or a path to a .yml file, got {shown(name)}"
            )
            path = WAVEFORM_FOLDER / f"{name}.yml"
        try:
            sheet = read_yaml(path)
        except ConfigError as error:
            raise WaveformError(f"waveform file {error}") from None
        return cls.from_sheet(path.stem, sheet)

    @classmethod
    def from_sheet(cls, name: str, sheet: dict[str, Any]) -> Waveform:
        """Build from the keys of a waveform file; refuses unknown and missing keys."""
        wanted = {field.name for field in fields(cls)} - {"name"}
        unknown = sorted(str(key)[:60] for key in set(sheet) - wanted)
        _require(not unknown, f"waveform {name} has unknown keys: {', '.join(unknown[:8])}")
        missing = sorted(wanted - set(sheet))
        _require(not missing, f"waveform {name} lacks keys: {', '.join(missing)}")
        values = dict(sheet)
        values["used_carriers"] = _expand_ranges(values["used_carriers"])
        values["pilot_carriers"] = _whole_numbers("pilot_carriers", values["pilot_carriers"])
        cover = values["preamble_cover"]
        _require(
            isinstance(cover, str) and set(cover) <= {"+", "-"},
            f"preamble_cover must consist of the signs + and -, got {shown(cover)}",
        )
        values["preamble_cover"] = tuple(1 if sign == "+" else -1 for sign in cover)
        return cls(name=name, **values)

    # What follows from the data sheet.

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Of the values of all fields, taken once: tables are looked up by waveform many times a burst."""
        return hash(tuple(getattr(self, field.name) for field in fields(self)))

    @property
    def symbol_length(self) -> int:
        """Samples of one OFDM symbol with its cyclic prefix."""
        return self.fft_size + self.cp_length

    @property
    def preamble_length(self) -> int:
        """Samples of the preamble."""
        return self.preamble_period * len(self.preamble_cover)

    @property
    def num_used(self) -> int:
        return len(self.used_carriers)

    @property
    def num_data(self) -> int:
        return len(self.used_carriers) - len(self.pilot_carriers)

    @property
    def subcarrier_spacing_hz(self) -> float:
        return self.nominal_rate_hz / self.fft_size

    @property
    def carrier_gain(self) -> float:
        """Amplitude of a unit-energy carrier after a unitary FFT, when the symbol has mean power 1."""
        return math.sqrt(self.fft_size / self.num_used)

    @cached_property
    def used_bins(self) -> np.ndarray:
        """FFT bin of each used carrier, int64 [num_used]."""
        return np.array(self.used_carriers) % self.fft_size

    @cached_property
    def is_pilot(self) -> np.ndarray:
        """True where a used carrier is a pilot, bool [num_used]."""
        return np.isin(self.used_carriers, self.pilot_carriers)


def known_waveforms() -> list[str]:
    """Names of the waveforms that come with the package."""
    return sorted(path.stem for path in WAVEFORM_FOLDER.glob("*.yml"))


def _whole_numbers(key: str, values: Any) -> tuple[int, ...]:
    _require(
        isinstance(values, list) and len(values) <= MAX_FFT_SIZE and all(type(value) is int for value in values),
        f"{key} must be a list of whole numbers, got {shown(values)}",
    )
    return tuple(values)


def _expand_ranges(ranges: Any) -> tuple[int, ...]:
    _require(isinstance(ranges, list) and 0 < len(ranges) <= 64, "used_carriers must be a list of [first, last] ranges")
    carriers: list[int] = []
    for pair in ranges:
        bounds = _whole_numbers("used_carriers", pair)
        _require(
            len(bounds) == 2 and -MAX_FFT_SIZE <= bounds[0] <= bounds[1] <= MAX_FFT_SIZE,
            f"used_carriers must be [first, last] with first <= last, got {shown(pair)}",
        )
        carriers.extend(range(bounds[0], bounds[1] + 1))
    return tuple(carriers)
