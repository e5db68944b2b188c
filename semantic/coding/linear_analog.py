"""Linear analog code: pictures to complex symbols and back by a fixed transform, power allocation and LMMSE.

```
picture ─ 16 × 16 blocks ─ KLT ─ the first coefficients ─ gains ─ permutation ─► symbols of mean power 1
symbols, noise variance ─► LMMSE ─ inverse KLT ─► picture
```

The transform is that of blocks of photos, their three colours together: 768 coefficients, variances in descending
order. A picture's own variances are the photos', times a factor for each of ten bands, which travels with the symbols
in half a byte. Gains put power p = μ √(λ σ²) − σ² on a coefficient of variance λ where that is positive (the least mean
square error at noise variance σ²), the same on all that are sent; without a coefficient, or one that does not come, its
mean is taken. Noise is known for each symbol, so that a symbol in a notch of the channel counts little.

References
----------
[Jakubczak 2011] SoftCast; [Lee 1976] for the gains; see docs/references.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np

BLOCK = 16
NUM_COEFFICIENTS = 3 * BLOCK**2
BAND_EDGES = (0, 1, 3, 6, 11, 21, 41, 81, 161, 321, NUM_COEFFICIENTS)
NUM_BANDS = len(BAND_EDGES) - 1
BAND_STEP_DB = 1.5
LEAST_BAND_STEP, MOST_BAND_STEP = -10, 5
LEAST_SNR_DB, MOST_SNR_DB = -20, 40
SCALE_STEPS = 256
"""Steps of the scale's logarithm to base two."""
MAX_SCALE_STEP = 16 * SCALE_STEPS
MAX_CODED_SHARE = 1.0
"""Real symbols for a coefficient: no more can be sent than there are."""

_PERMUTATION_SEED = 7919


@dataclass(frozen=True)
class AnalogCode:
    """What both ends must know besides the symbols.

    Attributes
    ----------
    width, height : int
        Of the picture, pixels.
    num_symbols : int
        Complex symbols of the whole picture.
    design_snr_db : int
        Es/N0 that the gains are best for, `LEAST_SNR_DB` .. `MOST_SNR_DB`.
    bands : tuple of int
        Steps of `BAND_STEP_DB` by which each band's variances differ from those of photos.
    scale_step : int
        What brought the mean power to 1: 2 ** (scale_step / `SCALE_STEPS`), at most `MAX_SCALE_STEP` either way.
    """

    width: int
    height: int
    num_symbols: int
    design_snr_db: int
    bands: tuple[int, ...] = (0,) * NUM_BANDS
    scale_step: int = 0

    @property
    def scale(self) -> float:
        return float(2 ** (self.scale_step / SCALE_STEPS))

    @property
    def cbr(self) -> float:
        """Symbols for a colour value, overhead of the modem left out."""
        return self.num_symbols / (3 * self.width * self.height)


@dataclass(frozen=True)
class Transform:
    """KLT of blocks: basis float32 [768, 768] in columns, variances float64 [768] in descending order, mean [768]."""

    basis: np.ndarray
    variances: np.ndarray
    mean: np.ndarray


def most_symbols(width: int, height: int) -> int:
    """Complex symbols that carry every coefficient of a picture."""
    return -(-num_blocks(width, height) * NUM_COEFFICIENTS // 2)


def num_blocks(width: int, height: int) -> int:
    return -(-width // BLOCK) * -(-height // BLOCK)


def encode(image: np.ndarray, num_symbols: int, design_snr_db: int) -> tuple[AnalogCode, np.ndarray]:
    """Symbols of a picture.

    Parameters
    ----------
    image : uint8 or float32 [height, width, 3]
        Float where a filter went before.
    num_symbols : int
        1 .. `most_symbols`.
    design_snr_db : int

    Returns
    -------
    code : AnalogCode
    symbols : complex64 [num_symbols]
        Mean power 1.
    """
    height, width = image.shape[:2]
    if not 1 <= num_symbols <= most_symbols(width, height):
        raise ValueError(f"num_symbols must be 1 to {most_symbols(width, height)}, got {num_symbols}")
    transform = load_transform()
    coefficients = (to_blocks(image) - transform.mean) @ transform.basis
    energy = np.mean(coefficients.astype(np.float64) ** 2, axis=0)
    bands = steps_of_bands(energy, transform.variances)
    code = AnalogCode(width, height, num_symbols, design_snr_db, bands)
    order, gains, _ = _allocation(code)
    sent = np.zeros(2 * num_symbols, np.float32)
    values = (coefficients[:, order] * gains).T.ravel()[: 2 * num_symbols]  # the largest variances first
    sent[: len(values)] = values
    power = 2 * float(np.mean(sent**2))
    step = round(-SCALE_STEPS * np.log2(power) / 2) if power > 0 else 0
    step = int(np.clip(step, -MAX_SCALE_STEP, MAX_SCALE_STEP))
    code = AnalogCode(width, height, num_symbols, design_snr_db, bands, step)
    places = np.empty_like(sent)
    places[_permutation(len(sent))] = sent
    return code, (places * np.float32(code.scale)).view(np.complex64)


def decode(code: AnalogCode, symbols: np.ndarray, noise_var: np.ndarray) -> np.ndarray:
    """The picture by LMMSE, float32 [height, width, 3]; not rounded, may leave 0..255.

    Parameters
    ----------
    code : AnalogCode
    symbols : complex64 [num_symbols]
    noise_var : float32 [num_symbols]
        Of each symbol, linear; infinite where it did not come.
    """
    transform = load_transform()
    order, gains, variances = _allocation(code)
    blocks = num_blocks(code.width, code.height)
    permutation = _permutation(2 * code.num_symbols)
    axes = np.ascontiguousarray(symbols, np.complex64).view(np.float32)[permutation]
    noise = np.repeat(noise_var, 2)[permutation] / 2  # of each axis
    count = min(len(order) * blocks, len(axes))
    received, axis_noise = np.zeros((2, len(order) * blocks), np.float32)
    axis_noise[:] = np.inf
    received[:count], axis_noise[:count] = axes[:count], noise[:count]
    gain = (gains * code.scale)[:, None]
    known = np.isfinite(axis_noise)
    received, axis_noise = (np.where(known, values, 0).reshape(-1, blocks) for values in (received, axis_noise))
    weight = gain * variances[:, None] / (gain**2 * variances[:, None] + axis_noise + 1e-12)
    estimate = np.where(known.reshape(-1, blocks), weight * received, 0)
    coefficients = np.zeros((blocks, NUM_COEFFICIENTS), np.float32)
    coefficients[:, order] = estimate.T
    return from_blocks(coefficients @ transform.basis.T + transform.mean, code.width, code.height)


def to_blocks(image: np.ndarray) -> np.ndarray:
    """Float32 [num_blocks, 768], row by row; edges are repeated to whole blocks."""
    height, width = image.shape[:2]
    padded = np.pad(image.astype(np.float32), ((0, -height % BLOCK), (0, -width % BLOCK), (0, 0)), mode="edge")
    rows, columns = padded.shape[0] // BLOCK, padded.shape[1] // BLOCK
    return padded.reshape(rows, BLOCK, columns, BLOCK, 3).transpose(0, 2, 1, 3, 4).reshape(-1, NUM_COEFFICIENTS)


def from_blocks(blocks: np.ndarray, width: int, height: int) -> np.ndarray:
    """Inverse of `to_blocks`, float32 [height, width, 3]."""
    rows, columns = -(-height // BLOCK), -(-width // BLOCK)
    image = blocks.reshape(rows, columns, BLOCK, BLOCK, 3).transpose(0, 2, 1, 3, 4)
    return np.ascontiguousarray(image.reshape(rows * BLOCK, columns * BLOCK, 3)[:height, :width])


@lru_cache(maxsize=1)
def load_transform() -> Transform:
    """The shipped one; docs/model_cards.md tells of which photos."""
    with np.load(Path(__file__).parent.parent / "weights" / "klt.npz", allow_pickle=False) as file:
        basis, variances, mean = (file[name] for name in ("basis", "variances", "mean"))
    return Transform(basis.astype(np.float32), variances.astype(np.float64), mean.astype(np.float32))


def steps_of_bands(energy: np.ndarray, photos: np.ndarray) -> tuple[int, ...]:
    """Steps by which the energy of each band of a picture, float64 [768], differs from that of photos."""
    steps = []
    for first, last in pairwise(BAND_EDGES):
        ratio = max(energy[first:last].sum(), 1e-6) / photos[first:last].sum()
        steps.append(round(float(np.clip(10 * np.log10(ratio) / BAND_STEP_DB, LEAST_BAND_STEP, MOST_BAND_STEP))))
    return tuple(steps)


def _allocation(code: AnalogCode) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which coefficients are sent (largest variance first), their gains and variances, before the scale."""
    blocks = num_blocks(code.width, code.height)
    variances = band_variances(code.bands)
    count = min(-(-2 * code.num_symbols // blocks), NUM_COEFFICIENTS)
    order = np.argsort(-variances, kind="stable")[:count]
    chosen = variances[order]
    power = allocate(chosen, 10 ** (-code.design_snr_db / 10) / 2, 0.5)
    return order, np.sqrt(power / chosen).astype(np.float32), chosen.astype(np.float32)


def band_variances(bands: tuple[int, ...]) -> np.ndarray:
    """Variances of a picture's coefficients, float64 [768]."""
    factors = 10 ** (BAND_STEP_DB * np.array(bands, np.float64) / 10)
    return load_transform().variances * np.repeat(factors, np.diff(BAND_EDGES))


def allocate(variances: np.ndarray, noise_var: float, mean_power: float) -> np.ndarray:
    """Power of each coefficient for the least mean square error after LMMSE, float64 like `variances`.

    p = max(μ √(λ σ²) − σ², 0) with μ such that the mean of p is `mean_power`: sorted by variance, the water level
    follows from how many are above zero.
    """
    root = np.sqrt(variances * noise_var)
    descending = np.sort(root)[::-1]
    counts = np.arange(1, len(root) + 1)
    levels = (len(root) * mean_power + counts * noise_var) / np.cumsum(descending)
    above = np.flatnonzero(levels * descending > noise_var)
    level = levels[above[-1]] if len(above) else levels[0]
    return np.maximum(level * root - noise_var, 0)


@lru_cache(maxsize=8)
def _permutation(length: int) -> np.ndarray:
    """Place of each value, int64 [length]: a pseudo-random order, the same everywhere.

    Sorted by a 32-bit hash of the number, so that no generator's version can change it.
    """
    number = np.arange(length, dtype=np.uint64) + np.uint64(_PERMUTATION_SEED)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        number = ((number ^ (number >> np.uint64(shift))) * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
    order = np.argsort(number, kind="stable")
    order.flags.writeable = False
    return order
