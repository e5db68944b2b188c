"""Ring buffer of received samples, addressed by absolute position in the stream."""

from __future__ import annotations

import numpy as np

_LARGEST_SAMPLE = np.float32(1e4)  # beyond any sensible level; keeps squares within float32


class SampleBuffer:
    """Holds the latest part of a stream, as a ring. Positions count from the start of the stream.

    Parameters
    ----------
    capacity : int
        Samples to hold at most; appending more drops the oldest.
    memory : memoryview, optional
        Where they lie, 8 bytes a sample; of its own by default. Sample p lies at p modulo the capacity.
    """

    def __init__(self, capacity: int, memory: memoryview | None = None) -> None:
        data = bytearray(8 * capacity) if memory is None else memory
        self._data = np.frombuffer(data, np.complex64, capacity)
        self.capacity = capacity
        self.clear()

    def clear(self) -> None:
        """Forget everything and count from zero again."""
        self._first = 0  # position of the oldest sample held
        self.end = 0  # position after the newest

    def append(self, samples: np.ndarray) -> None:
        """Add complex64 [n], n up to the capacity; what is not finite becomes zero, what is beyond 1e4 is clipped."""
        self._first = max(self._first, self.end + len(samples) - self.capacity)
        at = self.end % self.capacity
        room = self.capacity - at
        for target, part in ((self._data[at:], samples[:room]), (self._data, samples[room:])):
            with np.errstate(over="ignore", invalid="ignore"):
                target[: len(part)] = part
            _sanitise(target[: len(part)])
        self.end += len(samples)

    def discard_before(self, position: int) -> None:
        """Samples before `position` are no longer needed."""
        self._first = min(max(self._first, position), self.end)

    def read(self, start: int, stop: int) -> np.ndarray:
        """Samples start .. stop-1, complex64 [stop - start]; zero where the buffer holds nothing.

        A view where everything is held in one piece: read only.
        """
        if self._first <= start and stop <= self.end:
            return stretch_of(self._data, start, stop)
        out = np.zeros(stop - start, np.complex64)
        left, right = max(start, self._first), min(stop, self.end)
        if left < right:
            out[left - start : right - start] = self.read(left, right)
        return out


def stretch_of(ring: np.ndarray, start: int, stop: int) -> np.ndarray:
    """Samples start .. stop-1 of a ring that holds them; a view unless they go over its edge."""
    at = start % len(ring)
    piece = ring[at : at + stop - start]
    return piece if len(piece) == stop - start else np.concatenate([piece, ring[: stop - start - len(piece)]])


def _sanitise(samples: np.ndarray) -> None:
    values = samples.view(np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        largest = np.max(np.abs(values), initial=0.0)
        if not largest <= _LARGEST_SAMPLE:  # also true for NaN
            np.nan_to_num(values, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
            np.clip(values, -_LARGEST_SAMPLE, _LARGEST_SAMPLE, out=values)
