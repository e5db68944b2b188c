"""Decimation by two with a half-band filter: from twice the nominal rate to the nominal rate."""

from __future__ import annotations

import numpy as np
import scipy.signal

from semcom.phy.frontend.derotation import derotate

PASSBAND = 0.46875
"""Passband edge as a share of the nominal rate; from one minus it on nothing aliases."""

_NUM_TAPS = 159  # odd, (taps - 1) / 2 odd: a half-band filter centred on a sample
_ATTENUATION_DB = 70.0


class Decimator:
    """Streaming decimation by two: frequency shift, low-pass filter, every second sample.

    Output sample k is centred on input sample 2k, however the input is cut.

    Parameters
    ----------
    shift : float
        Frequency that is shifted to zero, cycles per input sample.
    """

    def __init__(self, shift: float) -> None:
        self._shift = shift
        beta = scipy.signal.kaiser_beta(_ATTENUATION_DB)
        self._taps = scipy.signal.firwin(_NUM_TAPS, 0.5, window=("kaiser", beta)).astype(np.float32)
        self.reset()

    def reset(self) -> None:
        """Start at input sample 0."""
        self._held = np.zeros(_NUM_TAPS // 2, np.complex64)  # zeros before the stream
        self._position = 0  # input samples taken in

    def push(self, samples: np.ndarray) -> np.ndarray:
        """complex64 [n] at twice the rate -> complex64 [about n/2]."""
        with np.errstate(over="ignore", invalid="ignore"):
            finite = np.nan_to_num(np.asarray(samples).astype(np.complex64), posinf=0.0, neginf=0.0)
        mixed = derotate(finite, self._shift, self._position)
        self._position += len(mixed)
        held = np.concatenate([self._held, mixed])
        count = max(0, (len(held) - _NUM_TAPS) // 2 + 1)
        self._held = held[2 * count :]
        if count == 0:
            return np.zeros(0, np.complex64)
        used = held[: 2 * (count - 1) + _NUM_TAPS]
        whole = scipy.signal.upfirdn(self._taps, used, 1, 2)
        return whole[_NUM_TAPS // 2 :][:count].astype(np.complex64)

    def flush(self) -> np.ndarray:
        """What is still to come when silence follows, complex64 [n]; then start anew."""
        rest = self.push(np.zeros(_NUM_TAPS, np.complex64))
        self.reset()
        return rest
