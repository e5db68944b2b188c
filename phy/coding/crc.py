"""Cyclic redundancy checks of 5G NR, over packed bytes or over bits.

All of them start from zero and are not inverted, so zeros in front of a message do not change its check: a message
whose length is not a multiple of eight is padded in front and handled as bytes.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit

from semcom.phy.errors import ConfigurationError


@dataclass(frozen=True)
class Crc:
    """One generator polynomial.

    Attributes
    ----------
    name : str
        As in the standard, for example `CRC24A`.
    num_bits : int
        Number of check bits, 6 to 24.
    polynomial : int
        Generator without its leading term; bit i is the coefficient of D^i.

    References
    ----------
    3GPP TS 38.212 §5.1
    """

    name: str
    num_bits: int
    polynomial: int

    def checksum(self, message: bytes | np.ndarray) -> int:
        """Check value of packed bytes, most significant bit first: bytes or uint8 [num_bytes] -> int."""
        return int(_checksum(_as_bytes(message), _TABLES[self.name], self.num_bits))

    def checksum_bits(self, bits: np.ndarray) -> int:
        """Check value of bits: uint8 [num_message_bits] of 0 and 1, any length -> int."""
        bits = np.asarray(bits, dtype=np.uint8)
        padding = -bits.size % 8
        return self.checksum(np.packbits(np.concatenate((np.zeros(padding, dtype=np.uint8), bits))))

    def parity_bits(self, bits: np.ndarray) -> np.ndarray:
        """Check bits, most significant first, ready to follow the message: uint8 [n] -> uint8 [num_bits]."""
        value = self.checksum_bits(bits)
        return ((value >> np.arange(self.num_bits - 1, -1, -1)) & 1).astype(np.uint8)

    def append(self, bits: np.ndarray) -> np.ndarray:
        """Message followed by its check bits: uint8 [n] -> uint8 [n + num_bits]."""
        bits = np.asarray(bits, dtype=np.uint8)
        return np.concatenate((bits, self.parity_bits(bits)))

    def check(self, bits: np.ndarray) -> bool:
        """True where the last `num_bits` of uint8 [n + num_bits] are the check bits of what stands before them."""
        return np.size(bits) >= self.num_bits and self.checksum_bits(bits) == 0


@njit(cache=True, nogil=True)
def _checksum(data, table, num_bits):
    mask = (1 << num_bits) - 1
    register = 0
    if num_bits >= 8:
        for byte in data:
            register = ((register << 8) & mask) ^ table[((register >> (num_bits - 8)) ^ byte) & 0xFF]
    else:
        for byte in data:
            register = table[((register << (8 - num_bits)) ^ byte) & 0xFF]
    return register


def _byte_table(num_bits: int, polynomial: int) -> np.ndarray:
    """Remainder of each byte value, times D^num_bits, by the generator: int64 [256]."""
    width = max(num_bits, 8)
    generator = polynomial << (width - num_bits)
    register = np.arange(256, dtype=np.int64) << (width - 8)
    for _ in range(8):
        carry = (register >> (width - 1)) & 1
        register = ((register << 1) & ((1 << width) - 1)) ^ (carry * generator)
    return register >> (width - num_bits)


def _as_bytes(message: bytes | np.ndarray) -> np.ndarray:
    if isinstance(message, np.ndarray):
        if message.dtype != np.uint8 or message.ndim != 1:
            raise ConfigurationError(f"message must be uint8 [num_bytes], got {message.dtype} {list(message.shape)}")
        return np.ascontiguousarray(message)
    return np.frombuffer(message, dtype=np.uint8)


CRC24A = Crc("CRC24A", 24, 0x864CFB)
CRC24B = Crc("CRC24B", 24, 0x800063)
CRC24C = Crc("CRC24C", 24, 0xB2B117)
CRC16 = Crc("CRC16", 16, 0x1021)
CRC11 = Crc("CRC11", 11, 0x621)
CRC6 = Crc("CRC6", 6, 0x21)

_TABLES = {crc.name: _byte_table(crc.num_bits, crc.polynomial) for crc in (CRC24A, CRC24B, CRC24C, CRC16, CRC11, CRC6)}
