"""Layers that belong to a group of pictures: kept for all of them, within limits.

What came first under a name stays, as with the pieces of an item: another content under the same name is refused and
counted. Only what came damaged gives way to a whole copy. A sender whose shared knowledge changes takes a new layer
number or a new group.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Callable

from semcom.link.errors import ItemError
from semcom.link.item import MAX_ITEM_BYTES, Item, Key

MAX_GROUP_LAYERS = 256
MAX_GROUP_BYTES = 8 * MAX_ITEM_BYTES
ITEM_OVERHEAD_BYTES = 256
"""What keeping an item costs besides its payload."""

MAX_REFUSED_NAMES = 64


class GroupLayers:
    """A cache of items with picture number 0; the one not used for the longest time gives way.

    Parameters
    ----------
    counts : Counter
        Where to count ``repeated_group_layers``, ``refused_group_layers`` (another content), ``evicted_group_layers``.
    max_layers, max_bytes : int
        Of all groups together.
    on_evicted : callable
        Told the key of each layer that gave way.

    Attributes
    ----------
    num_bytes : int
    refused : deque of Key
        Names of the last layers that came with another content than the one kept.

    Raises
    ------
    ItemError
        A limit with which no item could be kept.
    """

    def __init__(
        self,
        counts: Counter[str],
        max_layers: int = MAX_GROUP_LAYERS,
        max_bytes: int = MAX_GROUP_BYTES,
        on_evicted: Callable[[Key], None] = lambda key: None,
    ) -> None:
        if max_layers < 1:
            raise ItemError(f"max_layers must be 1 or more, got {max_layers}")
        if max_bytes < MAX_ITEM_BYTES + ITEM_OVERHEAD_BYTES:
            raise ItemError(f"max_bytes must be at least {MAX_ITEM_BYTES + ITEM_OVERHEAD_BYTES}, got {max_bytes}")
        self.counts, self.max_layers, self.max_bytes = counts, max_layers, max_bytes
        self._on_evicted = on_evicted
        self._items: OrderedDict[Key, Item] = OrderedDict()  # the one used last at the end
        self._groups: dict[tuple[int, int], dict[Key, Item]] = {}
        self.num_bytes = 0
        self.refused: deque[Key] = deque(maxlen=MAX_REFUSED_NAMES)

    def put(self, item: Item) -> bool:
        """Keep a layer; whether anything changed."""
        known = self._items.get(item.key)
        if known is not None and not (known.damaged and not item.damaged):
            same = known.payload == item.payload or item.damaged
            self.counts["repeated_group_layers" if same else "refused_group_layers"] += 1
            if not same:
                self.refused.append(item.key)
            return False
        if known is not None:
            self._drop(item.key)
        self._items[item.key] = item
        self._groups.setdefault(item.key[:2], {})[item.key] = item
        self.num_bytes += _cost(item)
        while len(self._items) > self.max_layers or self.num_bytes > self.max_bytes:
            oldest = next(iter(self._items))
            self._drop(oldest)
            self.counts["evicted_group_layers"] += 1
            self._on_evicted(oldest)
        return True

    def of(self, stream: int, group: int) -> dict[Key, Item]:
        """All that is kept of a group."""
        return dict(self._groups.get((stream, group), {}))

    def used(self, key: Key) -> None:
        """A picture was put together with this layer: it gives way later."""
        self._items.move_to_end(key)

    def __len__(self) -> int:
        return len(self._items)

    def _drop(self, key: Key) -> None:
        self.num_bytes -= _cost(self._items.pop(key))
        group = self._groups[key[:2]]
        del group[key]
        if not group:
            del self._groups[key[:2]]


def _cost(item: Item) -> int:
    return len(item.payload) + len(item.llr) + ITEM_OVERHEAD_BYTES
