"""The pretrained backbone's eyes, shared: segmenter and captioner look at the same picture, and pay for a view once."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from functools import lru_cache

import numpy as np
import torch
from PIL import Image

from semcom.semantic.nets.backbone import Backbone, load_backbone

MAX_KEPT_VIEWS = 6
"""Views remembered, about 1.5 MB each: those of one picture."""
_LEAST_SIDE_PX = 64
MULTIPLE_PX = 32


class BackboneViews:
    """Features of a picture at the sizes that are asked for; of any thread.

    Parameters
    ----------
    backbone : Backbone
    """

    def __init__(self, backbone: Backbone) -> None:
        self.backbone = backbone.to(memory_format=torch.channels_last)
        self._kept: OrderedDict[tuple, dict[int, torch.Tensor]] = OrderedDict()
        self._lock = threading.Lock()

    def pyramid(self, image: np.ndarray, longer_side_px: int, mirrored: bool, threads: int) -> dict[int, torch.Tensor]:
        """Features by stride, as `Backbone.pyramid`, of the picture scaled to `view_size`.

        Parameters
        ----------
        image : uint8 [height, width, 3]
        longer_side_px : int
        mirrored : bool
            Left for right.
        threads : int
            CPU threads for this call.
        """
        digest = hashlib.blake2b(np.ascontiguousarray(image), digest_size=16).digest()
        key = (digest, image.shape, longer_side_px, mirrored)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = self._look(image, longer_side_px, mirrored, threads)
                while len(self._kept) > MAX_KEPT_VIEWS:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

    def embedding(self, image: np.ndarray, longer_side_px: int, threads: int) -> np.ndarray:
        """float32 [1280]: what the classifier is given of a picture, the mean over its places."""
        features = self.pyramid(image, longer_side_px, False, threads)[32]
        with Threads(threads), torch.inference_mode():
            return self.backbone.embedding(features).mean((2, 3))[0].numpy()

    def _look(self, image: np.ndarray, longer_side_px: int, mirrored: bool, threads: int) -> dict[int, torch.Tensor]:
        with Threads(threads), torch.inference_mode():
            return self.backbone.pyramid(view_of(image, longer_side_px, mirrored))


class Threads:
    """torch with so many CPU threads for the time of a `with`; what was set before is set again."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __enter__(self) -> None:
        self._before = torch.get_num_threads()
        torch.set_num_threads(self._count)

    def __exit__(self, *_: object) -> None:
        torch.set_num_threads(self._before)


@lru_cache(maxsize=1)
def shared_views() -> BackboneViews:
    """The one backbone of this process; raises `ModelError` where its package is missing or damaged."""
    return BackboneViews(load_backbone())


def view_of(image: np.ndarray, longer_side_px: int, mirrored: bool) -> torch.Tensor:
    """The picture as the backbone is shown it: float32 [1, 3, h, w] in 0..1, of `view_size`."""
    size = view_size(image.shape[1], image.shape[0], longer_side_px)
    view = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0))
    view = np.ascontiguousarray(view[:, ::-1] if mirrored else view)
    x = torch.from_numpy(view.copy()).permute(2, 0, 1)[None].float() / 255
    return x.contiguous(memory_format=torch.channels_last)


def view_size(width: int, height: int, longer_side_px: int) -> tuple[int, int]:
    """(width, height) of a view: about `longer_side_px`, whole multiples of 32, at least 64."""
    scale = longer_side_px / max(width, height)
    return tuple(max(_LEAST_SIDE_PX, round(side * scale / MULTIPLE_PX) * MULTIPLE_PX) for side in (width, height))
