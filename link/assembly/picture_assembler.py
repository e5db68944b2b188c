"""Items → pictures, each with the layers of its group that it requires.

```
item of a picture ─► its layers ───────┐
                       └ requires      ├─► Picture, given out again whenever it changes
item of a group ───► GroupLayers ──────┘
```

Memory is bounded: when it is full, the picture of which nothing has come for the longest time gives way.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from semcom.link.arrival import Missing
from semcom.link.assembly.group_layers import ITEM_OVERHEAD_BYTES, GroupLayers
from semcom.link.assembly.picture import Picture
from semcom.link.assembly.requirements import RequiresOf, required_by, tells_nothing
from semcom.link.errors import ItemError
from semcom.link.item import MAX_ITEM_BYTES, Item, Key, Scope, checked_key
from semcom.link.parity.set_frame import SetKey

MAX_PICTURES = 256
MAX_BYTES = 16 * MAX_ITEM_BYTES
_NAME_BYTES = 64  # what an entry of the table of requirements costs


@dataclass(slots=True)
class _Layers:
    payloads: dict[Key, bytes] = field(default_factory=dict)
    carriers: dict[Key, Key | SetKey] = field(default_factory=dict)
    damaged: dict[Key, bytes] = field(default_factory=dict)
    requires: dict[Key, tuple[Key, ...]] = field(default_factory=dict)
    is_listed: bool = False  # a layer told which layers there are
    whole: bool = False  # all its own layers came
    restored: bool = False
    num_bytes: int = 0


class PictureAssembler:
    """Puts pictures together from items.

    Under one name the first content stays; another one is refused and counted, except that a whole copy takes the place
    of a damaged one.

    Parameters
    ----------
    requires_of : RequiresOf
        Reads from a payload which layers there are and what they require.
    max_pictures, max_bytes : int
        Of pictures that are kept.
    on_evicted : callable
        Given each picture that had to make room.
    on_group_layer_evicted : callable
        Told the key of each layer of a group that had to make room.

    Attributes
    ----------
    groups : GroupLayers
    counts : Counter
        ``repeated_items``, ``refused_items`` (another content under the same name), ``evicted_pictures``, and those of
        `GroupLayers`.

    Raises
    ------
    ItemError
        A limit with which no item could be kept.
    """

    def __init__(
        self,
        requires_of: RequiresOf = tells_nothing,
        max_pictures: int = MAX_PICTURES,
        max_bytes: int = MAX_BYTES,
        on_evicted: Callable[[Picture], None] = lambda picture: None,
        on_group_layer_evicted: Callable[[Key], None] = lambda key: None,
    ) -> None:
        if max_pictures < 1:
            raise ItemError(f"max_pictures must be 1 or more, got {max_pictures}")
        if max_bytes < MAX_ITEM_BYTES + ITEM_OVERHEAD_BYTES:
            raise ItemError(f"max_bytes must be at least {MAX_ITEM_BYTES + ITEM_OVERHEAD_BYTES}, got {max_bytes}")
        self.max_pictures, self.max_bytes = max_pictures, max_bytes
        self.counts: Counter[str] = Counter()
        self.groups = GroupLayers(self.counts, on_evicted=on_group_layer_evicted)
        self._requires_of, self._on_evicted = requires_of, on_evicted
        self._pictures: OrderedDict[Scope, _Layers] = OrderedDict()
        self._num_bytes = 0

    def take(self, item: Item, carrier: Key | SetKey | None = None, whole: bool = False) -> tuple[Scope, ...]:
        """Take an item.

        Parameters
        ----------
        item : Item
        carrier : Key or SetKey, optional
            By which name its frames went; its own by default.
        whole : bool
            All items of its picture have come with it.

        Returns
        -------
        changed : tuple of Scope
            Pictures that are no longer as they were given out last: one or none, or all that a layer of their group
            was handed to.
        """
        if item.key.picture == 0:
            return self._take_group_layer(item)
        scope = item.key.scope
        picture = self._open(scope)
        changed = self._put(picture, item, carrier or item.key)
        changed |= whole and not picture.whole
        picture.whole |= whole
        self._make_room()
        return (scope,) if changed else ()

    def open(self, scope: Scope) -> None:
        """Keep a picture of which something was heard; the others give way first."""
        self._open(scope)
        self._make_room()

    def __contains__(self, scope: Scope) -> bool:
        return scope in self._pictures

    def mark_whole(self, scope: Scope, whole: bool) -> bool:
        """Note whether all its own layers came; whether that is news."""
        picture = self._pictures[scope]
        before, picture.whole = picture.whole, whole
        return before != whole

    def restore(self, scope: Scope, payloads: Mapping[Key, bytes]) -> None:
        """A picture whose layers are known from before: what comes now is more of it."""
        picture = self._open(scope)
        for key, payload in payloads.items():
            self._put(picture, Item(Key(*key), 0, payload), Key(*key))
        picture.whole = picture.restored = True
        self._make_room()

    def picture(self, scope: Scope, missing: Missing | None = None) -> Picture:
        """A picture as it is now; ``missing``: what is known of its own items that have not come."""
        picture = self._pictures.get(scope, _Layers())
        handed = self._handed(scope, picture)
        for key in handed:
            self.groups.used(key)
        required = self.lacking(scope)
        own = Missing(scope) if missing is None else missing
        return Picture(
            scope,
            {**picture.payloads, **{key: item.payload for key, item in handed.items()}},
            dict(picture.carriers),
            {**picture.damaged, **{key: item.llr for key, item in handed.items() if item.damaged}},
            replace(own, required=required),
            picture.whole and not required,
        )

    def is_complete(self, scope: Scope) -> bool:
        """Whether all its own layers came, and everything they require."""
        picture = self._pictures.get(scope)
        return picture is not None and picture.whole and not self.lacking(scope)

    def lacking(self, scope: Scope) -> tuple[Key, ...]:
        """Layers that those at hand require and that are not."""
        picture = self._pictures.get(scope)
        if picture is None:
            return ()
        handed = self._handed(scope, picture)
        requires = {**picture.requires, **{key: item.requires for key, item in handed.items() if item.requires}}
        required = required_by((*picture.payloads, *handed), requires)
        return tuple(sorted(required - picture.payloads.keys() - handed.keys()))

    def scopes(self) -> list[Scope]:
        """Pictures that are kept, the one heard of last at the end."""
        return list(self._pictures)

    def is_restored(self, scope: Scope) -> bool:
        return scope in self._pictures and self._pictures[scope].restored

    def release(self, scope: Scope) -> None:
        """Nobody needs it any more."""
        picture = self._pictures.pop(scope, None)
        if picture is not None:
            self._num_bytes -= picture.num_bytes

    def evict(self, scope: Scope) -> None:
        """Give a picture up as it is, where it is kept."""
        if scope in self._pictures:
            picture = self.picture(scope)
            self.release(scope)
            self.counts["evicted_pictures"] += 1
            self._on_evicted(picture)

    def _open(self, scope: Scope) -> _Layers:
        picture = self._pictures.setdefault(scope, _Layers())
        self._pictures.move_to_end(scope)
        return picture

    def _take_group_layer(self, item: Item) -> tuple[Scope, ...]:
        if not self.groups.put(item):
            return ()
        same_group = [scope for scope in self._pictures if scope[:2] == item.key[:2]]
        return tuple(scope for scope in same_group if item.key in self._handed(scope, self._pictures[scope]))

    def _put(self, picture: _Layers, item: Item, carrier: Key | SetKey) -> bool:
        known = picture.payloads.get(item.key)
        if known is not None and (item.damaged or item.key not in picture.damaged):
            same = known == item.payload or item.damaged
            self.counts["repeated_items" if same else "refused_items"] += 1
            return False
        before = picture.num_bytes
        picture.payloads[item.key] = item.payload
        picture.carriers[item.key] = carrier
        picture.num_bytes += len(item.payload) + len(item.llr) + ITEM_OVERHEAD_BYTES
        if known is not None:
            picture.num_bytes -= len(known) + len(picture.damaged.get(item.key, b"")) + ITEM_OVERHEAD_BYTES
        picture.damaged.pop(item.key, None)
        if item.damaged:
            picture.damaged[item.key] = item.llr
        self._note_requirements(picture, item)
        self._num_bytes += picture.num_bytes - before
        return True

    def _note_requirements(self, picture: _Layers, item: Item) -> None:
        """As the item names them, or as its payload tells for the whole picture."""
        told = None if item.damaged else self._requires_of(item.key, item.payload)
        picture.is_listed |= told is not None
        entries = {checked_key(key): tuple(map(checked_key, keys)) for key, keys in (told or {}).items()}
        if item.requires:
            entries[item.key] = item.requires
        picture.requires.update(entries)
        picture.num_bytes += _NAME_BYTES * sum(1 + len(keys) for keys in entries.values())

    def _handed(self, scope: Scope, picture: _Layers) -> dict[Key, Item]:
        """Layers of its group that belong to a picture: those that any of its layers names; all where none was told.

        A number that the picture has given to a layer of its own is not handed to it twice.
        """
        at_hand = self.groups.of(scope.stream, scope.group)
        if not at_hand:
            return {}
        used = {key.layer for key in picture.payloads}
        at_hand = {key: item for key, item in at_hand.items() if key.layer not in used}
        if not picture.is_listed:
            return at_hand
        named = {*picture.requires, *(key for keys in picture.requires.values() for key in keys)}
        named |= required_by(named, {key: item.requires for key, item in at_hand.items()})
        return {key: item for key, item in at_hand.items() if key in named}

    def _make_room(self) -> None:
        while len(self._pictures) > self.max_pictures or self._num_bytes > self.max_bytes:
            self.evict(next(iter(self._pictures)))
