"""Learned picture codec with a scale hyperprior [Ballé 2018], of one network for all qualities.

::

    64 · model + quality step, u8 | what the model has: `scaled_latents`, or `patch_latents`

A quality is one of 49 steps from the coarsest gain of the network to the finest. Numbers are coded with tables of
integers (``semantic.coding.latents``): decoded latents are the same on every machine, pixels within 1.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.semantic.coding.picture_codecs.codec import ENLARGED_BY, MAX_CODED_BYTES, check_size
from semcom.semantic.coding.picture_codecs.coded import Coded
from semcom.semantic.coding.picture_codecs.patch_latents import PatchLatents
from semcom.semantic.coding.picture_codecs.scaled_latents import ScaledLatents
from semcom.semantic.errors import LayerError, ModelError, PacketError
from semcom.semantic.wire import ByteReader

WEIGHTS = Path(__file__).parents[2] / "weights"
MODELS = {
    "hyperprior": ScaledLatents,
    "seb_bases": PatchLatents,
    "seb_residual": ScaledLatents,
    "seb_alone": ScaledLatents,
}
"""By the name of their weights, in the order of their numbers on the wire."""
MODEL_UNIT = 64
STEPS_PER_QUALITY, NUM_QUALITIES = 8, 7
LAST_STEP = STEPS_PER_QUALITY * (NUM_QUALITIES - 1)
MAX_PIXELS = (1 << 21) + (1 << 18)
"""Of a coded picture: bounds the time of the network, about two seconds."""
SCALES = (1.0, 0.5)


class Hyperprior:
    """Picture ⇄ bytes by a network with a scale hyperprior.

    Parameters
    ----------
    weights : str
        One of `MODELS`, which codes; what is decoded says its own.
    """

    name, number = "hyperprior", 5

    def __init__(self, weights: str = "hyperprior") -> None:
        if weights not in MODELS:
            raise LayerError(f"weights of codec {self.name} must be one of {', '.join(MODELS)}, got {weights!r}")
        self._number, self._model = list(MODELS).index(weights), model(weights)

    def encode(self, image: np.ndarray, max_bytes: int) -> Coded | None:
        """The size and quality that leave the least squared error in at most `max_bytes`; None where nothing fits."""
        original, best = Image.fromarray(np.ascontiguousarray(image)), None
        for scale in SCALES:
            size = tuple(max(8, round(side * scale)) for side in original.size)
            if size[0] * size[1] > MAX_PIXELS:
                continue
            fitting = self.fill(original.resize(size, Image.Resampling.LANCZOS) if scale < 1 else original, max_bytes)
            if fitting is None:
                continue
            shown = Image.fromarray(self.decode(fitting[0], size)).resize(original.size, ENLARGED_BY["bicubic"])
            error = float(((np.asarray(shown, np.float32) - image) ** 2).mean())
            if best is None or error < best[0]:
                step = f"{size[0]}×{size[1]}, step {fitting[1]} of {LAST_STEP}"
                best = error, Coded(fitting[0], *size, "bicubic", step)
        return None if best is None else best[1]

    def fill(self, picture: Image.Image, max_bytes: int, first: float = 0.0) -> tuple[bytes, int] | None:
        """The picture at its own size and the finest quality that fits: (data, step); None where none does."""
        check_size(*picture.size)
        if picture.width * picture.height > MAX_PIXELS:
            return None
        latents = self._model.analysed(np.asarray(picture.convert("RGB")))
        low, high, best = -1, LAST_STEP + 1, None
        while high - low > 1:
            step = (low + high) // 2
            coded = self._model.coded(latents, step, step / STEPS_PER_QUALITY)
            data = bytes([MODEL_UNIT * self._number + step]) + coded
            if len(data) <= min(max_bytes, MAX_CODED_BYTES):
                low, best = step, (data, step)
            else:
                high = step
        return best

    def patch_latents(self, patches: np.ndarray) -> np.ndarray:
        """What patches, uint8 [patches, 32, 32, 3], are coded as: float32 [patches, dimensions]; of `PatchLatents`."""
        return self._model.of_patches(patches).reshape(len(patches), -1)

    def decode(self, data: bytes, size: tuple[int, int]) -> np.ndarray:
        """uint8 [height, width, 3] of what `fill` made at `size` = (width, height); `PacketError` where it is not."""
        check_size(*size)
        if size[0] * size[1] > MAX_PIXELS:
            raise PacketError(f"picture: must have at most {MAX_PIXELS} pixels, got {size[0]} × {size[1]}")
        step, numbers = self.numbers(data, size)
        try:
            return _model_of(data).synthesised(numbers, step / STEPS_PER_QUALITY, size)
        except ModelError as error:
            raise PacketError(f"picture: codec {self.name} cannot be used here: {error}") from error

    def numbers(self, data: bytes, size: tuple[int, int]) -> tuple[int, np.ndarray]:
        """Step of the quality, and latents, int64 in the model's shape, in integer arithmetic alone."""
        reader = ByteReader(data, "picture")
        step = reader.bounded(reader.u8("quality") % MODEL_UNIT, "quality", 0, LAST_STEP)
        try:
            return step, _model_of(data).numbers(reader, step, size)
        except ModelError as error:
            raise PacketError(f"picture: codec {self.name} cannot be used here: {error}") from error


@lru_cache(maxsize=len(MODELS))
def model(weights: str) -> ScaledLatents | PatchLatents:
    """What codes with weights of that name."""
    return MODELS[weights](WEIGHTS / weights)


def _model_of(data: bytes) -> ScaledLatents | PatchLatents:
    return model(list(MODELS)[data[0] // MODEL_UNIT])
