"""Gain that scales soft values to LLRs, estimated from their mean information and the code rate.

The decoder's check rule wants true log-likelihood ratios; receivers misjudge their noise, and a retransmission may have
seen another. Soft values of a word that can just be decoded carry, on average, a little more information than the code
rate; the gain is chosen at which they do. Near the decoder's threshold this is the true scale within a few percent; in
less noise the gain is too small, without loss; in more, the block is lost anyway.

The information of a value is taken from its magnitude alone, 1 - h(1 / (1 + exp(|LLR|))): no distribution is assumed,
and it holds for QPSK as for 256-QAM, for fading, erasures and sums of several transmissions.
"""

import math

import numpy as np
from numba import njit

_EXCESS = 0.2  # information beyond the rate over rate * (1 - rate), at which codes of 100 to 1000 bytes are decoded
_STEPS = 16  # table entries per unit of LLR
_INFORMATION = np.array(
    [1 - (np.log1p(np.exp(-x)) + x / (1 + np.exp(x))) / np.log(2) for x in np.arange(0, 16, 1 / _STEPS)],
    dtype=np.float32,
)
_NUM_SAMPLES = 512
_NUM_BISECTIONS = 10


@njit(cache=True, nogil=True)
def mean_information(soft, gain):
    """Mean information, in bits, of the nonzero values of `soft` if `gain` makes LLRs of them; from a sample of them.

    soft : int16 [N]; gain : float -> float, 0 to 1
    """
    stride = max(soft.size // _NUM_SAMPLES, 1)
    steps = np.float32(gain * _STEPS)
    total = np.float32(0)
    count = 0
    for i in range(0, soft.size, stride):
        if soft[i] != 0:
            step = np.float32(abs(np.int32(soft[i]))) * steps
            total += _INFORMATION[int(min(step, np.float32(_INFORMATION.size - 1)))]
            count += 1
    return total / max(count, 1)


@njit(cache=True, nogil=True)
def gain_for_decoding(soft, num_information_bits):
    """Gain that makes LLRs of the soft values of one code block, whatever their scale.

    soft : int16 [N], 0 where nothing was received; num_information_bits : int -> float, LLR per step of `soft`
    """
    received = 0
    magnitude = np.int64(0)
    for i in range(soft.size):
        received += soft[i] != 0
        magnitude += abs(np.int32(soft[i]))
    if received == 0:
        return 1.0
    rate = min(num_information_bits / received, 1.0)
    target = rate + _EXCESS * rate * (1 - rate)
    low = 0.1 * received / magnitude  # mean LLR 0.1 to 100
    high = 1000 * low
    for _ in range(_NUM_BISECTIONS):
        gain = math.sqrt(low * high)
        if mean_information(soft, gain) < target:
            low = gain
        else:
            high = gain
    return math.sqrt(low * high)
