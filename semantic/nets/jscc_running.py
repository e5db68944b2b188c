"""The filters of deep JSCC on whole pictures: arrays in, arrays out."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from semcom.semantic.nets.jscc_net import GRID, JsccNet, PictureFilter, conditions
from semcom.semantic.nets.loading import load_weights

FILES = {"deep": "jscc.safetensors", "deep-one-snr": "jscc_19.safetensors"}
LEAST_SNR_DB, MOST_SNR_DB = -7.0, 22.0
LEAST_CBR, MOST_CBR = 1 / 96, 1 / 3
"""As trained; what lies beyond is taken for the nearest."""
THREADS = 1


class Jscc:
    """Filters before and behind the linear analog code; pictures float32 [height, width, 3] of 0..255."""

    def __init__(self, path: Path) -> None:
        self._net = JsccNet()
        load_weights(path, self._net)

    def before(self, picture: np.ndarray, design_snr_db: float, cbr: float) -> np.ndarray:
        """What the linear code is to send of a picture."""
        return _add(self._net.before, picture, design_snr_db, design_snr_db, cbr)

    def behind(self, picture: np.ndarray, snr_db: float, design_snr_db: float, cbr: float) -> np.ndarray:
        """What the picture was, of what the linear code received at an Es/N0."""
        return _add(self._net.behind, picture, snr_db, design_snr_db, cbr)


@lru_cache(maxsize=2)
def load_jscc(around: str) -> Jscc:
    """By the name of a code of `layers.analog_block`; `ModelError` where its weights are missing."""
    return Jscc(Path(__file__).parent.parent / "weights" / FILES[around])


@torch.inference_mode()
def _add(net: PictureFilter, picture: np.ndarray, snr_db: float, design_snr_db: float, cbr: float) -> np.ndarray:
    """A picture with what a filter adds to it; edges are repeated to whole cells."""
    height, width = picture.shape[:2]
    x = torch.from_numpy(np.ascontiguousarray(picture, np.float32)).permute(2, 0, 1)[None] / 127.5 - 1
    x = functional.pad(x, (0, -width % GRID, 0, -height % GRID), mode="replicate")
    snr, design = (float(np.clip(value, LEAST_SNR_DB, MOST_SNR_DB)) for value in (snr_db, design_snr_db))
    cbr = float(np.clip(cbr, LEAST_CBR, MOST_CBR))
    known = conditions(*(torch.tensor([value]) for value in (snr, design, cbr)))
    threads = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        added = net(x.contiguous(memory_format=torch.channels_last), known)[0, :, :height, :width]
    finally:
        torch.set_num_threads(threads)
    return picture + 127.5 * added.permute(1, 2, 0).contiguous().numpy()
