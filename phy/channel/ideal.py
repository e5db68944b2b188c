"""The link that papers assume: bits at Shannon's capacity of the AWGN channel without loss, symbols through its noise.

No preamble, no pilots, no estimation, no code of finite length: a bound for bits, and for analog symbols the channel
itself. SNR is that of a symbol, Es/N0.
"""

from __future__ import annotations

import math

import numpy as np

from semcom.phy.channel.awgn import complex_noise


def capacity(esno_db: float) -> float:
    """Bits of one complex channel use, log2(1 + Es/N0)."""
    return math.log2(1 + 10 ** (esno_db / 10))


def channel_uses(num_bits: int, esno_db: float) -> int:
    """Complex channel uses that so many bits take."""
    return math.ceil(num_bits / capacity(esno_db))


def bits_in(num_uses: int, esno_db: float) -> int:
    """Bits that so many complex channel uses carry."""
    return math.floor(num_uses * capacity(esno_db))


def send_symbols(symbols: np.ndarray, esno_db: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Symbols with noise, complex64, and the variance of the noise in each, float32; mean power 1 before."""
    noise_var = 10 ** (-esno_db / 10)
    noisy = symbols + complex_noise(len(symbols), noise_var, rng)
    return noisy.astype(np.complex64), np.full(len(symbols), noise_var, np.float32)
