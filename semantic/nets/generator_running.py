"""Run the generator's network on one canvas: arrays in, arrays out."""

from __future__ import annotations

import numpy as np
import torch

from semcom.semantic.nets.generator_net import GeneratorNet


@torch.inference_mode()
def run_generator(
    net: GeneratorNet,
    drawing: np.ndarray,
    planes: np.ndarray,
    labels: np.ndarray,
    sentence: np.ndarray,
    noise: np.ndarray | None,
    threads: int,
) -> tuple[np.ndarray, np.ndarray | None]:
    """What the network adds to a drawing, and the detail that it makes up.

    Parameters
    ----------
    net : GeneratorNet
    drawing : uint8 [H, W, 3]
        H and W multiples of `net.STRIDE`.
    planes : float32 [5, H/4, W/4]
    labels : uint8 [H/4, W/4]
    sentence : float32 [384]
        Of the caption.
    noise : float32 [8, H/4, W/4] or None
        None: no detail is wanted.
    threads : int
        CPU threads for this call; what was set before is set again.

    Returns
    -------
    change : float32 [3, H, W]
    detail : float32 [3, H, W] or None
    """
    x = torch.from_numpy(np.ascontiguousarray(drawing)).permute(2, 0, 1)[None].float().div_(255)
    arrays = (planes, labels.astype(np.int64), sentence, noise)
    rest = [None if array is None else torch.from_numpy(np.ascontiguousarray(array))[None] for array in arrays]
    before = torch.get_num_threads()
    if before != threads:
        torch.set_num_threads(threads)
    try:
        change, detail = net(x.to(memory_format=torch.channels_last), *rest)
    finally:
        if before != threads:
            torch.set_num_threads(before)
    return change[0].contiguous().numpy(), None if detail is None else detail[0].contiguous().numpy()
