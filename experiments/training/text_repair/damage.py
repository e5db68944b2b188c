"""Captions as soft text would bring them: bits of plain text layers, some of them wrong, decided one by one."""

from __future__ import annotations

import math

import numpy as np

from semcom.semantic.layers.plain_text import EXACT_BYTES, PlainText, decode, encode
from semcom.semantic.plain_texts import plain
from semcom.semantic.wire import ByteReader

_EXACT = EXACT_BYTES - 1
"""Of what a layer's `encode` returns: the kind's number stands before it."""


def bit_error_rate(esno_db: float) -> float:
    """Of QPSK without a code on white noise: Q(√(Es/N0))."""
    return 0.5 * math.erfc(math.sqrt(10 ** (esno_db / 10) / 2))


def damaged(text: str, esno_db: float, rng: np.random.Generator) -> str:
    """The text as a receiver would show it without repair; as long as it was.

    Parameters
    ----------
    text : str
        Such as a plain text layer can carry.
    esno_db : float
    rng : Generator
    """
    payload = encode(PlainText(plain(text)))
    bits = np.unpackbits(np.frombuffer(payload, np.uint8)[_EXACT:])
    wrong = rng.random(len(bits)) < bit_error_rate(esno_db)
    received = payload[:_EXACT] + np.packbits(bits ^ wrong).tobytes()
    return decode(ByteReader(received, "plain text")).text
