"""CRCs of NR against known check values, the standard library and long division."""

import binascii

import numpy as np
import pytest

from semcom.phy.coding.crc import CRC6, CRC11, CRC16, CRC24A, CRC24B, CRC24C
from semcom.phy.errors import ConfigurationError

# Generators as TS 38.212 §5.1 writes them: the powers of D.
POWERS = {
    CRC24A: (24, 23, 18, 17, 14, 11, 10, 7, 6, 5, 4, 3, 1, 0),
    CRC24B: (24, 23, 6, 5, 1, 0),
    CRC24C: (24, 23, 21, 20, 17, 15, 13, 12, 8, 4, 2, 1, 0),
    CRC16: (16, 12, 5, 0),
    CRC11: (11, 10, 9, 5, 0),
    CRC6: (6, 5, 0),
}
ALL = pytest.mark.parametrize("crc", POWERS, ids=lambda crc: crc.name)


def long_division(crc, bits) -> int:
    generator = sum(1 << power for power in POWERS[crc])
    remainder = int("".join(map(str, bits)) or "0", 2) << crc.num_bits
    while remainder.bit_length() > crc.num_bits:
        remainder ^= generator << (remainder.bit_length() - generator.bit_length())
    return remainder


@pytest.mark.parametrize(("crc", "value"), [(CRC16, 0x31C3), (CRC24A, 0xCDE703), (CRC24B, 0x23EF52)])
def test_published_check_values_of_123456789(crc, value):
    assert crc.checksum(b"123456789") == value


def test_crc16_is_the_one_of_binascii(rng):
    for size in (1, 2, 7, 200):
        data = rng.bytes(size)
        assert CRC16.checksum(data) == binascii.crc_hqx(data, 0)


@ALL
def test_agrees_with_long_division_at_any_number_of_bits(crc, rng):
    for size in (0, 1, 5, 8, 23, 64, 301):
        bits = rng.integers(0, 2, size, dtype=np.uint8)
        assert crc.checksum_bits(bits) == long_division(crc, bits)


@ALL
def test_appended_bits_check_and_single_errors_do_not(crc, rng):
    protected = crc.append(rng.integers(0, 2, 50, dtype=np.uint8))
    assert crc.check(protected)
    for position in range(protected.size):
        damaged = protected.copy()
        damaged[position] ^= 1
        assert not crc.check(damaged)


def test_bytes_and_arrays_give_the_same_value(rng):
    data = rng.bytes(33)
    assert CRC24A.checksum(data) == CRC24A.checksum(np.frombuffer(data, dtype=np.uint8))


def test_too_short_to_hold_a_check_does_not_check():
    assert not CRC16.check(np.zeros(15, dtype=np.uint8))


def test_refuses_arrays_that_are_not_bytes():
    with pytest.raises(ConfigurationError, match="message must be uint8"):
        CRC16.checksum(np.zeros(4, dtype=np.int64))
