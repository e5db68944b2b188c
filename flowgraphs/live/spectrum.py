"""Power spectral density of what a receiver hears, coarse, in few bytes: for whoever looks at it in another process."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Spectrum:
    """A power spectral density, dB re 1/rate: white noise of variance 1 over the rate is 0 dB.

    Attributes
    ----------
    sample_rate_hz : float
        The bins span it, from the lowest frequency to the highest.
    levels : bytes
        int8 [bins], dB.
    """

    sample_rate_hz: float
    levels: bytes

    @classmethod
    def of(cls, sample_rate_hz: float, density_db: np.ndarray) -> Spectrum:
        """float [bins], dB re 1/rate, from the lowest frequency to the highest; rounded to 1 dB."""
        return cls(sample_rate_hz, np.rint(density_db).clip(-128, 127).astype(np.int8).tobytes())

    @property
    def levels_db(self) -> list[int]:
        """dB re 1/rate, of each bin."""
        return np.frombuffer(self.levels, np.int8).tolist()
