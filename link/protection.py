"""Unequal protection: how well items of each importance are to be sent, and which MCS that asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from semcom.link.errors import ProtectionError
from semcom.link.item import MAX_IMPORTANCE


@dataclass(frozen=True)
class ProtectionClass:
    """Items from an importance up (to the class above) and how they are sent.

    Attributes
    ----------
    least_importance : int
    margin_db : float
        The MCS is the fastest one whose threshold lies at least this far below that of the MCS chosen for the
        whole transmission; a negative margin asks for a faster one.
    frame_loss : float
        Share of frames that may be lost on the way; parity symbols make up for them. 0: no parity symbols.
    delivery : float
        Probability with which the class comes whole in spite of `frame_loss`.
    """

    least_importance: int
    margin_db: float = 0.0
    frame_loss: float = 0.0
    delivery: float = 0.995

    def __post_init__(self) -> None:
        for field, low, high in (
            ("least_importance", 0, MAX_IMPORTANCE),
            ("margin_db", -40.0, 40.0),
            ("frame_loss", 0.0, 0.9),
            ("delivery", 0.5, 0.99999),
        ):
            value = getattr(self, field)
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise ProtectionError(f"{field} must be {low:g} to {high:g}, got {value!r}")

    @property
    def set_number(self) -> int:
        """Sets of one picture are numbered by what they matter: 0 is the most important one there can be."""
        return MAX_IMPORTANCE - self.least_importance


class ClassOfPolicyFile(Protocol):
    """A class as files name its fields; see `ProtectionClass`."""

    @property
    def importance(self) -> int: ...
    @property
    def margin_db(self) -> float: ...
    @property
    def frame_loss(self) -> float: ...
    @property
    def delivery(self) -> float: ...


@dataclass(frozen=True)
class ProtectionPolicy:
    """Classes from the most important down; the last one takes all that is left.

    Parameters
    ----------
    classes : tuple of ProtectionClass

    Raises
    ------
    ProtectionError
        No class, two for one importance, not in order, or none that takes importance 0.
    """

    classes: tuple[ProtectionClass, ...]

    def __post_init__(self) -> None:
        least = [entry.least_importance for entry in self.classes]
        if not least or least[-1] != 0:
            raise ProtectionError(f"least_importance of the last class must be 0, got {least[-1] if least else 'none'}")
        if least != sorted(set(least), reverse=True):
            raise ProtectionError(f"least_importance must fall from class to class, got {', '.join(map(str, least))}")

    @classmethod
    def of(cls, classes: Iterable[ClassOfPolicyFile]) -> ProtectionPolicy:
        """The policy of a policy file's classes."""
        return cls(
            tuple(
                ProtectionClass(entry.importance, entry.margin_db, entry.frame_loss, entry.delivery)
                for entry in classes
            )
        )

    def class_of(self, importance: int) -> ProtectionClass:
        return next(entry for entry in self.classes if importance >= entry.least_importance)


FLAT = ProtectionPolicy((ProtectionClass(0),))
"""Everything equally well."""


def mcs_with_margin(base: str, margin_db: float, thresholds_db: Mapping[str, float]) -> str:
    """The fastest MCS that needs ``margin_db`` less than ``base``; the most robust one where none does.

    Parameters
    ----------
    base : str
    margin_db : float
    thresholds_db : mapping
        SNR each MCS needs, slowest MCS first.
    """
    if base not in thresholds_db:
        raise ProtectionError(f"MCS must be one of {', '.join(thresholds_db)}, got {base!r}")
    if margin_db == 0:
        return base
    limit = thresholds_db[base] - margin_db
    fitting = [name for name, threshold in thresholds_db.items() if threshold <= limit]
    return fitting[-1] if fitting else next(iter(thresholds_db))
