"""The symbols of one set as they come, and the items in them as soon as they can be read."""

from __future__ import annotations

from itertools import islice

from semcom.link.frame import FrameName
from semcom.link.item import Item
from semcom.link.parity.item_set import join, read_items
from semcom.link.parity.set_frame import SetFrame

SYMBOL_OVERHEAD_BYTES = 128
"""What keeping a symbol costs besides its bytes."""


class SetAssembly:
    """Collects the symbols of one set.

    Attributes
    ----------
    done : bool
        The set is whole; its symbols are forgotten.
    num_bytes : int
        Memory in use.
    num_items : int
        Items of the picture, as the set says; 0 where not known.
    """

    def __init__(self, frame: SetFrame) -> None:
        self.key = frame.key
        self._set_bytes, self._check = frame.set_bytes, frame.check
        self._symbol_bytes, self.num_symbols = len(frame.payload), frame.num_source_symbols
        self._symbols: dict[int, bytes] = {}
        self._run = 0  # symbols from the start of the set without a gap, items in them already given out
        self.done = False
        self.num_bytes = self.num_items = 0

    def fits(self, frame: SetFrame) -> bool:
        """Whether this is a symbol of the same set."""
        same = frame.set_bytes, frame.check, len(frame.payload)
        return same == (self._set_bytes, self._check, self._symbol_bytes)

    def has(self, frame: SetFrame) -> bool:
        return self.done or frame.symbol in self._symbols

    @property
    def num_missing(self) -> int:
        """Symbols still needed, whichever."""
        return 0 if self.done else max(0, self.num_symbols - len(self._symbols))

    def received(self) -> list[int]:
        """Numbers of the symbols that came, while the set is not whole."""
        return sorted(self._symbols)

    def missing(self) -> list[FrameName]:
        """Names of as many symbols as are still needed: parts of the set itself."""
        names = (number for number in range(self.num_symbols) if number not in self._symbols)
        return [FrameName(self.key, number) for number in islice(names, self.num_missing)]

    def add(self, frame: SetFrame) -> list[Item]:
        """Take a new symbol; the items that can be read now (those given out before among them).

        Raises
        ------
        FrameError
            The symbols do not make a set: they were forgotten.
        """
        self._symbols[frame.symbol] = frame.payload
        self.num_bytes += len(frame.payload) + SYMBOL_OVERHEAD_BYTES
        if len(self._symbols) >= self.num_symbols:
            symbols, self._symbols, self.num_bytes = self._symbols, {}, 0
            self.num_items, items = read_items(self.key.scope, join(symbols, self._set_bytes, self._check), True)
            self.done = True
            return items
        return self._items_of_run()

    def _items_of_run(self) -> list[Item]:
        run = self._run
        while run in self._symbols and run < self.num_symbols:
            run += 1
        if run == self._run:
            return []
        self._run = run
        head = b"".join(self._symbols[number] for number in range(run))
        self.num_items, items = read_items(self.key.scope, head, is_whole=False)
        return items
