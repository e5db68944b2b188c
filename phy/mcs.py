"""The table of modulation and coding schemes (MCS), most robust first."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from semcom.phy.errors import ConfigurationError

MODULATIONS = {"bpsk": 1, "qpsk": 2, "16qam": 4, "64qam": 6, "256qam": 8}
"""Bits per symbol of each constellation."""


@dataclass(frozen=True)
class Mcs:
    """One modulation and coding scheme.

    Attributes
    ----------
    name : str
        ``"qpsk-1/2"``: constellation and code rate.
    number : int
        As the signal field carries it, 0 .. 31.
    bits_per_symbol : int
    code_rate : float
        Information bits (payload and CRC) over coded bits.
    header_form : str
        Form of the signal field, "short", "medium" or "robust": it must be safe where the payload just works.
    """

    name: str
    number: int
    bits_per_symbol: int
    code_rate: float
    header_form: str

    @property
    def modulation(self) -> str:
        return self.name.split("-")[0]

    @property
    def efficiency(self) -> float:
        """Information bits per data symbol."""
        return self.bits_per_symbol * self.code_rate


_NUMBERED = (
    *("bpsk-1/8", "bpsk-1/5", "bpsk-1/3", "bpsk-1/2"),
    *("qpsk-1/3", "qpsk-1/2", "qpsk-2/3", "qpsk-3/4"),
    *("16qam-1/2", "16qam-2/3", "16qam-3/4"),
    *("64qam-2/3", "64qam-3/4", "64qam-5/6"),
    *("256qam-3/4", "256qam-5/6"),
    "bpsk-2/5",
)
"""Names by number. Numbers go on the air: append only."""
_ROBUST = ("bpsk-1/8", "bpsk-1/5")
_MEDIUM = ("bpsk-1/3", "bpsk-2/5", "bpsk-1/2", "qpsk-1/3")


def _mcs(number: int, name: str) -> Mcs:
    modulation, rate = name.split("-")
    header_form = "robust" if name in _ROBUST else "medium" if name in _MEDIUM else "short"
    return Mcs(name, number, MODULATIONS[modulation], float(Fraction(rate)), header_form)


MCS_BY_NUMBER: tuple[Mcs, ...] = tuple(_mcs(number, name) for number, name in enumerate(_NUMBERED))

MCS_TABLE: dict[str, Mcs] = {mcs.name: mcs for mcs in sorted(MCS_BY_NUMBER, key=lambda mcs: mcs.efficiency)}
"""Every MCS by name, most robust first."""


def find_mcs(name: str) -> Mcs:
    """The MCS of that name; an unknown name is refused with the list of known ones."""
    if name not in MCS_TABLE:
        raise ConfigurationError(f"mcs must be one of {', '.join(MCS_TABLE)}, got {name!r}")
    return MCS_TABLE[name]
