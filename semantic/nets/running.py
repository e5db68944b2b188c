"""Run a network on one picture: padding, threads, layout. Arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn


@torch.inference_mode()
def run_padded(net: nn.Module, picture: np.ndarray, threads: int, output_stride: int) -> np.ndarray:
    """Output of `net` for one picture.

    Parameters
    ----------
    net : nn.Module
        With `STRIDE`: the sides of what it is given are multiples of it.
    picture : uint8 [H, W, 3]
        Any size; continued beyond its edges by repetition, and the result cut back.
    threads : int
        CPU threads for this call; what was set before is set again.
    output_stride : int
        Input pixels per output pixel.

    Returns
    -------
    float32 [C, ceil(H / output_stride), ceil(W / output_stride)]
    """
    height, width = picture.shape[:2]
    y = _given(net, net.STRIDE, picture, threads)[0]
    rows, columns = -(-height // output_stride), -(-width // output_stride)
    return y[:, :rows, :columns].contiguous().numpy()


@torch.inference_mode()
def encoder_features(net: nn.Module, picture: np.ndarray, threads: int) -> list[np.ndarray]:
    """What the stages of `net.encoded` make of one picture, continued as in `run_padded`: float32 [C, h, w] each."""
    return [features[0].numpy() for features in _given(net.encoded, net.STRIDE, picture, threads)]


def _given(function: Callable[[torch.Tensor], Any], stride: int, picture: np.ndarray, threads: int) -> Any:
    """What `function` makes of the picture as a batch of one whose sides are multiples of `stride`."""
    height, width = picture.shape[:2]
    padded = np.pad(picture, ((0, -height % stride), (0, -width % stride), (0, 0)), mode="edge")
    x = torch.from_numpy(np.ascontiguousarray(padded)).permute(2, 0, 1)[None].float().div_(255)
    before = torch.get_num_threads()
    if before != threads:
        torch.set_num_threads(threads)
    try:
        return function(x.to(memory_format=torch.channels_last))
    finally:
        if before != threads:
            torch.set_num_threads(before)
