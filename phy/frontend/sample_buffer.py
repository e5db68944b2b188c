"""Ring buffer of received samples, addressed by absolute position in the stream."""

import numpy as np

_LARGEST_SAMPLE = np.float32(1e4)  # beyond any sensible level; keeps squares within float32


class SampleBuffer:
    """Holds the latest part of a stream. Positions count from the start of the stream.

    Parameters
    ----------
    capacity : int
        Samples to hold at most; appending more drops the oldest.
    """

    def __init__(self, capacity: int) -> None:
        # Twice the capacity, so that the contents move to the front only once in `capacity` samples.
        self._data = np.zeros(2 * capacity, np.complex64)
        self._capacity = capacity
        self.clear()

    def clear(self) -> None:
        """Forget everything and count from zero again."""
        self._first = 0  # position of the oldest sample held
        self._offset = 0  # where it lies in _data
        self.end = 0  # position after the newest

    def append(self, samples: np.ndarray) -> None:
        """Add complex64 [n], n up to the capacity; what is not finite becomes zero, what is beyond 1e4 is clipped."""
        count = len(samples)
        held = self.end - self._first
        if self._offset + held + count > len(self._data):
            keep = min(held, self._capacity - count)
            stop = self._offset + held
            self._data[:keep] = self._data[stop - keep : stop]
            self._first, self._offset, held = self.end - keep, 0, keep
        start = self._offset + held
        target = self._data[start : start + count]
        with np.errstate(over="ignore", invalid="ignore"):
            target[:] = samples
        _sanitise(target)
        self.end += count

    def discard_before(self, position: int) -> None:
        """Samples before `position` are no longer needed."""
        step = min(max(position - self._first, 0), self.end - self._first)
        self._first += step
        self._offset += step

    def read(self, start: int, stop: int) -> np.ndarray:
        """Samples start .. stop-1, complex64 [stop - start]; zero where the buffer holds nothing.

        A view where everything is held: read only.
        """
        if self._first <= start and stop <= self.end:
            return self._data[self._offset + start - self._first : self._offset + stop - self._first]
        out = np.zeros(stop - start, np.complex64)
        left, right = max(start, self._first), min(stop, self.end)
        if left < right:
            out[left - start : right - start] = self.read(left, right)
        return out


def _sanitise(samples: np.ndarray) -> None:
    values = samples.view(np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        largest = np.max(np.abs(values), initial=0.0)
        if not largest <= _LARGEST_SAMPLE:  # also true for NaN
            np.nan_to_num(values, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
            np.clip(values, -_LARGEST_SAMPLE, _LARGEST_SAMPLE, out=values)
