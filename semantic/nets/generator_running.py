"""Run the generator's network on one canvas: arrays in, arrays out."""

from __future__ import annotations

import numpy as np
import torch

from semcom.semantic.nets.generator_net import GeneratorNet


@torch.inference_mode()
def run_generator(
    net: GeneratorNet, drawing: np.ndarray, planes: np.ndarray, labels: np.ndarray, words: np.ndarray, threads: int
) -> tuple[np.ndarray, np.ndarray]:
    """What the network adds to a drawing, and how much texture is missing.

    Parameters
    ----------
    net : GeneratorNet
    drawing : uint8 [H, W, 3]
        H and W multiples of `net.STRIDE`.
    planes : float32 [5, H/4, W/4]
    labels : uint8 [H/4, W/4]
    words : float32 [1024]
        How often each word number occurs.
    threads : int
        CPU threads for this call; what was set before is set again.

    Returns
    -------
    change : float32 [3, H, W]
    log_variance : float32 [2, H/4, W/4]
    """
    x = torch.from_numpy(np.ascontiguousarray(drawing)).permute(2, 0, 1)[None].float().div_(255)
    rest = [torch.from_numpy(np.ascontiguousarray(array))[None] for array in (planes, labels.astype(np.int64), words)]
    before = torch.get_num_threads()
    if before != threads:
        torch.set_num_threads(threads)
    try:
        change, log_variance = net(x.to(memory_format=torch.channels_last), *rest)
    finally:
        if before != threads:
            torch.set_num_threads(before)
    return change[0].contiguous().numpy(), log_variance[0].contiguous().numpy()
