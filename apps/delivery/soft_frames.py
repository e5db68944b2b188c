"""Frames of items that are welcome as soft values: which mode they go in, and how long they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from semcom.link import Item, OutgoingFrame, Sender
from semcom.phy.burst_layout import block_layout
from semcom.phy.mcs import find_mcs
from semcom.phy.soft_text import head_mcs
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform


def with_soft_mcs(frame: OutgoingFrame, mcs: str) -> OutgoingFrame:
    """The frame in its own mode; `mcs` is that of the transmission."""
    if frame.coded_bytes is None:
        return frame
    return replace(frame, mcs=head_mcs(mcs))


def soft_frames(items: Sequence[Item], mcs: str) -> list[OutgoingFrame]:
    """Of the items of a picture, `items`, the frames of those that are welcome as soft values."""
    return [with_soft_mcs(frame, mcs) for frame in Sender().frames(items) if frame.coded_bytes is not None]


def soft_uses(frames: Sequence[OutgoingFrame], waveform: Waveform) -> int:
    """Channel uses of such frames, each in a burst of its own; `ConfigurationError` where one fits none."""
    blocks = [(find_mcs(frame.mcs), TransportBlock(frame.data, **frame.uncoded)) for frame in frames]
    return sum(block_layout(waveform, mcs, block).num_samples for mcs, block in blocks)
