"""Exact LLRs of square Gray QAM, by vector instructions: exponential and logarithm as polynomials.

Both are right to about 1e-6 of a bit's LLR scale, far below the steps in which a decoder sees it.
"""

import numpy as np
from numba import njit

_BATCH = 256  # values of one axis at a time, all of whose metrics stay in the innermost cache
_LOG2_E = np.float32(1.4426950408889634)
_LN_2 = np.float32(0.6931471805599453)
_TINY = np.float32(1e-30)
_LEAST_EXPONENT = np.float32(-125)


@njit(cache=True, nogil=True, fastmath=True)
def exp2(values, bits):
    """2 ** values in place, float32 [n], values at most 0; least result 2 ** -125. `bits`: int32 [n], scratch."""
    powers = bits.view(np.float32)
    for i in range(values.shape[0]):
        x = max(values[i], _LEAST_EXPONENT)
        whole = np.int32(x - np.float32(0.5))  # cut towards zero: the nearest whole number
        f = x - np.float32(whole)
        bits[i] = (whole + np.int32(127)) << np.int32(23)
        p = np.float32(0.00015403530) * f + np.float32(0.0013333558)
        p = p * f + np.float32(0.0096181291)
        p = p * f + np.float32(0.055504109)
        p = p * f + np.float32(0.24022651)
        p = p * f + np.float32(0.69314718)
        values[i] = p * f + np.float32(1.0)
    for i in range(values.shape[0]):
        values[i] *= powers[i]


@njit(cache=True, nogil=True, fastmath=True)
def log2(values, exponents):
    """Logarithm to base 2 in place, float32 [n] of positive normal numbers. `exponents`: int32 [n], scratch."""
    bits = values.view(np.int32)
    for i in range(values.shape[0]):
        # Mantissa between sqrt(1/2) and sqrt(2): there the series in t = (m - 1) / (m + 1) converges fast.
        exponents[i] = (bits[i] - np.int32(0x3F3504F3)) >> np.int32(23)
        bits[i] -= exponents[i] << np.int32(23)
    for i in range(values.shape[0]):
        t = (values[i] - np.float32(1)) / (values[i] + np.float32(1))
        s = t * t
        p = np.float32(0.412198583) * s + np.float32(0.577078016)
        p = p * s + np.float32(0.961796694)
        p = p * s + np.float32(2.885390082)
        values[i] = np.float32(exponents[i]) + t * p


@njit(
    "float32[::1](float32[:,::1], float32[::1], float32[::1], int64)",
    cache=True,
    nogil=True,
    fastmath=True,
)
def demap_axes(axes, noise_var, levels, axis_bits):
    """LLRs of the bits of each symbol; the axes of square Gray QAM are independent.

    Parameters
    ----------
    axes : float32 [num_symbols, 2]
        Real and imaginary part.
    noise_var : float32 [num_symbols]
    levels : float32 [2 ** axis_bits]
        Of one axis, by label.

    Returns
    -------
    llr : float32 [num_symbols * 2 * axis_bits]
        Most significant bit of each symbol first, the axes in turn.
    """
    num_symbols, num_levels = axes.shape[0], levels.shape[0]
    out = np.empty((num_symbols, axis_bits, 2), np.float32)
    metric = np.empty((num_levels, _BATCH), np.float32)
    weight = np.empty((num_levels, _BATCH), np.float32)
    value, scale, best = np.empty(_BATCH, np.float32), np.empty(_BATCH, np.float32), np.empty(_BATCH, np.float32)
    sum0, sum1 = np.empty(_BATCH, np.float32), np.empty(_BATCH, np.float32)
    max0, max1 = np.empty(_BATCH, np.float32), np.empty(_BATCH, np.float32)
    log0, log1 = np.empty(_BATCH, np.float32), np.empty(_BATCH, np.float32)
    bits = np.empty(_BATCH, np.int32)
    for axis in range(2):
        for begin in range(0, num_symbols, _BATCH):
            width = min(_BATCH, num_symbols - begin)
            for n in range(width):
                value[n] = axes[begin + n, axis]
                scale[n] = _LOG2_E / noise_var[begin + n]
                best[n] = np.float32(-1e30)
            for i in range(num_levels):
                level, row = levels[i], metric[i]
                for n in range(width):
                    distance = value[n] - level
                    row[n] = -distance * distance * scale[n]
                    best[n] = max(best[n], row[n])
            for i in range(num_levels):
                row, powers = metric[i], weight[i]
                for n in range(width):
                    powers[n] = row[n] - best[n]
                exp2(powers[:width], bits)
            for b in range(axis_bits):
                sum0[:] = _TINY
                sum1[:] = _TINY
                max0[:] = np.float32(-1e30)
                max1[:] = np.float32(-1e30)
                mask = 1 << (axis_bits - 1 - b)
                for i in range(num_levels):
                    row, powers = metric[i], weight[i]
                    if i & mask:
                        for n in range(width):
                            sum1[n] += powers[n]
                            max1[n] = max(max1[n], row[n])
                    else:
                        for n in range(width):
                            sum0[n] += powers[n]
                            max0[n] = max(max0[n], row[n])
                log0[:width] = sum0[:width]
                log1[:width] = sum1[:width]
                log2(log0[:width], bits)
                log2(log1[:width], bits)
                for n in range(width):
                    # Far from the decision border one sum underflows: there the nearest point alone is exact enough.
                    both = min(sum0[n], sum1[n]) > np.float32(1e3) * _TINY
                    exact = log0[n] - log1[n]
                    nearest = max0[n] - max1[n]
                    out[begin + n, b, axis] = (exact if both else nearest) * _LN_2
    return out.reshape(-1)
