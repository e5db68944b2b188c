"""The modem's input: the bytes of one link frame with their HARQ bookkeeping."""

from __future__ import annotations

from dataclasses import dataclass

from semcom.phy.errors import ConfigurationError

MAX_TRANSPORT_BLOCK_BYTES = 8192
MAX_BLOCKS_PER_BURST = 64
NUM_SOURCES = 256
NUM_PROCESSES = 64
NUM_REDUNDANCY_VERSIONS = 4


@dataclass(frozen=True)
class TransportBlock:
    """One transport block: the payload of one link frame.

    Attributes
    ----------
    payload : bytes
        1 .. MAX_TRANSPORT_BLOCK_BYTES bytes.
    source : int
        Number of the sender, 0 .. 255.
    process : int
        HARQ process, 0 .. 63: repeats of a block go by (source, process). The blocks of one burst take consecutive
        processes, counted modulo 64 from the first block's.
    redundancy_version : int
        Which part of the code's circular buffer is sent, 0 .. 3.
    new_data : bool
        False for a repeat, to be combined with what was received before.
    """

    payload: bytes
    source: int = 0
    process: int = 0
    redundancy_version: int = 0
    new_data: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.payload, bytes | bytearray | memoryview):
            raise ConfigurationError(f"payload must be bytes, got {type(self.payload).__name__}")
        object.__setattr__(self, "payload", bytes(self.payload))
        _require_range("payload", len(self.payload), 1, MAX_TRANSPORT_BLOCK_BYTES, " bytes")
        _require_range("source", self.source, 0, NUM_SOURCES - 1)
        _require_range("process", self.process, 0, NUM_PROCESSES - 1)
        _require_range("redundancy_version", self.redundancy_version, 0, NUM_REDUNDANCY_VERSIONS - 1)


def _require_range(key: str, value: int, lowest: int, highest: int, unit: str = "") -> None:
    if not lowest <= value <= highest:
        raise ConfigurationError(f"{key} must be {lowest} to {highest}{unit}, got {value}")
