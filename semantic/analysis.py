"""What a system found in one picture under one request: all that is ever sent of the picture comes from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semcom.semantic.request import EncodeRequest


@dataclass(frozen=True)
class Guard:
    """What privacy hides of a picture.

    Attributes
    ----------
    names : tuple of str
        As the request names it; empty where nothing is hidden.
    hidden : frozenset of int
        Ids of the categories that no layer may name, of the vocabulary of the request's segmenter.
    withheld : bool [height, width] or None
        Where the picture was blanked; None where nothing is hidden.
    """

    names: tuple[str, ...] = ()
    hidden: frozenset[int] = frozenset()
    withheld: np.ndarray | None = None

    @property
    def note(self) -> tuple[str, str]:
        """For the sender, where something is hidden: what, and how much of the picture was blanked."""
        found = f"withheld: {self.withheld.mean():.0%} of the picture's area"
        nothing = "nothing of it was found, so nothing was withheld; what the segmenter overlooked is sent"
        return ", ".join(self.names), found if self.withheld.any() else nothing


@dataclass
class Analysis:
    """One picture, looked at once; systems keep what they found in subclasses.

    Attributes
    ----------
    request : EncodeRequest
        Under which it was made: what is refined later is refined under the same one.
    picture : uint8 [height, width, 3]
        As it may be shown: what must not be sent is blanked.
    guard : Guard
        What must not be named either, and where the picture was blanked.
    """

    request: EncodeRequest
    picture: np.ndarray
    guard: Guard

    def look(self) -> None:
        """Compute now what `code` would have to see first: another thread may then code while this one looks on."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height), pixels."""
        return self.picture.shape[1], self.picture.shape[0]
