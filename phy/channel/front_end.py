"""Impairments of a receiver's front end: I/Q imbalance, DC offset, clipping and quantisation."""

import numpy as np


def iq_imbalance(samples: np.ndarray, gain_db: float, phase_deg: float) -> np.ndarray:
    """I/Q imbalance of `gain_db` in amplitude and `phase_deg` in quadrature, complex64 [n] -> complex64 [n].

    received = μ·x + ν·conj(x) with μ = (1 + g·e^{-jφ})/2, ν = (1 - g·e^{jφ})/2, scaled to keep the power of a circular
    signal. The image lies 10·log10(|ν/μ|²) below the signal.
    """
    gain, phase = 10 ** (gain_db / 20), np.deg2rad(phase_deg)
    direct, image = (1 + gain * np.exp(-1j * phase)) / 2, (1 - gain * np.exp(1j * phase)) / 2
    scale = 1 / np.sqrt(abs(direct) ** 2 + abs(image) ** 2)
    return ((direct * scale) * samples + (image * scale) * np.conj(samples)).astype(np.complex64)


def dc_offset(samples: np.ndarray, level_dbc: float, phase: float = 0.0, signal_power: float = 1.0) -> np.ndarray:
    """Add a DC offset, `level_dbc` relative to `signal_power`, complex64 [n] -> complex64 [n]."""
    amplitude = np.sqrt(signal_power) * 10 ** (level_dbc / 20)
    return (samples + amplitude * np.exp(1j * phase)).astype(np.complex64)


def clip(samples: np.ndarray, full_scale: float) -> np.ndarray:
    """Clip each axis at -full_scale and full_scale, complex64 [n] -> complex64 [n]."""
    axes = np.ascontiguousarray(samples, np.complex64).view(np.float32)
    return np.clip(axes, -full_scale, full_scale).view(np.complex64)


def quantise(samples: np.ndarray, full_scale: float, num_bits: int) -> np.ndarray:
    """Quantise each axis to `num_bits`: steps of full_scale / 2^(bits-1), clipped at full scale.

    complex64 [n] -> complex64 [n].
    """
    step = full_scale / 2 ** (num_bits - 1)
    axes = np.ascontiguousarray(samples, np.complex64).view(np.float32)
    levels = np.clip(np.round(axes / step), -(2 ** (num_bits - 1)), 2 ** (num_bits - 1) - 1)
    return (levels * step).astype(np.float32).view(np.complex64)
