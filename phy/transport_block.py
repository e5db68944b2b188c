"""The modem's input: the bytes of one link frame with their HARQ bookkeeping."""

from __future__ import annotations

from dataclasses import dataclass

from semcom.phy import analog
from semcom.phy.errors import ConfigurationError

MAX_TRANSPORT_BLOCK_BYTES = 8192
MAX_BLOCKS_PER_BURST = 64
NUM_SOURCES = 256
NUM_PROCESSES = 64
NUM_REDUNDANCY_VERSIONS = 4
MAX_CODED_BYTES = 64
"""Of the coded part of a block that goes as soft text."""
MAX_ANALOG_SYMBOLS = 8192
SOFT_BITS_PER_SYMBOL = (1, 2, 4, 6)
"""Constellations that soft text may use, in the order in which the signal field numbers them."""


@dataclass(frozen=True)
class TransportBlock:
    """One transport block: the payload of one link frame.

    Attributes
    ----------
    payload : bytes
        1 .. MAX_TRANSPORT_BLOCK_BYTES bytes; with analog symbols more.
    source : int
        Number of the sender, 0 .. 255.
    process : int
        HARQ process, 0 .. 63: repeats of a block go by (source, process). The blocks of one burst take consecutive
        processes, counted modulo 64 from the first block's.
    redundancy_version : int
        Which part of the code's circular buffer is sent, 0 .. 3.
    new_data : bool
        False for a repeat, to be combined with what was received before.
    coded_bytes : int or None
        None: the whole payload is coded. Else 1 .. `MAX_CODED_BYTES`: only so many bytes from its start are; the rest
        is *soft text*, sent uncoded and delivered as LLRs. Such a block has a burst of its own and no redundancy
        versions.
    soft_bits_per_symbol : int
        Constellation of the soft text, one of `SOFT_BITS_PER_SYMBOL`.
    analog : bool
        What follows the coded bytes are 1 .. `MAX_ANALOG_SYMBOLS` complex symbols of mean power 1, as `phy.analog`
        writes them; they are delivered equalised, with the noise variance of each.
    """

    payload: bytes
    source: int = 0
    process: int = 0
    redundancy_version: int = 0
    new_data: bool = True
    coded_bytes: int | None = None
    soft_bits_per_symbol: int = 2
    analog: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.payload, bytes | bytearray | memoryview):
            raise ConfigurationError(f"payload must be bytes, got {type(self.payload).__name__}")
        object.__setattr__(self, "payload", bytes(self.payload))
        most = MAX_CODED_BYTES + analog.BYTES_PER_SYMBOL * MAX_ANALOG_SYMBOLS
        _require_range("payload", len(self.payload), 1, most if self.analog else MAX_TRANSPORT_BLOCK_BYTES, " bytes")
        _require_range("source", self.source, 0, NUM_SOURCES - 1)
        _require_range("process", self.process, 0, NUM_PROCESSES - 1)
        _require_range("redundancy_version", self.redundancy_version, 0, NUM_REDUNDANCY_VERSIONS - 1)
        if self.analog and self.coded_bytes is None:
            raise ConfigurationError("coded_bytes of a block with analog symbols must be given, got None")
        if self.coded_bytes is not None:
            self._check_uncoded()

    @property
    def soft_bytes(self) -> int:
        """Bytes of the payload that go as soft text."""
        return 0 if self.coded_bytes is None or self.analog else len(self.payload) - self.coded_bytes

    @property
    def analog_symbols(self) -> int:
        """Complex symbols that the payload ends with."""
        return (len(self.payload) - self.coded_bytes) // analog.BYTES_PER_SYMBOL if self.analog else 0

    def _check_uncoded(self) -> None:
        _require_range("coded_bytes", self.coded_bytes, 1, MAX_CODED_BYTES)
        if self.analog:
            _require_range("analog symbols", self.analog_symbols, 1, MAX_ANALOG_SYMBOLS)
            analog.check_power(analog.from_bytes(self.payload[self.coded_bytes :]))
        else:
            _require_range("soft text", self.soft_bytes, 1, MAX_TRANSPORT_BLOCK_BYTES, " bytes")
        if self.soft_bits_per_symbol not in SOFT_BITS_PER_SYMBOL:
            known = ", ".join(map(str, SOFT_BITS_PER_SYMBOL))
            raise ConfigurationError(f"soft_bits_per_symbol must be one of {known}, got {self.soft_bits_per_symbol}")
        if self.redundancy_version != 0 or not self.new_data:
            what = "analog symbols" if self.analog else "soft text"
            raise ConfigurationError(
                f"a block of {what} must be new data in redundancy version 0, got new_data {self.new_data} "
                f"and {self.redundancy_version}"
            )


def _require_range(key: str, value: int, lowest: int, highest: int, unit: str = "") -> None:
    if not lowest <= value <= highest:
        raise ConfigurationError(f"{key} must be {lowest} to {highest}{unit}, got {value}")
