"""A picture predicted from a coarser one, enlarged: what the finer coding then carries is the difference.

```
coarse ─ enlarged ─► prediction ─┐
finer original ──────────────── − ─► difference + 128 ─ coded ─► + prediction ─► finer
```

Whole numbers only: the same on every machine. How the difference is coded does not depend on the prediction, so that a
receiver whose coarse picture is another one shows another picture, and reads the same bytes.

References
----------
[Keys 1981] cubic convolution, a = -1/2: the filter that enlarges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FULL_WEIGHT = 8
"""Weights of a prediction are in eighths: with less than all, less of the coarse picture's faults must be undone."""
_GREY = 128
_LUMA = np.array((77, 150, 29), np.int32)  # ITU-R BT.601, in 256ths
_PHASE_BITS, _WEIGHT_BITS, _KEPT_BITS = 8, 14, 6


@dataclass(frozen=True)
class Prediction:
    """What a finer picture looks like as far as a coarser one tells.

    Attributes
    ----------
    coarse : uint8 [rows, columns, 3]
    weight : int
        1 to FULL_WEIGHT, in eighths.
    """

    coarse: np.ndarray
    weight: int

    def difference(self, fine: np.ndarray) -> np.ndarray:
        """The brightness that the prediction lacks, 128 where none: the colours of the coarse picture will do.

        Parameters
        ----------
        fine : uint8 [height, width, 3]

        Returns
        -------
        uint8 [height, width, 3]
            Grey.
        """
        luma = (fine - self._of(fine.shape)) @ _LUMA + 128 >> 8
        return np.repeat(np.clip(luma, 0, 255).astype(np.uint8)[..., None], 3, axis=2)

    def refined(self, difference: np.ndarray) -> np.ndarray:
        """The finer picture, uint8, of the shape of its `difference`."""
        return np.clip(difference + self._of(difference.shape), 0, 255).astype(np.uint8)

    def _of(self, shape: tuple[int, ...]) -> np.ndarray:
        """int32: how far from grey."""
        from_grey = enlarged(self.coarse, *shape[:2]).astype(np.int32) - _GREY
        return self.weight * from_grey + FULL_WEIGHT // 2 >> 3


def enlarged(small: np.ndarray, height: int, width: int) -> np.ndarray:
    """A picture at another size, by cubic convolution in whole numbers.

    Parameters
    ----------
    small : uint8 [rows, columns, 3]

    Returns
    -------
    uint8 [height, width, 3]
    """
    kept = 1 << _WEIGHT_BITS - _KEPT_BITS
    rows = _filtered(small.astype(np.int32), height) + kept // 2 >> _WEIGHT_BITS - _KEPT_BITS
    both = _filtered(rows.transpose(1, 0, 2), width).transpose(1, 0, 2)
    shift = _WEIGHT_BITS + _KEPT_BITS
    return np.clip(both + (1 << shift - 1) >> shift, 0, 255).astype(np.uint8)


def _filtered(samples: np.ndarray, size: int) -> np.ndarray:
    """int32 [size, n, 3]: the first axis filtered to `size` samples; 2^_WEIGHT_BITS is one."""
    count = samples.shape[0]
    position = (2 * np.arange(size, dtype=np.int64) + 1) * count * (1 << _PHASE_BITS - 1) // size
    position -= 1 << _PHASE_BITS - 1
    first, weights = (position >> _PHASE_BITS) - 1, _weights(position & (1 << _PHASE_BITS) - 1)
    found = np.zeros((size, *samples.shape[1:]), np.int32)
    for tap in range(4):
        found += weights[tap][:, None, None] * samples[np.clip(first + tap, 0, count - 1)]
    return found


def _weights(phase: np.ndarray) -> np.ndarray:
    """int32 [4, n]: weights of the four samples around a point `phase` 256ths behind the second of them."""
    cube, square, one = phase**3, phase**2 << _PHASE_BITS, phase << 2 * _PHASE_BITS
    drop = 3 * _PHASE_BITS + 1 - _WEIGHT_BITS  # the polynomials have twice the weight in units of 2^-24
    before, after, last = (
        value >> drop for value in (2 * square - cube - one, 4 * square - 3 * cube + one, cube - square)
    )
    here = (1 << _WEIGHT_BITS) - before - after - last
    return np.stack((before, here, after, last)).astype(np.int32)
