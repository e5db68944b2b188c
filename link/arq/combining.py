"""Frames that are sent by name, one at a time, and combined at the receiver: process and redundancy version of each.

`repeat.RepeatSender` has the same rules for whole rounds. *Heard and not decoded*: the next redundancy version, to be
combined. *Not heard*: the same once more, as new data, in a more robust MCS. *On the air, nobody says what became of
it*: the same version once more in the same MCS, which can be combined and decodes alone as well.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from semcom.link.arq.feedback import NUM_PROCESSES
from semcom.link.arq.repeat import REDUNDANCY_ORDER
from semcom.link.errors import FrameError
from semcom.link.frame import FrameName

REPEAT_BYTES = 2


class Repeat(NamedTuple):
    """What the modem must be told of one transmission of a frame."""

    process: int
    redundancy_version: int
    new_data: bool

    def to_bytes(self) -> bytes:
        """Process, then version and (bit 2) new data."""
        return bytes([self.process, self.redundancy_version | 4 * self.new_data])

    @classmethod
    def from_bytes(cls, data: bytes) -> Repeat:
        """Inverse; `FrameError` by field, rule and value."""
        if len(data) != REPEAT_BYTES:
            raise FrameError("repeat", f"repeat must be {REPEAT_BYTES} bytes, got {len(data)}")
        if data[0] >= NUM_PROCESSES or data[1] > 7:
            raise FrameError("repeat", f"repeat must be a process below {NUM_PROCESSES} and 0..7, got {data.hex()}")
        return cls(data[0], data[1] & 3, bool(data[1] & 4))


@dataclass
class _Held:
    process: int
    mcs: str = ""
    version: int = 0  # place in REDUNDANCY_ORDER of what is sent next
    heard: bool = False  # the receiver may hold soft values of it
    missed: int = 0


class CombiningProcesses:
    """Gives each frame a process of its own until it is settled. Process 0 is for those that find none free."""

    def __init__(self) -> None:
        self._free = deque(range(1, NUM_PROCESSES))
        self._held: OrderedDict[FrameName, _Held] = OrderedDict()

    def next(self, name: FrameName, mcs_of: Callable[[int], str]) -> tuple[Repeat | None, str]:
        """For the next transmission of a frame: what the modem is told, and the MCS.

        Parameters
        ----------
        name : FrameName
        mcs_of : callable
            From the number of times that the frame was not heard to its MCS.
        """
        held = self._held.get(name)
        if held is None:
            if not self._free:
                return None, mcs_of(0)
            held = self._held[name] = _Held(self._free.popleft())
        if not held.heard:
            held.mcs = mcs_of(held.missed)
        version = REDUNDANCY_ORDER[held.version % len(REDUNDANCY_ORDER)]
        return Repeat(held.process, version, not held.heard), held.mcs

    def failed(self, name: FrameName) -> None:
        """It was heard and not decoded."""
        if held := self._held.get(name):
            held.heard = True
            held.version += 1

    def missed(self, name: FrameName) -> None:
        """Nothing of it was heard."""
        if held := self._held.get(name):
            held.missed += 1

    def on_air(self, name: FrameName) -> None:
        """It went out."""
        if held := self._held.get(name):
            held.heard = True

    def release(self, names: Iterable[FrameName]) -> None:
        """They came, or are given up; the process that was used last is used again last."""
        for name in names:
            if held := self._held.pop(name, None):
                self._free.append(held.process)
