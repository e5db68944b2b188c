"""The link behind "BPG + LDPC" in the literature: a regular (3,6) Gallager code over QPSK, no feedback, no adaptation.

Picture bits in words of 648, each coded to 1296 bits; a word that fails loses the picture, as a picture codec without
its bits has none. One bit a channel use, whatever the SNR.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from semcom.apps.delivery.outgoing import Outgoing
from semcom.apps.sweeps.links import Delivered
from semcom.phy.channel.ideal import send_symbols
from semcom.phy.coding.ldpc.gallager import GallagerCode
from semcom.phy.ofdm.constellation import constellation
from semcom.semantic import SemanticError

BITS_PER_USE = 1.0
_CODED_BITS = 1296


def capacity_snr_db() -> float:
    """SNR at which Shannon's capacity is what this link carries: with it budgets are the same arithmetic."""
    return 10 * math.log10(2**BITS_PER_USE - 1)


def over_gallager(outgoing: Outgoing, esno_db: float, seed: int) -> Delivered:
    """All layers of a picture, or none."""
    if any(layer.analog for layer in outgoing.packet.layers):
        raise SemanticError("analog symbols go over no code: the link must be ideal or modem, got gallager")
    code, qpsk, rng = _code(), constellation(2), np.random.default_rng(seed)
    payload = b"".join(layer.payload for layer in outgoing.packet.layers)
    bits = np.unpackbits(np.frombuffer(payload, np.uint8))
    words = -(-len(bits) // code.num_information_bits)
    padded = np.zeros(words * code.num_information_bits, np.uint8)
    padded[: len(bits)] = bits
    sent = code.encode(padded.reshape(words, -1)).ravel()
    symbols, noise_var = send_symbols(qpsk.map(sent), esno_db, rng)
    llr = qpsk.demap(symbols, noise_var).reshape(words, -1)
    found = code.decode(llr)
    whole = bool(found.parity_ok.all()) and np.array_equal(found.bits.ravel()[: len(bits)], bits)
    payloads = {layer.key: layer.payload for layer in outgoing.packet.layers} if whole else {}
    return Delivered(payloads, {}, len(symbols))


@lru_cache(maxsize=1)
def _code() -> GallagerCode:
    return GallagerCode(_CODED_BITS)
