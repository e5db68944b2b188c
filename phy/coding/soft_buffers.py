"""HARQ soft buffers: soft values of failed blocks until a repeat comes, bounded in number and bytes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from semcom.phy.coding.decode_result import SoftBuffer

MAX_BUFFERS = 1024
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class KeptBlock:
    """Soft values of a block that failed so far.

    Attributes
    ----------
    soft_buffer : SoftBuffer
    shape : tuple
        What must agree before a repeat may be combined: payload bytes and MCS.
    num_transmissions : int
    """

    soft_buffer: SoftBuffer
    shape: tuple
    num_transmissions: int


class SoftBuffers:
    """Soft buffers by (source, process); the least recently used is dropped first.

    Parameters
    ----------
    max_buffers : int
    max_bytes : int
    """

    def __init__(self, max_buffers: int = MAX_BUFFERS, max_bytes: int = MAX_BYTES) -> None:
        self._kept: OrderedDict[tuple[int, int], KeptBlock] = OrderedDict()
        self._max_buffers = max_buffers
        self._max_bytes = max_bytes
        self.num_bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def take(self, key: tuple[int, int], shape: tuple, new_data: bool) -> KeptBlock | None:
        """Remove and return the soft values for combining with a repeat; new data or another shape only clears them."""
        kept = self._kept.pop(key, None)
        if kept is None:
            return None
        self.num_bytes -= kept.soft_buffer.values.nbytes
        return kept if not new_data and kept.shape == shape else None

    def keep(self, key: tuple[int, int], block: KeptBlock) -> None:
        """Keep a failed block for its repeat."""
        self.take(key, (), new_data=True)
        self._kept[key] = block
        self.num_bytes += block.soft_buffer.values.nbytes
        while len(self._kept) > self._max_buffers or self.num_bytes > self._max_bytes:
            _, dropped = self._kept.popitem(last=False)
            self.num_bytes -= dropped.soft_buffer.values.nbytes
