"""Additive white Gaussian noise."""

import numpy as np


def noise_var_for(snr_db: float, signal_power: float = 1.0) -> float:
    """Noise variance of a complex sample that gives `snr_db` to a burst of mean power `signal_power`."""
    return signal_power * 10 ** (-snr_db / 10)


def complex_noise(num_samples: int, noise_var: float, rng: np.random.Generator) -> np.ndarray:
    """Circular complex Gaussian noise of variance `noise_var` (both axes together), complex64 [num_samples]."""
    axes = rng.standard_normal(2 * num_samples, dtype=np.float32) * np.float32(np.sqrt(noise_var / 2))
    return axes.view(np.complex64)


def add_noise(samples: np.ndarray, noise_var: float, rng: np.random.Generator) -> np.ndarray:
    """Samples with noise of variance `noise_var` added, complex64 [n] -> complex64 [n]."""
    return samples.astype(np.complex64) + complex_noise(len(samples), noise_var, rng)
