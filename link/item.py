"""What the link carries: items, each with a name, bytes and how much it matters.

The link does not know what an item means. Its `Key` has the same four numbers as the key of a semantic layer, so that
both ends and every report name the same thing in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from semcom.link.errors import ItemError

MAX_IMPORTANCE = 7
MAX_EXACT_BYTES = 31
ANALOG_SYMBOL_BYTES = 4
MAX_ITEM_BYTES = 1 << 22
"""4 MiB: far above any layer, low enough that a hostile sender cannot fill the receiver's memory with one item."""

_KEY_LIMITS = {"stream": 0xFFFF, "group": 0xFFFF, "picture": 0xFFFF, "layer": 0xFF}


class Scope(NamedTuple):
    """What items belong to: one picture, or (``picture`` 0) all pictures of a group."""

    stream: int
    group: int
    picture: int

    def __str__(self) -> str:
        return f"{self.stream}/{self.group}/{self.picture or '*'}"


class Key(NamedTuple):
    """Name of an item. ``picture`` 0 means: belongs to the whole group."""

    stream: int  # 0..65535
    group: int  # 0..65535
    picture: int  # 0..65535
    layer: int  # 0..255

    @property
    def scope(self) -> Scope:
        return Scope(self.stream, self.group, self.picture)

    def __str__(self) -> str:
        return f"{self.scope}/{self.layer}"


@dataclass(frozen=True)
class Item:
    """One thing to bring across, whole.

    Attributes
    ----------
    key : Key
        Any sequence of the four numbers (stream, group, picture, layer) will do.
    importance : int
        0 (first to be given up) to 7 (last).
    payload : bytes
        At most `MAX_ITEM_BYTES`; may be empty.
    requires : tuple of Key
        Items without which this one means nothing: they are sent before it. Known to the sender only.
    exact_bytes : int or None
        None: the payload is to arrive exactly, or not at all. Else 0 to `MAX_EXACT_BYTES`: so many bytes from its start
        are, and the bits that follow are welcome as soft values.
    analog : bool
        What follows the exact bytes are complex symbols, `ANALOG_SYMBOL_BYTES` each: they are sent as they are.
    alone : bool
        Goes over a link of its own, and shares no symbols with other items: what is lost with theirs is not lost with
        it. Known to the sender only.
    damaged : bool
        Set by the receiver: bits after the exact bytes may be wrong.
    llr : bytes
        Set by the receiver: their LLRs, one signed byte each, in steps of 1/8, positive for zero; of complex symbols
        the noise variance of each, one byte, as the modem writes it; empty: not known.

    Raises
    ------
    ItemError
        A number out of range, or a payload above the limit.
    """

    key: Key
    importance: int
    payload: bytes
    requires: tuple[Key, ...] = ()
    exact_bytes: int | None = None
    damaged: bool = False
    llr: bytes = b""
    alone: bool = False
    analog: bool = False

    @property
    def source(self) -> int:
        """Of the link over which it goes: the number of its layer where it goes alone, else that of all others, 0."""
        return self.key.layer if self.alone else 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", checked_key(self.key))
        object.__setattr__(self, "requires", tuple(checked_key(key) for key in self.requires))
        if not 0 <= self.importance <= MAX_IMPORTANCE:
            raise ItemError(f"importance of item {self.key} must be 0 to {MAX_IMPORTANCE}, got {self.importance}")
        if not isinstance(self.payload, bytes):
            raise ItemError(f"payload of item {self.key} must be bytes, got {type(self.payload).__name__}")
        if len(self.payload) > MAX_ITEM_BYTES:
            raise ItemError(
                f"payload of item {self.key} must be at most {MAX_ITEM_BYTES} bytes, got {len(self.payload)}"
            )
        if self.exact_bytes is not None and not 0 <= self.exact_bytes <= min(MAX_EXACT_BYTES, len(self.payload) - 1):
            raise ItemError(
                f"exact_bytes of item {self.key} must be 0 to {MAX_EXACT_BYTES} and leave some of its "
                f"{len(self.payload)} bytes, got {self.exact_bytes}"
            )
        if self.analog and (self.exact_bytes is None or (len(self.payload) - self.exact_bytes) % ANALOG_SYMBOL_BYTES):
            rule = f"exact_bytes and whole symbols of {ANALOG_SYMBOL_BYTES} bytes after them"
            raise ItemError(f"analog item {self.key} must have {rule}, got {self.exact_bytes} of {len(self.payload)}")


def checked_key(numbers: Sequence[int]) -> Key:
    """The four numbers as a `Key`; raises `ItemError` where one is missing, no integer, or out of range."""
    if len(numbers) != 4:
        raise ItemError(f"key must be (stream, group, picture, layer), got {len(numbers)} numbers")
    for (name, limit), number in zip(_KEY_LIMITS.items(), numbers, strict=True):
        if not isinstance(number, int) or not 0 <= number <= limit:
            raise ItemError(f"{name} of key must be an integer from 0 to {limit}, got {number!r}")
    return Key(*(int(number) for number in numbers))
