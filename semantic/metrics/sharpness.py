"""How sharp a picture is beside another: energy of its gradients."""

import numpy as np


def gradient_energy(picture: np.ndarray) -> float:
    """Mean squared luma difference of neighbours, both directions; uint8 [height, width, 3], sides from 2."""
    luma = picture.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    return float(np.mean(np.diff(luma, axis=0) ** 2) + np.mean(np.diff(luma, axis=1) ** 2))


def sharpness_ratio(reference: np.ndarray, picture: np.ndarray) -> float:
    """Gradient energy of `picture` over that of `reference`: one where it is as sharp; nan beside a flat reference."""
    energy = gradient_energy(reference)
    return gradient_energy(picture) / energy if energy > 0 else float("nan")
