"""B-seg on the pretrained backbone: a head of ours on the views that the segmenter looks at, too."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from semcom.semantic.extract.detailer import Detailer, resized, without_frame
from semcom.semantic.extract.segmenter import check_picture
from semcom.semantic.nets.learned import learned, or_small

WEIGHTS = Path(__file__).parents[1] / "weights" / "boundary_head.safetensors"
VIEWS = ((640, False), (384, True))
"""(longer side in pixels, mirrored), the largest first: of those the segmenter looks at, so that the backbone's
features are there already."""
FRAME_SHARE = 1 / 128
"""Of a view's longer side: so near its edge a map repeats what lies inside, or the frame of a scan would be a
boundary."""
BIAS = 0.6
"""Taken off the logits, so that precision and recall balance at a probability of about a half: fitted on the photos of
BSDS500 train that the head was not trained on."""


class BackboneDetailer:
    """Picture → boundary probability, by the backbone and the head of `nets.boundary_head`.

    Parameters
    ----------
    weights : path, optional
        The head's; those shipped with the package by default.
    threads : int
        CPU threads while it works.

    Input
    -----
    image : uint8 [H, W, 3]
        sRGB, any size from 1×1.

    Output
    ------
    probability : float32 [H, W]
        As of `detailer.Detailer`.

    Raises
    ------
    ModelError
        Torch or the backbone's package is missing, or weights are damaged.
    PictureError
        Not a uint8 array [H, W, 3].
    """

    def __init__(self, weights: Path | str | None = None, threads: int = 1) -> None:
        with learned():
            from semcom.semantic.nets.backbone_views import shared_views
            from semcom.semantic.nets.boundary_head import BoundaryHead
            from semcom.semantic.nets.loading import load_weights
        self.threads = threads
        self._views, self._head = shared_views(), BoundaryHead()
        load_weights(Path(weights) if weights is not None else WEIGHTS, self._head)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        check_picture(image)
        logits = [self._look(image, *view) for view in VIEWS]
        logit = np.mean([resized(view, logits[0].shape) for view in logits], axis=0) - BIAS
        probability = 1 / (1 + np.exp(-np.clip(logit, -30, 30)))
        return resized(probability.astype(np.float32), image.shape[:2])

    def _look(self, image: np.ndarray, longer_side_px: int, mirrored: bool) -> np.ndarray:
        """Logits of one view, float32 [h, w], as seen unmirrored."""
        import torch

        from semcom.semantic.nets.backbone_views import Threads, view_of

        pyramid = self._views.pyramid(image, longer_side_px, mirrored, self.threads)
        with Threads(self.threads), torch.inference_mode():
            logit = self._head(view_of(image, longer_side_px, mirrored), pyramid)[0, 0].numpy()
        return without_frame(logit[:, ::-1] if mirrored else logit, round(longer_side_px * FRAME_SHARE))


def best_detailer(threads: int = 1) -> BackboneDetailer | Detailer:
    """The detailer on the backbone; the small one, which says so in its `note`, where the backbone cannot be had.

    Raises
    ------
    ModelError
        Neither can be made.
    """
    return or_small(lambda: BackboneDetailer(threads=threads), lambda: Detailer(threads=threads), "detailer")
