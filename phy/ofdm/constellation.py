"""Gray constellations of 3GPP TS 38.211 §5.1: bits to symbols, and symbols to log-likelihood ratios."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numba import njit

from semcom.phy.errors import ConfigurationError
from semcom.phy.ofdm.soft_demapping import demap_axes

BITS_PER_SYMBOL = (1, 2, 4, 6, 8)


def _axis_levels(bits: int) -> np.ndarray:
    """Amplitude of one axis by label, most significant bit first; odd integers (38.211 §5.1.3 to 5.1.6)."""
    levels = np.empty(1 << bits)
    for label in range(1 << bits):
        value = 1.0
        for position in reversed(range(1, bits)):  # the last bit decides the innermost fold
            bit = (label >> (bits - 1 - position)) & 1
            value = 2.0 ** (bits - position) - (1 - 2 * bit) * value
        levels[label] = (1 - 2 * (label >> (bits - 1))) * value
    return levels


class Constellation:
    """Gray mapper and soft demapper, unit average energy.

    Bits of a quadrature constellation alternate between the axes: even ones set the real part, odd ones the imaginary
    part. BPSK here uses the real axis only (0 maps to +1), so that a robust MCS keeps its energy on one axis.

    Parameters
    ----------
    bits_per_symbol : int
        1 (BPSK), 2 (QPSK), 4, 6 or 8 (16-, 64-, 256-QAM).

    Attributes
    ----------
    points : complex64 [2 ** bits_per_symbol]
        By label.
    margin : float
        Distance from a point to the nearest decision boundary.
    largest : float
        Largest value on one axis.

    References
    ----------
    3GPP TS 38.211 §5.1
    """

    def __init__(self, bits_per_symbol: int) -> None:
        if bits_per_symbol not in BITS_PER_SYMBOL:
            raise ConfigurationError(f"bits_per_symbol must be one of {BITS_PER_SYMBOL}, got {bits_per_symbol}")
        self.bits_per_symbol = bits_per_symbol
        self._axis_bits = max(1, bits_per_symbol // 2)
        levels = _axis_levels(self._axis_bits)
        num_axes = 1 if bits_per_symbol == 1 else 2
        self._levels = (levels / np.sqrt(num_axes * np.mean(levels**2))).astype(np.float32)
        self.margin = float(np.min(np.abs(self._levels)))
        self.largest = float(np.max(np.abs(self._levels)))
        self.points = self._all_points()

    def _all_points(self) -> np.ndarray:
        labels = np.arange(1 << self.bits_per_symbol)
        if self.bits_per_symbol == 1:
            points = self._levels[labels].astype(np.complex64)
        else:
            real, imag = np.zeros_like(labels), np.zeros_like(labels)
            for bit in range(self._axis_bits):
                real |= ((labels >> (2 * bit + 1)) & 1) << bit
                imag |= ((labels >> (2 * bit)) & 1) << bit
            points = (self._levels[real] + 1j * self._levels[imag]).astype(np.complex64)
        points.flags.writeable = False
        return points

    def map(self, bits: np.ndarray) -> np.ndarray:
        """Bits to symbols.

        Parameters
        ----------
        bits : uint8 [num_symbols * bits_per_symbol]
            Most significant bit of each symbol first.

        Returns
        -------
        symbols : complex64 [num_symbols]
        """
        groups = np.asarray(bits, np.uint8).reshape(-1, self.bits_per_symbol)
        labels = np.packbits(groups, axis=1)[:, 0] >> (8 - self.bits_per_symbol)
        return self.points[labels]

    def demap(self, symbols: np.ndarray, noise_var: np.ndarray) -> np.ndarray:
        """Symbols to exact log-likelihood ratios.

        Parameters
        ----------
        symbols : complex64 [num_symbols]
            Equalised symbols.
        noise_var : float32 [num_symbols]
            Noise variance per complex symbol after equalisation, linear.

        Returns
        -------
        llr : float32 [num_symbols * bits_per_symbol]
            log P(bit = 0) - log P(bit = 1), most significant bit of each symbol first.
        """
        symbols = np.require(symbols, np.complex64, ["C", "W"])
        noise_var = np.require(noise_var, np.float32, ["C", "W"])
        if symbols.shape != noise_var.shape:
            raise ConfigurationError(f"noise_var must have the shape of symbols {symbols.shape}, got {noise_var.shape}")
        if self.bits_per_symbol <= 2:
            gain = 4.0 / noise_var if self.bits_per_symbol == 1 else (2.0 * np.sqrt(2.0)) / noise_var
            gain = gain.astype(np.float32)
            if self.bits_per_symbol == 1:
                return gain * symbols.real
            return (symbols.view(np.float32).reshape(-1, 2) * gain[:, None]).ravel()
        return demap_axes(symbols.view(np.float32).reshape(-1, 2), noise_var, self._levels, self._axis_bits)

    def expected(self, llr: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of symbols under the LLRs of their bits (soft symbols).

        Parameters
        ----------
        llr : float32 [num_symbols * bits_per_symbol]
            As from `demap` or from a decoder; bits taken as independent.

        Returns
        -------
        mean : complex64 [num_symbols]
        variance : float32 [num_symbols]
            Around the mean; one where nothing is known.
        """
        ones = 1 / (1 + np.exp(np.clip(llr, -60, 60, dtype=np.float32))).reshape(-1, self.bits_per_symbol)
        if self.bits_per_symbol == 1:
            mean, variance = self._expected_level(ones)
            return mean.astype(np.complex64), variance
        real, real_var = self._expected_level(ones[:, 0::2])
        imag, imag_var = self._expected_level(ones[:, 1::2])
        return (real + 1j * imag).astype(np.complex64), real_var + imag_var

    def _expected_level(self, ones: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of one axis; `ones`: probability of a one, float32 [num_symbols, axis_bits]."""
        probability = np.ones((len(ones), 1), np.float32)
        for bit in range(self._axis_bits):  # most significant first: labels double with each bit
            column = ones[:, bit : bit + 1]
            probability = np.stack([probability * (1 - column), probability * column], axis=2).reshape(len(ones), -1)
        mean = probability @ self._levels
        return mean, np.maximum(probability @ self._levels**2 - mean**2, 0)

    def error_power(self, symbols: np.ndarray) -> float:
        """Mean squared distance of complex64 [num_symbols] to their nearest points."""
        step, limit = np.float32(2 * self.margin), np.float32(self.largest)
        return _error_power(np.ascontiguousarray(symbols, np.complex64), step, limit, self.bits_per_symbol == 1)

    def nearest(self, symbols: np.ndarray) -> np.ndarray:
        """Nearest point of the constellation for each symbol, complex64 [num_symbols]."""
        symbols = np.asarray(symbols, np.complex64)
        step = np.float32(2 * np.min(np.abs(self._levels)))
        limit = np.float32(np.max(np.abs(self._levels)))

        def quantise(axis: np.ndarray) -> np.ndarray:
            return np.clip((np.floor(axis / step) + np.float32(0.5)) * step, -limit, limit)

        if self.bits_per_symbol == 1:
            return quantise(symbols.real).astype(np.complex64)
        return quantise(symbols.real) + 1j * quantise(symbols.imag)


@njit("float64(complex64[::1], float32, float32, boolean)", cache=True, nogil=True)
def _error_power(symbols, step, limit, real_only):
    total, half = 0.0, np.float32(0.5)
    for value in symbols:
        re = value.real - min(max((np.floor(value.real / step) + half) * step, -limit), limit)
        im = value.imag
        if not real_only:
            im -= min(max((np.floor(im / step) + half) * step, -limit), limit)
        total += re * re + im * im
    return total / max(symbols.shape[0], 1)


@lru_cache(maxsize=len(BITS_PER_SYMBOL))
def constellation(bits_per_symbol: int) -> Constellation:
    """The constellation of that many bits (shared, immutable)."""
    return Constellation(bits_per_symbol)
