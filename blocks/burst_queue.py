"""Frames wait here to become bursts: equal neighbours share one."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

from semcom.blocks.live.tx_time import TxTime
from semcom.phy.burst_layout import block_layout, burst_layout
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import Mcs, find_mcs
from semcom.phy.transport_block import MAX_BLOCKS_PER_BURST, NUM_PROCESSES, TransportBlock
from semcom.phy.waveform import Waveform


@dataclass
class _Group:
    """Frames of one length and one MCS, to be sent as one burst."""

    mcs: Mcs
    frame_bytes: int
    blocks: list[TransportBlock] = field(default_factory=list)
    numbered: bool = False  # the frames came with processes of their own
    tx_time: TxTime | None = None
    closed: bool = False


class BurstQueue:
    """Groups consecutive frames of equal length and MCS into bursts, in order.

    A burst has a preamble and a signal field, whatever it carries: eight short frames in one burst take half the
    airtime of eight bursts.

    Parameters
    ----------
    waveform : Waveform
    max_blocks_per_burst : int
        1 to 64.
    wait_for_full_bursts : bool
        A burst that could still grow waits for the next frame or for `close`. Makes the stream independent of when
        frames come; without it a burst leaves as soon as the modem asks.
    max_queued_bytes : int
        Frames beyond this are refused.
    """

    def __init__(
        self,
        waveform: Waveform,
        max_blocks_per_burst: int = 8,
        wait_for_full_bursts: bool = False,
        max_queued_bytes: int = 1 << 23,
    ):
        if not 1 <= max_blocks_per_burst <= MAX_BLOCKS_PER_BURST:
            raise ConfigurationError(
                f"max_blocks_per_burst must be 1 to {MAX_BLOCKS_PER_BURST}, got {max_blocks_per_burst}"
            )
        self.waveform = waveform
        self.max_blocks_per_burst = max_blocks_per_burst
        self.wait_for_full_bursts = wait_for_full_bursts
        self.max_queued_bytes = max_queued_bytes
        self.queued_bytes = 0
        self._num_frames = 0  # counted, not summed up: other threads ask while groups come and go
        self._groups: deque[_Group] = deque()
        self._process = 0

    def check(self, frame: bytes, mcs: str, coded_bytes: int | None = None, analog: bool = False) -> Mcs:
        """The MCS of that name, if a burst of its own can carry the frame; raises `ConfigurationError` if not."""
        found = find_mcs(mcs)
        block_layout(self.waveform, found, TransportBlock(frame, coded_bytes=coded_bytes, analog=analog))
        return found

    def add(self, frame: bytes | TransportBlock, mcs: Mcs, tx_time: TxTime | None = None) -> None:
        """Queue one frame: as bytes, or as a block with the process and version that a repeat asks for.

        Only frames of the same `tx_time` share a burst.

        Raises
        ------
        ConfigurationError
            The frame does not fit a burst of this waveform, or the queue is full.
        """
        numbered = isinstance(frame, TransportBlock)
        block = frame if isinstance(frame, TransportBlock) else TransportBlock(frame)
        size = len(block.payload)
        if self.queued_bytes + size > self.max_queued_bytes:
            raise ConfigurationError(
                f"queued frames must be at most {self.max_queued_bytes} bytes together, got {size} more"
            )
        group = self._groups[-1] if self._groups else None
        joins = group is not None and not group.closed and group.tx_time == tx_time
        if not joins or not self._may_join(group, block, numbered, mcs):
            block_layout(self.waveform, mcs, block)
            self.close()
            group = _Group(mcs, size, numbered=numbered, tx_time=tx_time)
            self._groups.append(group)
        group.blocks.append(block)
        group.closed = len(group.blocks) >= self.max_blocks_per_burst or block.coded_bytes is not None
        self.queued_bytes += size
        self._num_frames += 1

    def close(self) -> None:
        """The last burst does not wait for more frames."""
        if self._groups:
            self._groups[-1].closed = True

    def take(self) -> tuple[list[TransportBlock], Mcs] | None:
        """The next burst's blocks and MCS, or None while there is nothing to send."""
        burst = self.take_timed()
        return burst and burst[:2]

    def take_timed(self) -> tuple[list[TransportBlock], Mcs, TxTime | None] | None:
        """The same, with the time at which the burst is to leave, where its frames say one."""
        if not self._groups or (self.wait_for_full_bursts and not self._groups[0].closed):
            return None
        group = self._groups.popleft()
        self.queued_bytes -= group.frame_bytes * len(group.blocks)
        self._num_frames -= len(group.blocks)
        if group.numbered:
            return group.blocks, group.mcs, group.tx_time
        blocks = []
        for block in group.blocks:
            blocks.append(replace(block, process=self._process))
            self._process = (self._process + 1) % NUM_PROCESSES
        return blocks, group.mcs, group.tx_time

    def __len__(self) -> int:
        return self._num_frames

    def _may_join(self, group: _Group, block: TransportBlock, numbered: bool, mcs: Mcs) -> bool:
        last, size = group.blocks[-1], len(block.payload)
        if block.coded_bytes is not None:  # soft text has a burst of its own
            return False
        if (group.mcs, group.frame_bytes, group.numbered) != (mcs, size, numbered):
            return False
        if numbered and (block.process != (last.process + 1) % NUM_PROCESSES or _kind(block) != _kind(last)):
            return False
        try:
            burst_layout(self.waveform, mcs, len(group.blocks) + 1, size)
        except ConfigurationError:
            return False
        return True


def _kind(block: TransportBlock) -> tuple[int, int, bool]:
    """What the blocks of a burst have in common besides length and MCS."""
    return block.source, block.redundancy_version, block.new_data
