"""Decimation by two with a half-band filter: from twice the nominal rate to the nominal rate."""

from __future__ import annotations

import numpy as np
from numba import njit

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
        import scipy.signal  # only here, as in `resampling`

        self._shift = shift
        beta = scipy.signal.kaiser_beta(_ATTENUATION_DB)
        taps = scipy.signal.firwin(_NUM_TAPS, 0.5, window=("kaiser", beta)).astype(np.float32)
        self._middle, self._outer = taps[_NUM_TAPS // 2], taps[::2].copy()  # all others of a half-band filter are zero
        self.reset()

    def reset(self) -> None:
        """Start at input sample 0."""
        self._held = np.zeros(_NUM_TAPS // 2, np.complex64)  # zeros before the stream
        self._position = 0  # input samples taken in

    def push(self, samples: np.ndarray) -> np.ndarray:
        """complex64 [n] at twice the rate -> complex64 [about n/2]."""
        with np.errstate(over="ignore", invalid="ignore"):
            samples = np.ascontiguousarray(samples, np.complex64)
        values = samples.view(np.float32)
        if not np.isfinite(values).all():
            samples = np.where(np.isfinite(values), values, np.float32(0)).view(np.complex64)
        mixed = derotate(samples, self._shift, self._position) if self._shift else samples
        self._position += len(mixed)
        held = np.concatenate([self._held, mixed])
        count = max(0, (len(held) - _NUM_TAPS) // 2 + 1)
        self._held = held[2 * count :].copy()
        return _half_band(held, self._outer, self._middle, count)

    def flush(self) -> np.ndarray:
        """What is still to come when silence follows, complex64 [n]; then start anew."""
        rest = self.push(np.zeros(_NUM_TAPS, np.complex64))
        self.reset()
        return rest


# Sums may be reordered, so that they run in vector registers; always in the same way, so that a sample comes out the
# same to the last bit wherever chunks end.
@njit(
    "complex64[::1](complex64[::1], float32[::1], float32, int64)",
    fastmath={"reassoc", "contract", "nsz"},
    cache=True,
    nogil=True,
)
def _half_band(held, outer, middle, count):
    """Output k: the outer taps on samples 2k, 2k + 2, ..., the middle one on the sample between the inner two."""
    even, odd = np.empty(count + outer.shape[0], np.complex64), np.empty(count + outer.shape[0], np.complex64)
    for n in range(even.shape[0]):
        even[n] = held[2 * n] if 2 * n < held.shape[0] else 0
        odd[n] = held[2 * n + 1] if 2 * n + 1 < held.shape[0] else 0
    out = np.empty(count, np.complex64)
    for k in range(count):
        window = even[k : k + outer.shape[0]]
        between = odd[k + outer.shape[0] // 2 - 1] * middle
        real, imag = between.real, between.imag
        for n in range(outer.shape[0]):
            real += window[n].real * outer[n]
            imag += window[n].imag * outer[n]
        out[k] = complex(real, imag)
    return out
