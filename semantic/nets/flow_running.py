"""Run the flow network on a picture and its reference. Arrays in, array out."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from semcom.semantic.nets.backbone_views import Threads
from semcom.semantic.nets.flow_net import FlowNet
from semcom.semantic.nets.loading import load_weights

WEIGHTS = Path(__file__).parents[1] / "weights" / "seb_flow.safetensors"
STEP = 2
"""Pixels of the picture from one flow vector to the next."""


@lru_cache(maxsize=2)
def loaded(weights: Path = WEIGHTS) -> FlowNet:
    """The network with its weights; `ModelError` where they are missing or damaged."""
    net = FlowNet()
    load_weights(weights, net)
    return net.to(memory_format=torch.channels_last)


@torch.inference_mode()
def flow_between(picture: np.ndarray, reference: np.ndarray, threads: int = 1, weights: Path = WEIGHTS) -> np.ndarray:
    """Where each place of a picture lies in the reference.

    Parameters
    ----------
    picture, reference : uint8 [height, width, 3]
        Sides are multiples of `STEP`.
    threads : int
        CPU threads for this call.
    weights : path

    Returns
    -------
    float32 [2, height / STEP, width / STEP]
        [right, down], pixels of the picture.
    """
    if picture.shape != reference.shape:
        raise ValueError(f"reference must have the shape of the picture {picture.shape}, got {reference.shape}")
    height, width = picture.shape[:2]
    pad = ((0, -height % FlowNet.STRIDE), (0, -width % FlowNet.STRIDE), (0, 0))
    pair = np.stack([np.pad(one, pad, mode="edge") for one in (picture, reference)])
    x = torch.from_numpy(pair).permute(0, 3, 1, 2).float().div_(255).contiguous(memory_format=torch.channels_last)
    with Threads(threads):
        flow = STEP * loaded(weights)(x[:1], x[1:])[-1][0]
    return flow[:, : height // STEP, : width // STEP].contiguous().numpy()
