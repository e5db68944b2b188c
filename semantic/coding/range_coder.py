"""Binary range coder: decisions with probabilities ⇄ bytes, in integers, carry included.

One function, `code_bit`, serves both directions: a model written once with it cannot differ between the two ends.
The coder keeps a 40-bit window on the bytes and 16-bit probabilities, so that rounding costs nothing visible.

The end is the shortest byte string that lies in the last interval when zeros follow. A decoder therefore reads zeros
behind the end, five at most; one that wants more was given bytes that were cut, and one that leaves some over was
given bytes that do not belong. Either is a `PacketError`.

References
----------
[Martin 1979] range encoding; [Subbotin 1999] and [Pavlov, LZMA] for the carry. See docs/coding.md.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit

from semcom.semantic.errors import LayerError, PacketError

PROBABILITY_BITS = 16
WINDOW_BYTES = 5
MAX_CODED_BYTES = 1 << 22
"""No coded map or text is longer: what a decoder is ready to look at, and what an encoder gives up beyond."""

# The coder's state is int64 [6]; the functions below are the only ones that look inside.
LOW, RANGE, CODE, POSITION, LENGTH, DECODING = range(6)
STATE_SIZE = 6

_WINDOW = 1 << (8 * WINDOW_BYTES)
_REFILL_BELOW = _WINDOW >> 8
_REFILL_MASK = _REFILL_BELOW - 1
_REFILL_SHIFT = 8 * (WINDOW_BYTES - 1)


@njit(nogil=True, cache=True)
def _carry(coder, data):
    """Add one to the bytes already written."""
    i = min(coder[POSITION], coder[LENGTH]) - 1
    while i >= 0:
        if data[i] == 255:
            data[i] = 0
            i -= 1
        else:
            data[i] += 1
            break


@njit(nogil=True, cache=True)
def code_bit(coder, data, bit, probability_one):
    """Code one decision.

    Parameters
    ----------
    coder : int64 [STATE_SIZE]
    data : uint8 [capacity]
    bit : int
        0 or 1; ignored when decoding.
    probability_one : int
        Probability of a 1 in units of 2^-16, from 1 to 65535.

    Returns
    -------
    int : the bit
    """
    bound = (coder[RANGE] >> PROBABILITY_BITS) * probability_one
    decoding = coder[DECODING] != 0
    if decoding:
        bit = 1 if coder[CODE] < bound else 0
    if bit:
        coder[RANGE] = bound
    else:
        coder[RANGE] -= bound
        if decoding:
            coder[CODE] -= bound
        else:
            coder[LOW] += bound
            if coder[LOW] >= _WINDOW:
                coder[LOW] -= _WINDOW
                _carry(coder, data)
    while coder[RANGE] < _REFILL_BELOW:
        position = coder[POSITION]
        inside = position < coder[LENGTH]
        if decoding:
            coder[CODE] = (coder[CODE] << 8) | (data[position] if inside else 0)
        else:
            if inside:
                data[position] = coder[LOW] >> _REFILL_SHIFT
            coder[LOW] = (coder[LOW] & _REFILL_MASK) << 8
        coder[RANGE] <<= 8
        coder[POSITION] = position + 1
    return bit


@njit(nogil=True, cache=True)
def exhausted(coder):
    """Whether a decoder has read further behind the end than any whole stream asks for."""
    return coder[DECODING] != 0 and coder[POSITION] > coder[LENGTH] + WINDOW_BYTES


def encode(model: Callable[[np.ndarray, np.ndarray], None], expected_bytes: int = 4096) -> bytes:
    """Run `model(coder, data)` as encoder and return its bytes.

    The model is run again with more room if `expected_bytes` was too few, so it must start afresh at each call.

    Raises
    ------
    LayerError : longer than MAX_CODED_BYTES
    """
    capacity = expected_bytes
    while True:
        coder = np.array([0, _WINDOW, 0, 0, capacity, 0], dtype=np.int64)
        data = np.zeros(capacity, dtype=np.uint8)
        model(coder, data)
        if coder[POSITION] + WINDOW_BYTES <= capacity:
            return _finish(coder, data)
        if capacity >= MAX_CODED_BYTES:
            raise LayerError(f"coded data must be at most {MAX_CODED_BYTES} bytes, got {int(coder[POSITION])}")
        capacity = min(4 * capacity, MAX_CODED_BYTES)


def _finish(coder: np.ndarray, data: np.ndarray) -> bytes:
    """The written bytes and the shortest end that stays in the interval when zeros follow."""
    low, width = int(coder[LOW]), int(coder[RANGE])
    for num_bytes in range(WINDOW_BYTES + 1):
        mask = (_WINDOW >> (8 * num_bytes)) - 1
        value = (low + mask) & ~mask
        if value < low + width:
            break
    if value >= _WINDOW:
        value -= _WINDOW
        _carry(coder, data)
    end = value.to_bytes(WINDOW_BYTES, "big")[:num_bytes]
    return data[: coder[POSITION]].tobytes() + end


def decode(model: Callable[[np.ndarray, np.ndarray], None], coded: bytes, field: str) -> None:
    """Run `model(coder, data)` as decoder over `coded`; it should stop early where `exhausted` says so.

    Raises
    ------
    PacketError : more bytes than a stream may have, too few for what the model read, or some left over
    """
    if len(coded) > MAX_CODED_BYTES:
        raise PacketError(f"{field}: length must be at most {MAX_CODED_BYTES} bytes, got {len(coded)}")
    window = int.from_bytes(coded[:WINDOW_BYTES].ljust(WINDOW_BYTES, b"\0"), "big")
    coder = np.array([0, _WINDOW, window, WINDOW_BYTES, len(coded), 1], dtype=np.int64)
    data = np.frombuffer(
        bytearray(coded or b"\0"), dtype=np.uint8
    )  # writable, as the encoder's: one compiled version serves both
    model(coder, data)
    position = int(coder[POSITION])
    if position > len(coded) + WINDOW_BYTES:
        raise PacketError(f"{field}: coded data must not end early, got {len(coded)} bytes")
    if position < len(coded):
        raise PacketError(f"{field}: coded data must be used up, got {len(coded) - position} bytes too many")
