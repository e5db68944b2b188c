"""Text ⇄ bytes: short captions, each character predicted from the ones before it and from captions read earlier.

Text becomes UTF-8, each byte eight binary decisions, predicted by a mixture of contexts of one to six bytes and of
words. The model starts by reading `priming_text`, so the first caption already meets known words. Before each
character that could be the last one decision asks whether the text ends there.

Layout: docs/coding.md.

References
----------
[Cleary 1984] prediction by partial matching; [Mahoney 2005] for the mixing. See docs/coding.md.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numba import njit

from semcom.semantic.coding import range_coder
from semcom.semantic.coding.mixing import COUNT_MASK, NEW_COUNTER, WEIGHT_ONE, Mixer, decide, fresh, new_mixer
from semcom.semantic.coding.priming_text import priming_lines
from semcom.semantic.errors import LayerError, PacketError

MAX_TEXT_CHARS = 4096
_MAX_TEXT_BYTES = 4 * MAX_TEXT_CHARS

_ORDERS = 6
_NUM_CONTEXTS = _ORDERS + 3  # orders 0 to 6, word, word pair
_CONTEXT_BITS = 17
_BLOCK = 1 << _CONTEXT_BITS
_END = _NUM_CONTEXTS * _BLOCK  # counters of "does the text end here", by the last byte and the one before
_NUM_SLOTS = _END + 256 + _BLOCK
_SET_END = _NUM_CONTEXTS + 1
_LIMIT = 255
_STEP = 6


@njit(nogil=True, cache=True)
def _code_text(coder, data, mixer, tags, text, length):
    """Code `length` bytes of `text` and its end; when decoding, `length` is the room. Returns bytes coded."""
    slots = mixer.slots
    hashes = np.zeros(_NUM_CONTEXTS, dtype=np.int64)
    word, last_word = np.int64(0), np.int64(0)
    decoding = coder[range_coder.DECODING] != 0
    position = 0
    while not range_coder.exhausted(coder):
        last = np.int64(text[position - 1]) if position > 0 else 10
        before = np.int64(text[position - 2]) if position > 1 else 10
        slots[0] = _END + last
        slots[1] = _END + 256 + last * 256 + before
        if decide(coder, data, mixer, 2, _SET_END, int(position == length and not decoding), _LIMIT, _STEP):
            return position
        if position == text.size:
            return -1
        context = np.int64(0)
        for order in range(1, _ORDERS + 1):
            byte = np.int64(text[position - order]) if position >= order else 10
            context = ((context + byte + 1) * 0x2F0B4C47 + order) & 0xFFFFFFFF
            hashes[order] = context
        hashes[_ORDERS + 1] = (word * 0x3D4D51CB + 77) & 0xFFFFFFFF
        hashes[_ORDERS + 2] = (((word * 0x2C1B3C6D + last_word) & 0xFFFFFFFF) * 0x297A2D39 + 99) & 0xFFFFFFFF
        byte = np.int64(text[position]) if not decoding else 0
        node = 1
        for shift in range(7, -1, -1):
            known = 0
            for k in range(_NUM_CONTEXTS):
                mixed = ((hashes[k] + node * 0x9E3779B1) & 0xFFFFFFFF) * 0x45D9F3B3  # below 2^63, as all products here
                slot = k * _BLOCK + (mixed >> 20 & (_BLOCK - 1))
                tag = mixed >> 40 & 255
                if tags[slot] != tag:  # somebody else's: begin anew
                    tags[slot] = tag
                    mixer.counters[slot] = NEW_COUNTER
                known += (np.int64(mixer.counters[slot]) & COUNT_MASK) > 0
                slots[k] = slot
            bit = decide(coder, data, mixer, _NUM_CONTEXTS, known, byte >> shift & 1, _LIMIT, _STEP)
            node = node * 2 + bit
        byte = node & 255
        text[position] = byte
        position += 1
        if ((byte | 32) >= 97 and (byte | 32) <= 122) or byte >= 128:
            word = ((word + (byte | 32)) * 0x2F0B4C47) & 0xFFFFFFFF
        elif word:
            last_word = word
            word = np.int64(0)
    return -1


@cache
def _primed() -> tuple[Mixer, np.ndarray]:
    """Model and tags after reading the priming captions."""
    mixer = new_mixer(_NUM_SLOTS, _SET_END + 1, _NUM_CONTEXTS, WEIGHT_ONE * 3 // 10, _LIMIT)
    tags = np.zeros(_NUM_SLOTS, dtype=np.uint8)

    def read(coder: np.ndarray, data: np.ndarray) -> None:
        for line in priming_lines():
            text = np.frombuffer(bytearray(line.encode()), dtype=np.uint8)
            _code_text(coder, data, mixer, tags, text, text.size)

    range_coder.encode(read, 1 << 14)
    return mixer, tags


def _fresh() -> tuple[Mixer, np.ndarray]:
    mixer, tags = _primed()
    return fresh(mixer), tags.copy()


def encode_text(text: str) -> bytes:
    """Code a text without loss.

    Parameters
    ----------
    text : str
        Up to MAX_TEXT_CHARS characters, any Unicode but lone surrogates.

    Raises
    ------
    LayerError : too long, or not encodable as UTF-8
    """
    if len(text) > MAX_TEXT_CHARS:
        raise LayerError(f"text must have at most {MAX_TEXT_CHARS} characters, got {len(text)}")
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise LayerError(f"text must be encodable as UTF-8, got {text[error.start]!r} at {error.start}") from None

    def model(coder: np.ndarray, data: np.ndarray) -> None:
        mixer, tags = _fresh()
        array = np.frombuffer(bytearray(raw or b"\0"), dtype=np.uint8)
        _code_text(coder, data, mixer, tags, array, len(raw))

    return range_coder.encode(model, 64 + 2 * len(raw))


def decode_text(data: bytes, max_chars: int = MAX_TEXT_CHARS) -> str:
    """Read back what `encode_text` wrote.

    Parameters
    ----------
    data : bytes
    max_chars : int
        Up to MAX_TEXT_CHARS; a longer text is refused.

    Raises
    ------
    PacketError : data cut or left over, not UTF-8, longer than allowed
    """
    if not 0 <= max_chars <= MAX_TEXT_CHARS:
        raise PacketError(f"text: max_chars must be 0 to {MAX_TEXT_CHARS}, got {max_chars}")
    text = np.zeros(max(4 * max_chars, 1), dtype=np.uint8)
    lengths = []

    def model(coder: np.ndarray, coded: np.ndarray) -> None:
        mixer, tags = _fresh()
        length = _code_text(coder, coded, mixer, tags, text, 0)
        if length < 0 and not range_coder.exhausted(coder):
            raise PacketError(f"text: length must be at most {max_chars} characters, got more")
        lengths.append(max(length, 0))

    range_coder.decode(model, data, "text")
    length = lengths[0]
    try:
        decoded = text[:length].tobytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise PacketError(f"text: bytes must be UTF-8, got {error.object[error.start]:#04x} at {error.start}") from None
    if len(decoded) > max_chars:
        raise PacketError(f"text: length must be at most {max_chars} characters, got {len(decoded)}")
    return decoded
