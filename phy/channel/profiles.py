"""Power delay profiles of the 3GPP fading channels, by name.

``profile("EVA70")`` is Extended Vehicular A with 70 Hz of Doppler; ``profile("TDL-C300-100")`` is TDL-C scaled to
300 ns of rms delay spread with 100 Hz of Doppler.

References
----------
3GPP TS 36.101 Annex B.2.1 (EPA, EVA, ETU); 3GPP TR 38.901 Tables 7.7.2-1 to 7.7.2-3 (TDL-A, TDL-B, TDL-C)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from semcom.phy.errors import ConfigurationError

_EXTENDED_NS = {
    "EPA": ((0, 0.0), (30, -1.0), (70, -2.0), (90, -3.0), (110, -8.0), (190, -17.2), (410, -20.8)),
    "EVA": ((0, 0.0), (30, -1.5), (150, -1.4), (310, -3.6), (370, -0.6), (710, -9.1), (1090, -7.0), (1730, -12.0),
            (2510, -16.9)),
    "ETU": ((0, -1.0), (50, -1.0), (120, -1.0), (200, 0.0), (230, 0.0), (500, 0.0), (1600, -3.0), (2300, -5.0),
            (5000, -7.0)),
}  # fmt: skip
"""Delay in ns and mean power in dB of each path."""

_TAPPED = {
    "A": ((0.0, -13.4), (0.3819, 0.0), (0.4025, -2.2), (0.5868, -4.0), (0.4610, -6.0), (0.5375, -8.2), (0.6708, -9.9),
          (0.5750, -10.5), (0.7618, -7.5), (1.5375, -15.9), (1.8978, -6.6), (2.2242, -16.7), (2.1718, -12.4),
          (2.4942, -15.2), (2.5119, -10.8), (3.0582, -11.3), (4.0810, -12.7), (4.4579, -16.2), (4.5695, -18.3),
          (4.7966, -18.9), (5.0066, -16.6), (5.3043, -19.9), (9.6586, -29.7)),
    "B": ((0.0, 0.0), (0.1072, -2.2), (0.2155, -4.0), (0.2095, -3.2), (0.2870, -9.8), (0.2986, -1.2), (0.3752, -3.4),
          (0.5055, -5.2), (0.3681, -7.6), (0.3697, -3.0), (0.5700, -8.9), (0.5283, -9.0), (1.1021, -4.8),
          (1.2756, -5.7), (1.5474, -7.5), (1.7842, -1.9), (2.0169, -7.6), (2.8294, -12.2), (3.0219, -9.8),
          (3.6187, -11.4), (4.1067, -14.9), (4.2790, -9.2), (4.7834, -11.3)),
    "C": ((0.0, -4.4), (0.2099, -1.2), (0.2219, -3.5), (0.2329, -5.2), (0.2176, -2.5), (0.6366, 0.0), (0.6448, -2.2),
          (0.6560, -3.9), (0.6584, -7.4), (0.7935, -7.1), (0.8213, -10.7), (0.9336, -11.1), (1.2285, -5.1),
          (1.3083, -6.8), (2.1704, -8.7), (2.7105, -13.2), (4.2589, -13.9), (4.6003, -13.9), (5.4902, -15.8),
          (5.6077, -17.1), (6.3065, -16.0), (6.6374, -15.7), (7.0427, -21.6), (8.6523, -22.8)),
}  # fmt: skip
"""Delay in units of the rms delay spread and mean power in dB of each path."""

_NAME = re.compile(r"(EPA|EVA|ETU)(\d+)|TDL-([ABC])(\d+)-(\d+)")


@dataclass(frozen=True)
class FadingProfile:
    """Power delay profile of a WSSUS channel, each path with the Jakes Doppler spectrum.

    Attributes
    ----------
    name : str
    delays_s : tuple of float
    powers : tuple of float
        Mean power of each path, linear; they add up to one.
    doppler_hz : float
        Largest Doppler shift.
    """

    name: str
    delays_s: tuple[float, ...]
    powers: tuple[float, ...]
    doppler_hz: float

    @property
    def rms_delay_spread_s(self) -> float:
        """Standard deviation of the delays, weighted by power."""
        delays, powers = np.array(self.delays_s), np.array(self.powers)
        return float(np.sqrt(powers @ delays**2 - (powers @ delays) ** 2))


def profile(name: str) -> FadingProfile:
    """A profile by name: ``EPA5``, ``EVA70``, ``ETU300`` (any Doppler in Hz), ``TDL-A30-10`` (ns, then Hz).

    Raises
    ------
    ConfigurationError
        The name is none of these.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise ConfigurationError(f"fading profile must look like EVA70 or TDL-C300-100, got {name!r}")
    extended, doppler, tapped, spread_ns, tapped_doppler = match.groups()
    if extended:
        return _profile(name, _EXTENDED_NS[extended], 1e-9, float(doppler))
    return _profile(name, _TAPPED[tapped], float(spread_ns) * 1e-9, float(tapped_doppler))


def _profile(name: str, paths: tuple, unit_s: float, doppler_hz: float) -> FadingProfile:
    delays, powers_db = zip(*paths, strict=True)
    powers = 10 ** (np.array(powers_db) / 10)
    return FadingProfile(
        name=name,
        delays_s=tuple(float(d * unit_s) for d in delays),
        powers=tuple((powers / powers.sum()).tolist()),
        doppler_hz=doppler_hz,
    )
