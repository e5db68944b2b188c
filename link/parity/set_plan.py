"""Items → sets by class of protection, cut into frames so that they take the least time on air."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from semcom.link.errors import ItemError
from semcom.link.frame import item_check
from semcom.link.item import MAX_IMPORTANCE, Item, Key, Scope
from semcom.link.parity.item_set import MAX_SYMBOLS, num_source_symbols, symbols, to_bytes
from semcom.link.parity.set_frame import MAX_SETS, OVERHEAD_SET, SetFrame, SetKey
from semcom.link.parity.symbols_needed import symbols_needed
from semcom.link.protection import ProtectionClass, ProtectionPolicy, mcs_with_margin
from semcom.link.sender import OutgoingFrame, sending_order

Airtime = Callable[[str, int, int], int]
"""(name of an MCS, number of frames, bytes of each) → channel uses."""

FIRST_ALONE = MAX_IMPORTANCE + 1
"""Numbers of sets from here on are those of items that go alone: this and the number of their layer."""
_MAX_SOURCE_SYMBOLS = 128


@dataclass(frozen=True)
class PlannedSet:
    """One set of items as it will be sent.

    Attributes
    ----------
    key : SetKey
    items : tuple of Item
    mcs : str
    symbol_bytes : int
    num_symbols : int
        Symbols to send, parity ones included.
    channel_uses : int
    num_items : int
        Of the picture, all sets together.
    """

    key: SetKey
    items: tuple[Item, ...]
    mcs: str
    symbol_bytes: int
    num_symbols: int
    channel_uses: int
    num_items: int

    @cached_property
    def data(self) -> bytes:
        return to_bytes(self.items, self.num_items)

    @property
    def num_source_symbols(self) -> int:
        return num_source_symbols(len(self.data), self.symbol_bytes)

    @property
    def importance(self) -> int:
        return max(item.importance for item in self.items)

    def frames(self, first: int = 0, number: int | None = None) -> list[OutgoingFrame]:
        """Frames of ``number`` symbols from symbol ``first`` on, counted round; all planned ones by default."""
        count = self.num_symbols if number is None else number
        numbers = [(first + index) % MAX_SYMBOLS for index in range(count)]
        check = item_check(self.data)
        frames = [
            SetFrame(self.key, number, len(self.data), check, symbol)
            for number, symbol in zip(numbers, symbols(self.data, self.symbol_bytes, numbers), strict=True)
        ]
        sources = {item.source for item in self.items}
        source = sources.pop() if len(sources) == 1 else 0
        return [
            OutgoingFrame(frame.name, frame.to_bytes(), self.importance, self.mcs, source=source) for frame in frames
        ]


class SetPlanner:
    """Plans the sets of a picture.

    Parameters
    ----------
    policy : ProtectionPolicy
    mcs : str
        MCS of a class without margin.
    thresholds_db : mapping
        SNR each MCS needs, slowest first.
    airtime : callable
        (name of an MCS, number of frames, bytes of each) → channel uses.
    max_frame_bytes : int
    max_frame_uses : int or None
        Longest a frame may be on air in a burst of its own, in channel uses: what a short disturbance may cost.
    """

    def __init__(
        self,
        policy: ProtectionPolicy,
        mcs: str,
        thresholds_db: Mapping[str, float],
        airtime: Airtime,
        max_frame_bytes: int = 256,
        max_frame_uses: int | None = None,
    ) -> None:
        if max_frame_bytes < OVERHEAD_SET + 8:
            raise ItemError(f"max_frame_bytes must be {OVERHEAD_SET + 8} or more, got {max_frame_bytes}")
        self.policy = policy
        self.mcs_of_class = {entry: mcs_with_margin(mcs, entry.margin_db, thresholds_db) for entry in policy.classes}
        self._airtime = airtime
        self._max_frame_bytes = max_frame_bytes
        self._max_frame_uses = max_frame_uses

    def plan(self, items: Sequence[Item], num_items: int | None = None) -> list[PlannedSet]:
        """Sets of all items, the most important one first.

        Parameters
        ----------
        items : sequence of Item
            Of any number of pictures; no key twice.
        num_items : int, optional
            Items of each picture; as many as are given by default.

        Raises
        ------
        ItemError
        """
        for key, times in Counter(item.key for item in items).items():
            if times > 1:
                raise ItemError(f"key of items sent together must be unique, got {key} {times} times")
        counts = Counter(item.key.scope for item in items)
        sets: dict[tuple[ProtectionClass, Scope, int], list[Item]] = {}
        needed_by = _importance_with_requirements(items)
        for item in sending_order(items):
            entry = self.policy.class_of(needed_by[item.key])
            own_number = FIRST_ALONE + item.key.layer
            is_alone = item.alone and own_number < MAX_SETS
            set_number = own_number if is_alone else entry.set_number
            sets.setdefault((entry, item.key.scope, set_number), []).append(item)
        ordered = sorted(sets.items(), key=lambda pair: (pair[0][0].set_number, pair[0][2]))
        return [
            self._cut(
                entry, SetKey.of(scope, number), tuple(members), counts[scope] if num_items is None else num_items
            )
            for (entry, scope, number), members in ordered
        ]

    def fill(
        self, items: Sequence[Item], max_channel_uses: int, num_besides: int = 0
    ) -> tuple[list[PlannedSet], list[Item]]:
        """Sets of as many items as fit the airtime, the most important first, and the items left out.

        An item that does not fit is left out with all that requires it; a smaller, less important one may still fit.
        `num_besides` items of the picture are sent in frames of their own.
        """
        taken: list[Item] = []
        left_out: dict[Key, Item] = {}
        best: list[PlannedSet] = []
        for item in sending_order(items):
            plan = None if any(key in left_out for key in item.requires) else self._plan_with(taken, item, num_besides)
            if plan is None or sum(entry.channel_uses for entry in plan) > max_channel_uses:
                left_out[item.key] = item
            else:
                taken.append(item)
                best = plan
        return best, list(left_out.values())

    def _plan_with(self, taken: list[Item], item: Item, num_besides: int) -> list[PlannedSet]:
        return self.plan([*taken, item], len(taken) + 1 + num_besides if num_besides else None)

    def _cut(self, entry: ProtectionClass, key: SetKey, items: tuple[Item, ...], num_items: int) -> PlannedSet:
        """The cut that takes the least time on air."""
        mcs = self.mcs_of_class[entry]
        num_bytes = len(to_bytes(items, num_items))
        best: PlannedSet | None = None
        least = -(-num_bytes // (self._max_frame_bytes - OVERHEAD_SET))
        for wished in range(least, max(least, _MAX_SOURCE_SYMBOLS) + 1):
            symbol_bytes = -(-num_bytes // wished)
            if num_source_symbols(num_bytes, symbol_bytes) != wished:
                continue
            number = symbols_needed(wished, entry.frame_loss, entry.delivery)
            if number is None:
                break
            frame_bytes = symbol_bytes + OVERHEAD_SET
            too_long = self._max_frame_uses and self._airtime(mcs, 1, frame_bytes) > self._max_frame_uses
            if too_long and symbol_bytes > 8:
                continue
            uses = self._airtime(mcs, number, frame_bytes)
            if best is None or uses < best.channel_uses:
                best = PlannedSet(key, items, mcs, symbol_bytes, number, uses, num_items)
            if entry.frame_loss == 0 or symbol_bytes <= 8:
                break
        if best is None:
            raise ItemError(f"items of set {key} must fit {MAX_SYMBOLS} frames, got {num_bytes} bytes")
        return best


def _importance_with_requirements(items: Sequence[Item]) -> dict[Key, int]:
    """Importance of each item, raised to that of the most important one that requires it."""
    importance = {item.key: item.importance for item in items}
    for _ in items:  # a chain is no longer than this
        before = dict(importance)
        for item in items:
            for key in item.requires:
                if key in importance:
                    importance[key] = max(importance[key], importance[item.key])
        if importance == before:
            break
    return importance
