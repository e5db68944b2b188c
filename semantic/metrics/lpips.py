"""LPIPS: how different two pictures look to a network trained on photographs, 0 for equal ones [Zhang 2018].

The networks are not ours to ship: whoever has the backbone (AlexNet, VGG-16 or SqueezeNet 1.1, trained on ImageNet) and
the linear weights of LPIPS v0.1 as safetensors files puts them into a folder.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from semcom.semantic.nets.learned import learned


class Lpips:
    """The metric with one backbone.

    Parameters
    ----------
    folder : path
        With ``BACKBONE.safetensors`` and ``BACKBONE-lpips.safetensors``.
    backbone : str
        alex, vgg or squeeze.

    Raises
    ------
    ModelError
        Torch is not installed, a file is missing or does not fit; the message names it.
    """

    def __init__(self, folder: Path | str, backbone: str = "alex") -> None:
        with learned():
            from semcom.semantic.nets.lpips_net import load_lpips
        folder = Path(folder)
        self._net = load_lpips(backbone, folder / f"{backbone}.safetensors", folder / f"{backbone}-lpips.safetensors")

    def __call__(self, reference: np.ndarray, picture: np.ndarray) -> float:
        """Distance of two pictures, uint8 [height, width, 3], sides from 64 pixels."""
        if reference.shape != picture.shape:
            raise ValueError(f"picture must have the shape of reference {reference.shape}, got {picture.shape}")
        return self._net.between(reference, picture)
