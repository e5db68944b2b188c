"""Several items as one run of bytes, so that small ones share frames, and parity symbols can stand in for lost ones.

```
items, most important first ─ entries one after the other ─ cut into K symbols ─ + parity symbols
```

A set is what RFC 5052 calls a source block. The code is Reed–Solomon over GF(256), systematic: any K different symbols
give the whole set. Symbols 0 to K - 1 are the set itself: items that lie in an unbroken run of them from the start are
out before the set is whole. The layout is in docs/link_frame.md, nowhere else in code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType

from semcom.installation import require
from semcom.link.errors import FrameError, ItemError
from semcom.link.frame import MAX_FRAME_BYTES, MAX_ITEMS_PER_SCOPE, item_check
from semcom.link.item import Item, Key, Scope

MAX_SET_BYTES = 0xFFFF
MAX_SYMBOLS = 256
"""Symbols of a set, parity ones included: what Reed–Solomon over GF(256) has."""

_LAYER_BYTES = 2
_MAX_LENGTH_BYTES = 3


def to_bytes(items: Sequence[Item], num_items: int) -> bytes:
    """The items of one picture, in the order given.

    Parameters
    ----------
    items : sequence of Item
        Of one scope; none that is to be delivered with errors: parity symbols only work on intact ones.
    num_items : int
        Items sent for this picture in all, 0 where not said.

    Raises
    ------
    ItemError
    """
    if len({item.key.scope for item in items}) != 1:
        raise ItemError(f"items of a set must belong to one picture, got {len({i.key.scope for i in items})}")
    if not 0 <= num_items <= MAX_ITEMS_PER_SCOPE:
        raise ItemError(f"num_items must be 0 to {MAX_ITEMS_PER_SCOPE}, got {num_items}")
    if len(items) > MAX_ITEMS_PER_SCOPE:
        raise ItemError(f"items of a set must be at most {MAX_ITEMS_PER_SCOPE}, got {len(items)}")
    body = bytearray([num_items])
    for item in items:
        if item.exact_bytes is not None:
            raise ItemError(f"item {item.key} is to be delivered as soft values: it cannot be part of a set")
        body += bytes([item.key.layer, item.importance << 5]) + _length(len(item.payload)) + item.payload
    if len(body) > MAX_SET_BYTES:
        raise ItemError(f"items of a set must be at most {MAX_SET_BYTES} bytes together, got {len(body)}")
    return bytes(body)


def entry_bytes(item: Item) -> int:
    """What the item adds to a set."""
    return _LAYER_BYTES + len(_length(len(item.payload))) + len(item.payload)


def read_items(scope: Scope, head: bytes, is_whole: bool) -> tuple[int, list[Item]]:
    """``num_items`` and the items that lie whole in the first bytes of a set.

    Raises
    ------
    FrameError
        The bytes are no set; with ``is_whole`` also where they end within an item.
    """
    if not head:
        return 0, []
    items, at = [], 1
    while at < len(head):
        if at + _LAYER_BYTES >= len(head):
            break
        layer, flags = head[at], head[at + 1]
        if flags & 0x1F:
            raise FrameError("reserved", f"reserved bits of an item in a set must be 0, got {flags & 0x1F:02x}")
        length, start = _read_length(head, at + _LAYER_BYTES)
        if length is None or start + length > len(head):
            break
        items.append(Item(Key(*scope, layer), flags >> 5, head[start : start + length]))
        at = start + length
        if len(items) > MAX_ITEMS_PER_SCOPE:
            raise FrameError("num_items", f"items of a set must be at most {MAX_ITEMS_PER_SCOPE}, got more")
    if is_whole and at != len(head):
        raise FrameError("set", f"set must end with its last item, got {len(head) - at} bytes more")
    return head[0], items


def num_source_symbols(set_bytes: int, symbol_bytes: int) -> int:
    """K: symbols that the set itself fills."""
    return -(-set_bytes // symbol_bytes)


def symbols(data: bytes, symbol_bytes: int, numbers: Sequence[int]) -> list[bytes]:
    """Symbols of the set with these numbers, each ``symbol_bytes`` long; those below K are the set itself.

    Raises
    ------
    ItemError
        A number beyond `MAX_SYMBOLS`, or more symbols needed than there are.
    """
    if not 1 <= symbol_bytes <= MAX_FRAME_BYTES:
        raise ItemError(f"symbol must be 1 to {MAX_FRAME_BYTES} bytes long, got {symbol_bytes}")
    count = num_source_symbols(len(data), symbol_bytes)
    if count > MAX_SYMBOLS:
        raise ItemError(
            f"a set of {len(data)} bytes must fit {MAX_SYMBOLS} symbols, got {count} of {symbol_bytes} bytes"
        )
    if any(not 0 <= number < MAX_SYMBOLS for number in numbers):
        raise ItemError(f"symbol must be 0 to {MAX_SYMBOLS - 1}, got {max(numbers)}")
    padded = data.ljust(count * symbol_bytes, b"\0")
    source = [padded[at : at + symbol_bytes] for at in range(0, len(padded), symbol_bytes)]
    if all(number < count for number in numbers):
        return [source[number] for number in numbers]
    if count == 1:
        return [source[0]] * len(numbers)
    return _zfec().Encoder(count, MAX_SYMBOLS).encode(source, list(numbers))


def join(received: Mapping[int, bytes], set_bytes: int, check: int) -> bytes:
    """The set, of any K of its symbols.

    Raises
    ------
    FrameError
        They do not belong together.
    """
    symbol_bytes = len(next(iter(received.values())))
    count = num_source_symbols(set_bytes, symbol_bytes)
    numbers = sorted(received)[:count]
    if numbers == list(range(count)):
        source = [received[number] for number in numbers]
    elif count == 1:
        source = [received[numbers[0]]]
    else:
        source = _zfec().Decoder(count, MAX_SYMBOLS).decode([received[number] for number in numbers], numbers)
    data = b"".join(source)[:set_bytes]
    if item_check(data) != check:
        raise FrameError("item_check", f"check of the set must be {check:04x}, got {item_check(data):04x}")
    return data


def _zfec() -> ModuleType:
    """Imported only where parity symbols are made or used."""
    try:
        import zfec
    except ImportError:
        require("link")
        raise
    return zfec


def _length(number: int) -> bytes:
    """Groups of seven bits, lowest first, the high bit set where another follows."""
    groups = bytearray()
    while number >= 0x80:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])


def _read_length(data: bytes, at: int) -> tuple[int | None, int]:
    """The number and where the next byte is; None where the bytes end before it does."""
    number = 0
    for place in range(_MAX_LENGTH_BYTES):
        if at + place >= len(data):
            return None, at
        number |= (data[at + place] & 0x7F) << 7 * place
        if data[at + place] < 0x80:
            return number, at + place + 1
    raise FrameError("length", f"length of an item in a set must have {_MAX_LENGTH_BYTES} bytes or fewer, got more")
