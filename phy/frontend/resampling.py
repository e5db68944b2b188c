"""Sample rate conversion by any ratio: polyphase windowed-sinc interpolation at exact positions."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import numpy as np
from numba import njit

from semcom.phy.errors import ConfigurationError

STOPBAND_DB = 70.0
MAX_PHASES = 1024
"""Filters in a bank. A ratio that needs more takes the nearest of so many: the error lies 60 dB below the signal."""

MAX_RATIO = 4096
"""Between the two rates, either way: longer filters than that are a mistake in a rate."""

_LARGEST_TERM = 10**12  # of the ratio's numerator and denominator: positions then fit int64
_LONG_FILTER = 256  # taps from which two stages are cheaper than one
_FIRST_STAGE = 4  # rate after the first of two stages, at least so many times the last one


class Resampler:
    """Streaming conversion from one sample rate to another.

    Output sample k is the input's band at position k · from_hz / to_hz, exactly, however the input is cut: no rounding
    adds up, and `position_of` says where an output sample lies.

    Parameters
    ----------
    from_hz, to_hz : float
        Taken as the exact rational numbers that they are.
    passband_hz : float
        Highest frequency, either side of zero, that must pass unharmed. What lies more than the lower rate minus this
        away from zero is suppressed by `STOPBAND_DB`.

    Raises
    ------
    ConfigurationError
        Rates or passband that no filter can serve; the message names key, rule and value.
    """

    def __init__(self, from_hz: float, to_hz: float, passband_hz: float) -> None:
        for rate_hz in (from_hz, to_hz):
            if not 0 < rate_hz < 1e12:
                raise ConfigurationError(f"sample_rate_hz must be above 0 and below 1e12, got {rate_hz:g}")
        if not 1 / MAX_RATIO <= from_hz / to_hz <= MAX_RATIO:
            raise ConfigurationError(
                f"sample_rate_hz must be within a factor of {MAX_RATIO} of {to_hz:.10g}, got {from_hz:.10g}"
            )
        lower_hz = min(from_hz, to_hz)
        if not 0 < passband_hz < 0.499 * lower_hz:
            raise ConfigurationError(
                f"passband_hz must be above 0 and below half of the lower rate ({lower_hz / 2:.10g}), "
                f"got {passband_hz:g}"
            )
        self.step = (Fraction(from_hz) / Fraction(to_hz)).limit_denominator(_LARGEST_TERM)
        """Input samples per output sample."""
        transition_hz = lower_hz - 2 * passband_hz
        first = floor(self.step / _FIRST_STAGE)
        if first >= 2 and _num_taps(transition_hz / from_hz) > _LONG_FILTER:
            middle_hz = from_hz / first
            steps = (Fraction(first), passband_hz / from_hz, (middle_hz - 2 * passband_hz) / from_hz)
            rest = (self.step / first, passband_hz / middle_hz, transition_hz / middle_hz)
            self._stages = [_Stage(*steps), _Stage(*rest)]
        else:
            self._stages = [_Stage(self.step, passband_hz / from_hz, transition_hz / from_hz)]

    def position_of(self, output_sample: int) -> Fraction:
        """Where an output sample lies, in input samples."""
        return output_sample * self.step

    def reset(self) -> None:
        """Start at input sample 0, with silence before it."""
        for stage in self._stages:
            stage.reset()

    def push(self, samples: np.ndarray) -> np.ndarray:
        """complex64 [n] -> complex64 [about n / step]. Not-finite samples count as zero."""
        samples = np.asarray(samples, np.complex64)
        for stage in self._stages:
            samples = stage.push(samples)
        return samples

    def flush(self) -> np.ndarray:
        """What is still to come when silence follows, complex64 [n]; then start anew."""
        rest = np.zeros(0, np.complex64)
        for stage in self._stages:
            rest = np.concatenate([stage.push(rest), stage.push(np.zeros(stage.num_taps // 2, np.complex64))])
        self.reset()
        return rest


class _Stage:
    """One filter bank. `step`: input samples per output sample; passband and transition in cycles per input sample."""

    def __init__(self, step: Fraction, passband: float, transition: float) -> None:
        self._step = step
        # A multiple of 8, so that the kernel's inner loop has no remainder.
        self.num_taps = 8 * ceil(_num_taps(transition) / 8)
        phases = min(step.denominator, MAX_PHASES)
        self._bank = _filter_bank(self.num_taps, phases, passband + transition / 2)
        self.reset()

    def reset(self) -> None:
        # With half a filter of silence before the stream, output sample 0 is centred on input sample 0.
        self._held = np.zeros(self.num_taps // 2 - 1, np.complex64)
        self._first = 0  # of the next output sample's window, within _held and what follows
        self._phase = 0  # fraction of its position, in parts of the step's denominator

    def push(self, samples: np.ndarray) -> np.ndarray:
        held = np.concatenate([self._held, samples])
        whole, parts = self._step.numerator, self._step.denominator
        room = parts * (len(held) - self.num_taps - self._first + 1) - 1 - self._phase
        count = max(0, room // whole + 1)
        out = np.empty(count, np.complex64)
        if count:
            arguments = (self._bank, self._first, self._phase, whole, parts, out)
            _filter(held, *arguments)
            if not np.isfinite(out.view(np.float32)).all():
                held[~np.isfinite(held)] = 0
                _filter(held, *arguments)
            after = self._phase + count * whole
            self._first, self._phase = self._first + after // parts, after % parts
        kept_from = min(self._first, len(held))
        self._held = held[kept_from:].copy()
        self._first -= kept_from
        return out


def _num_taps(transition: float) -> float:
    """Of a Kaiser window for a transition in cycles per sample [Oppenheim & Schafer, 7.5.3]."""
    return (STOPBAND_DB - 7.95) / (2.285 * 2 * np.pi * transition) + 1


def _filter_bank(num_taps: int, phases: int, cutoff: float) -> np.ndarray:
    """Low-pass filters for positions 0, 1/phases, ... after a sample, each of gain 1: float32 [phases + 1, num_taps].

    The last one is the first, a sample later: for positions that round up.
    """
    import scipy.signal  # only here: it is most of a receiver's start, and none at the nominal rate needs it

    fraction = np.arange(phases + 1)[:, np.newaxis] / phases
    distance = np.arange(num_taps) - (num_taps // 2 - 1) - fraction  # of each tap from the position
    inside = np.sqrt(np.maximum(1 - (2 * distance / num_taps) ** 2, 0))
    window = np.i0(scipy.signal.kaiser_beta(STOPBAND_DB) * inside)
    taps = np.sinc(2 * cutoff * distance) * window
    return (taps / taps.sum(axis=1, keepdims=True)).astype(np.float32)


# Sums may be reordered, so that they run in vector registers; always in the same way, so that a sample comes out the
# same to the last bit wherever chunks end. NaN and infinity keep their meaning.
@njit(
    "void(complex64[::1], float32[:, ::1], int64, int64, int64, int64, complex64[::1])",
    fastmath={"reassoc", "contract", "nsz"},
    cache=True,
    nogil=True,
)
def _filter(held, bank, first, phase, whole, parts, out):
    phases, num_taps = bank.shape[0] - 1, bank.shape[1]
    for k in range(out.shape[0]):
        taps = bank[phase if phases == parts else (2 * phase * phases + parts) // (2 * parts)]
        window = held[first : first + num_taps]
        real, imag = np.float32(0), np.float32(0)
        for n in range(num_taps):
            real += window[n].real * taps[n]
            imag += window[n].imag * taps[n]
        out[k] = complex(real, imag)
        phase += whole
        first += phase // parts
        phase %= parts
