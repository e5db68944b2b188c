"""A picture as far as it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from semcom.link.arrival import Missing
from semcom.link.item import Key, Scope
from semcom.link.parity.set_frame import SetKey


@dataclass(frozen=True)
class Picture:
    """Layers of a picture; it does not change when more of them come.

    Attributes
    ----------
    scope : Scope
        Stream, group, picture (never 0).
    payloads : mapping of Key to bytes
        Its own layers in the order in which they came, then those of its group that it requires or lists.
    carriers : mapping of Key to Key or SetKey
        By which name the frames of a layer of its own went: the layer's, or that of a set it shared.
    damaged : mapping of Key to bytes
        Layers of `payloads` that came as soft values, bits may be wrong: their LLRs, see `Item.llr`.
    missing : Missing
    complete : bool
        All its own layers came and everything they require is at hand.
    """

    scope: Scope
    payloads: Mapping[Key, bytes]
    carriers: Mapping[Key, Key | SetKey]
    damaged: Mapping[Key, bytes]
    missing: Missing
    complete: bool
