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
