"""Run a network on one picture: padding, threads, layout. Arrays in, arrays out."""

from __future__ import annotations

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
    padding = ((0, -height % net.STRIDE), (0, -width % net.STRIDE), (0, 0))
    padded = np.pad(picture, padding, mode="edge")
    x = torch.from_numpy(np.ascontiguousarray(padded)).permute(2, 0, 1)[None].float().div_(255)
    before = torch.get_num_threads()
    if before != threads:
        torch.set_num_threads(threads)
    try:
        y = net(x.to(memory_format=torch.channels_last))[0]
    finally:
        if before != threads:
            torch.set_num_threads(before)
    rows, columns = -(-height // output_stride), -(-width // output_stride)
    return y[:, :rows, :columns].contiguous().numpy()
