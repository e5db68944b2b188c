"""What became of a frame, what of an unfinished item has come, and what of a picture has not."""

from __future__ import annotations

from dataclasses import dataclass

from semcom.link.frame import FrameName
from semcom.link.item import Item, Key, Scope


@dataclass(frozen=True)
class Arrival:
    """What became of one frame.

    Attributes
    ----------
    status : str
        ``new``, ``duplicate``, ``refused``.
    name : FrameName or None
        None where the bytes were no frame.
    items : tuple of Item
        The items that this frame completed: one or none, or several where it completed a set of them.
    reason : str
        Why it was refused: field, rule, value.
    """

    status: str
    name: FrameName | None = None
    items: tuple[Item, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Part:
    """What came of an unfinished item or set: the numbers of its pieces or symbols, as a bit map."""

    is_set: bool
    number: int  # layer, or set number
    received: frozenset[int]


@dataclass(frozen=True)
class Missing:
    """What has not come, of one picture.

    Attributes
    ----------
    scope : Scope
    frames : tuple of FrameName
        Missing pieces of items of which another piece came; the first ones, where there are very many.
    num_frames : int
        How many there are.
    unseen_items : int
        Items of which nothing came.
    unseen_keys : tuple of Key
        Their names, where the sender numbers its layers without gaps; else empty.
    required : tuple of Key
        Layers of the picture or its group that are required by others and not at hand; known to `assembly` only.
    """

    scope: Scope
    frames: tuple[FrameName, ...] = ()
    num_frames: int = 0
    unseen_items: int = 0
    unseen_keys: tuple[Key, ...] = ()
    required: tuple[Key, ...] = ()

    def __bool__(self) -> bool:
        return self.num_frames > 0 or self.unseen_items > 0 or bool(self.required)

    @property
    def layers(self) -> tuple[Key, ...]:
        """All layers that are known by name to be missing, in part or whole."""
        in_part = (name.key for name in self.frames if isinstance(name.key, Key))
        return tuple(sorted({*self.unseen_keys, *self.required, *in_part}))
