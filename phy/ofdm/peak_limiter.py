"""Peak reduction by repeated clipping and filtering: the excess above the limit is subtracted on data carriers only.

```
carriers ─┬─ IFFT, 8 samples for one ─ what exceeds the limit ─ FFT ─ used carriers but the pilots ─┐
          └────────────────────────────────────── minus ◄───────────────────────────────────────────┘
```

Nothing is added outside the used carriers and pilots stay as they are: neither adjacent channels nor the receiver's
channel tracking are affected. The data carriers carry the excess as a little noise.

Windows blend neighbouring symbols by shares that sum to one, so what holds for the samples of each symbol holds for
those of their seams. Between the samples of a seam an interpolator may swing higher: the limit is lower there.
"""

from __future__ import annotations

import math

import numpy as np
import scipy.fft

from semcom.phy.errors import ConfigurationError
from semcom.phy.sync.preamble import basic_sequence
from semcom.phy.waveform import Waveform

MIN_LIMIT_DB = 5.0
"""Below it the loss of SNR exceeds what the lower peak saves."""

_OVERSAMPLING = 8  # finds the peaks between samples: those of 4 are up to 0.2 dB too low
_SEAM = 0.955  # of the amplitude, near the ramps that blend symbols
_SEAM_MARGIN = 9  # samples on either side of the ramp
_MAX_ROUNDS = 40
_MARGIN = 0.99  # of the amplitude: target below the limit, as convergence is slow near it
_SYMBOLS_AT_ONCE = 256


class PeakLimiter:
    """Limits the instantaneous power of OFDM symbols. Stateless.

    Parameters
    ----------
    waveform : Waveform
    peak_limit_db : float
        Highest instantaneous power over the mean of the burst, between samples too.

    Raises
    ------
    ConfigurationError
        The limit is no finite number, below `MIN_LIMIT_DB`, or below the peaks of the preamble, which stays whole.

    References
    ----------
    [Armstrong 2002] (repeated clipping and frequency domain filtering), see docs/references.md
    """

    def __init__(self, waveform: Waveform, peak_limit_db: float) -> None:
        if isinstance(peak_limit_db, bool) or not isinstance(peak_limit_db, int | float):
            raise ConfigurationError(f"peak_limit_db must be a number, got {peak_limit_db!r}")
        least = max(MIN_LIMIT_DB, preamble_peak_db(waveform))
        if not least <= peak_limit_db < math.inf:
            raise ConfigurationError(
                f"peak_limit_db must be at least {least:.1f} with {waveform.name}, whose preamble has peaks of "
                f"{preamble_peak_db(waveform):.1f} dB, got {peak_limit_db}"
            )
        self._waveform = waveform
        self._size = _OVERSAMPLING * waveform.fft_size
        self._places = np.array(waveform.used_carriers) % self._size
        self._scale = np.float32(waveform.carrier_gain * np.sqrt(_OVERSAMPLING))
        self._limits = np.full(self._size, 10 ** (peak_limit_db / 20), np.float32)
        ramp = np.arange(-_SEAM_MARGIN * _OVERSAMPLING, (waveform.window_length + _SEAM_MARGIN) * _OVERSAMPLING)
        for begin in (0, waveform.fft_size - waveform.cp_length):  # of the suffix that falls, of the prefix that rises
            self._limits[(begin * _OVERSAMPLING + ramp) % self._size] *= np.float32(_SEAM)

    def limit(self, carriers: np.ndarray) -> np.ndarray:
        """The same symbols with lower peaks.

        Parameters
        ----------
        carriers : complex64 [num_symbols, num_used]
            Pilots included; not changed.

        Returns
        -------
        carriers : complex64 [num_symbols, num_used]
            With the mean energy that came in. Pilots as they were.
        """
        data = ~self._waveform.is_pilot
        limited = self._rounds(carriers.astype(np.complex64))
        # Clipping lost energy: scale the data back to it, and limit the peaks that this raises again.
        energy, left = (float(np.sum(np.abs(part[:, data]) ** 2)) for part in (carriers, limited))
        if left < energy:
            limited[:, data] *= np.float32(np.sqrt(energy / left))
            limited = self._rounds(limited)
        return limited

    def _rounds(self, carriers: np.ndarray) -> np.ndarray:
        for start in range(0, len(carriers), _SYMBOLS_AT_ONCE):
            part = carriers[start : start + _SYMBOLS_AT_ONCE]
            active = np.arange(len(part))
            for _ in range(_MAX_ROUNDS):
                over, excess = self._excess(part[active])
                active = active[over]
                if not len(active):
                    break
                excess[:, self._waveform.is_pilot] = 0
                part[active] -= excess
        return carriers

    def _excess(self, carriers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mask of the symbols that exceed the limit, and their excess on the used carriers."""
        bins = np.zeros((len(carriers), self._size), np.complex64)
        bins[:, self._places] = carriers
        samples = scipy.fft.ifft(bins, axis=1, norm="ortho", overwrite_x=True) * self._scale
        level = np.abs(samples)
        over = np.any(level > self._limits, axis=1)
        samples, level = samples[over], level[over]
        aim = self._limits * np.float32(_MARGIN)
        samples *= np.maximum(level - aim, 0) / np.maximum(level, aim)
        return over, scipy.fft.fft(samples, axis=1, norm="ortho", overwrite_x=True)[:, self._places] / self._scale


def preamble_peak_db(waveform: Waveform) -> float:
    """Highest power of the preamble over its mean, between samples too."""
    spectrum = np.fft.fft(basic_sequence(waveform))
    period = len(spectrum)
    bins = np.zeros(8 * period, complex)
    bins[np.fft.fftfreq(period, 1 / period).astype(int)] = spectrum
    power = np.abs(np.fft.ifft(bins)) ** 2
    return float(10 * np.log10(power.max() / power.mean()))
