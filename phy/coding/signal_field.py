"""Encoding and decoding of the signal field: 64 strongly coded bits that announce MCS, sizes and HARQ state of a burst.

```
bits   3        1     8       6        1         2        5    6           13         1      2         16
field  version  kind  source  process  new_data  version  mcs  blocks - 1  bytes - 1  kind'  reserved  CRC-16
```

The second *version* is the redundancy version. The kind of the payload has two bits, ``kind' kind``: 0 *blocks*, 1
*analog* (complex symbols), 2 *soft text*, 3 *reserved*. Of both, *blocks* counts the bytes of the coded part. Of soft
text, *bytes* are those that are soft, and *version* is the place of its constellation in `SOFT_BITS_PER_SYMBOL`; of
analog symbols, *bytes* is their number and *version* is 0.

The CRC is CRC16 of TS 38.212 §5.1 over the six bytes before it, inverted, so that silence is no valid field. The 64
bits go through the tail-biting code (256 coded bits), are repeated until the form's OFDM symbols are full, scrambled
and sent as QPSK. There are three forms: *short* for qpsk-1/2 and above, *medium* down to bpsk-1/3, *robust* below; a
repeat takes the next more robust one, for it is combined with what came before and works at a lower SNR than its
MCS alone. A receiver tries them in this order, and refuses a field whose MCS takes another form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from semcom.phy.coding import convolutional_code
from semcom.phy.coding.crc import CRC16
from semcom.phy.coding.scrambler import scrambling_signs
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_BY_NUMBER, Mcs
from semcom.phy.ofdm.constellation import constellation
from semcom.phy.transport_block import (
    MAX_ANALOG_SYMBOLS,
    MAX_BLOCKS_PER_BURST,
    MAX_CODED_BYTES,
    MAX_TRANSPORT_BLOCK_BYTES,
    NUM_PROCESSES,
    NUM_REDUNDANCY_VERSIONS,
    NUM_SOURCES,
    SOFT_BITS_PER_SYMBOL,
)
from semcom.phy.waveform import Waveform

VERSION = 1
KIND_BLOCKS, KIND_ANALOG, KIND_SOFT_TEXT, KIND_RESERVED = range(4)
KIND_NAMES = ("blocks", "analog symbols", "soft text", "a payload of the reserved kind 3")
RECEIVED_KINDS = (KIND_BLOCKS, KIND_ANALOG, KIND_SOFT_TEXT)
"""Kinds that a receiver makes something of; a burst of the others is named."""
NUM_BITS = 64
CODE_LENGTH = 256
CODED_BITS = {"short": 256, "medium": 768, "robust": 2304}
"""Least number of coded bits in each form, most concise first."""

FORM_OF_REPEAT = {"short": "medium", "medium": "robust", "robust": "robust"}
"""Form of a repeat's field, by that of its MCS."""

_CRC_MASK = 0xFFFF
_LARGEST_LLR = 50.0  # limits the weight of a single carrier with interference
_LAYOUT = (
    ("version", 3),
    ("kind_low", 1),
    ("source", 8),
    ("process", 6),
    ("new_data", 1),
    ("redundancy_version", 2),
    ("mcs_number", 5),
    ("num_blocks_minus_1", 6),
    ("block_bytes_minus_1", 13),
    ("kind_high", 1),
    ("reserved", 2),
)


@dataclass(frozen=True)
class SignalField:
    """Contents of the signal field.

    Attributes
    ----------
    mcs : Mcs
    num_blocks : int
        Transport blocks in the burst, 1 .. 64; one of soft text or analog symbols.
    block_bytes : int
        Payload of each block, 1 .. 8192; of soft text and analog symbols the coded part, 1 .. 64.
    kind : int
        `KIND_BLOCKS`, or another.
    soft_bytes : int
        Of soft text: bytes after the coded part, 1 .. 8192.
    soft_bits_per_symbol : int
        Of soft text: its constellation, one of `SOFT_BITS_PER_SYMBOL`.
    analog_symbols : int
        Complex symbols after the coded part, 1 .. 8192; of other kinds 0.
    source, process, redundancy_version, new_data
        As in `transport_block.TransportBlock`; process is that of the first block.
    """

    mcs: Mcs
    num_blocks: int
    block_bytes: int
    source: int = 0
    process: int = 0
    redundancy_version: int = 0
    new_data: bool = True
    kind: int = KIND_BLOCKS
    soft_bytes: int = 0
    soft_bits_per_symbol: int = 2
    analog_symbols: int = 0

    def __post_init__(self) -> None:
        is_soft, is_analog = self.kind == KIND_SOFT_TEXT, self.kind == KIND_ANALOG
        is_alone = is_soft or is_analog
        limits = (
            ("kind", self.kind, 0, KIND_RESERVED),
            ("num_blocks", self.num_blocks, 1, 1 if is_alone else MAX_BLOCKS_PER_BURST),
            ("block_bytes", self.block_bytes, 1, MAX_CODED_BYTES if is_alone else MAX_TRANSPORT_BLOCK_BYTES),
            ("soft_bytes", self.soft_bytes, int(is_soft), MAX_TRANSPORT_BLOCK_BYTES if is_soft else 0),
            ("analog_symbols", self.analog_symbols, int(is_analog), MAX_ANALOG_SYMBOLS if is_analog else 0),
            ("source", self.source, 0, NUM_SOURCES - 1),
            ("process", self.process, 0, NUM_PROCESSES - 1),
            ("redundancy_version", self.redundancy_version, 0, NUM_REDUNDANCY_VERSIONS - 1),
        )
        for name, value, lowest, highest in limits:
            if not lowest <= value <= highest:
                raise ConfigurationError(f"{name} of a signal field must be {lowest} to {highest}, got {value}")
        if self.soft_bits_per_symbol not in SOFT_BITS_PER_SYMBOL:
            known = ", ".join(map(str, SOFT_BITS_PER_SYMBOL))
            raise ConfigurationError(f"soft_bits_per_symbol must be one of {known}, got {self.soft_bits_per_symbol}")

    @property
    def form(self) -> str:
        """In which form the field is sent."""
        return self.mcs.header_form if self.new_data else FORM_OF_REPEAT[self.mcs.header_form]

    def to_bits(self) -> np.ndarray:
        """Information bits and CRC, uint8 [64]."""
        is_soft, is_alone = self.kind == KIND_SOFT_TEXT, self.kind in (KIND_SOFT_TEXT, KIND_ANALOG)
        version = SOFT_BITS_PER_SYMBOL.index(self.soft_bits_per_symbol) if is_soft else self.redundancy_version
        values = {
            "version": VERSION,
            "kind_low": self.kind & 1,
            "kind_high": self.kind >> 1,
            "source": self.source,
            "process": self.process,
            "new_data": int(self.new_data),
            "redundancy_version": version,
            "mcs_number": self.mcs.number,
            "num_blocks_minus_1": (self.block_bytes if is_alone else self.num_blocks) - 1,
            "block_bytes_minus_1": (self.soft_bytes or self.analog_symbols or self.block_bytes) - 1,
            "reserved": 0,
        }
        word = 0
        for name, width in _LAYOUT:
            word = (word << width) | values[name]
        data = word.to_bytes(6, "big")
        check = CRC16.checksum(data) ^ _CRC_MASK
        return np.unpackbits(np.frombuffer(data + check.to_bytes(2, "big"), np.uint8))

    @classmethod
    def from_bits(cls, bits: np.ndarray) -> SignalField | None:
        """Contents of uint8 [64], or None where the CRC fails or a value is out of range."""
        data = np.packbits(bits).tobytes()
        if CRC16.checksum(data[:6]) ^ _CRC_MASK != int.from_bytes(data[6:], "big"):
            return None
        word = int.from_bytes(data[:6], "big")
        values = {}
        for name, width in reversed(_LAYOUT):
            values[name] = word & ((1 << width) - 1)
            word >>= width
        known = (values["version"], values["reserved"]) == (VERSION, 0)
        if not known or values["mcs_number"] >= len(MCS_BY_NUMBER):
            return None
        count, size = values["num_blocks_minus_1"] + 1, values["block_bytes_minus_1"] + 1
        kind, version = values["kind_high"] << 1 | values["kind_low"], values["redundancy_version"]
        common = {"mcs": MCS_BY_NUMBER[values["mcs_number"]], "source": values["source"], "process": values["process"]}
        common |= {"new_data": bool(values["new_data"]), "kind": kind}
        if kind == KIND_SOFT_TEXT:
            modulation = SOFT_BITS_PER_SYMBOL[version]
            return cls(num_blocks=1, block_bytes=count, soft_bytes=size, soft_bits_per_symbol=modulation, **common)
        if kind == KIND_ANALOG:
            return None if version else cls(num_blocks=1, block_bytes=count, analog_symbols=size, **common)
        return cls(num_blocks=count, block_bytes=size, redundancy_version=version, **common)


def num_symbols(waveform: Waveform, form: str) -> int:
    """OFDM symbols of the signal field in one of its forms."""
    return -(-CODED_BITS[form] // (2 * waveform.num_data))


def encode(field: SignalField, waveform: Waveform) -> np.ndarray:
    """Signal field to data symbols, complex64 [num_symbols, num_data]."""
    rows = num_symbols(waveform, field.form)
    return encode_bits(field.to_bits(), rows, waveform.num_data)


def encode_bits(bits: np.ndarray, rows: int, num_data: int) -> np.ndarray:
    """64 bits coded, repeated to fill the symbols, scrambled and mapped, complex64 [rows, num_data]."""
    count = 2 * rows * num_data
    return _repeat_and_map(convolutional_code.encode(bits), scrambling_signs(count), _LEVEL).reshape(rows, num_data)


def decode(symbols: np.ndarray, noise_var: np.ndarray, form: str) -> SignalField | None:
    """Equalised data symbols to a signal field, or None where it cannot be trusted.

    Parameters
    ----------
    symbols : complex64 [num_symbols, num_data]
    noise_var : float32 [num_symbols, num_data] or [num_data]
        Noise variance of each, linear.
    form : str
        Which form is tried; a field whose MCS takes another form is refused.
    """
    noise_var = np.ascontiguousarray(np.atleast_2d(noise_var), np.float32)
    combined = _combine(np.ascontiguousarray(symbols), noise_var, scrambling_signs(2 * symbols.size))
    field = SignalField.from_bits(convolutional_code.decode(combined))
    return field if field is not None and field.form == form else None


_LEVEL = np.float32(constellation(2).points[0].real)


@njit(cache=True, nogil=True)
def _repeat_and_map(coded, signs, level):
    """Coded bits over and over until there is one for each sign; scrambled, as QPSK: complex64 [len(signs) / 2]."""
    symbols = np.empty(signs.shape[0] // 2, np.complex64)
    for i in range(symbols.shape[0]):
        re = level * signs[2 * i] * (1 - 2 * np.float32(coded[2 * i % coded.shape[0]]))
        im = level * signs[2 * i + 1] * (1 - 2 * np.float32(coded[(2 * i + 1) % coded.shape[0]]))
        symbols[i] = complex(re, im)
    return symbols


@njit(cache=True, nogil=True)
def _combine(symbols, noise_var, signs):
    """LLRs of the coded bits, float32 [CODE_LENGTH], summed over their repeats; `noise_var`: a row, or one a symbol."""
    combined = np.zeros(CODE_LENGTH, np.float32)
    limit = np.float32(_LARGEST_LLR)
    i = 0
    for m in range(symbols.shape[0]):
        row = noise_var[min(m, noise_var.shape[0] - 1)]
        for k in range(symbols.shape[1]):
            gain = np.float32(2 * np.sqrt(2)) / row[k]
            re = symbols[m, k].real * gain * signs[i]
            im = symbols[m, k].imag * gain * signs[i + 1]
            combined[i % CODE_LENGTH] += min(max(re, -limit), limit)
            combined[(i + 1) % CODE_LENGTH] += min(max(im, -limit), limit)
            i += 2
    return combined
