"""Learned picture codec with a scale hyperprior [Ballé 2018], of one network for all qualities.

::

    quality u8 | side information: length varint, bytes | latents

A quality is one of 49 steps from the coarsest gain of the network to the finest. Numbers are coded with tables of
integers (``semantic.coding.latents``): decoded latents are the same on every machine, pixels within 1.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.semantic.coding.integer_hyper import HyperTables, scale_numbers
from semcom.semantic.coding.latents import LARGEST, decode_latents, encode_latents
from semcom.semantic.coding.picture_codecs.codec import ENLARGED_BY, MAX_CODED_BYTES, check_size
from semcom.semantic.coding.picture_codecs.coded import Coded
from semcom.semantic.errors import ModelError, PacketError
from semcom.semantic.wire import ByteReader, ByteWriter

WEIGHTS = Path(__file__).parents[2] / "weights"
STEPS_PER_QUALITY, NUM_QUALITIES = 8, 7
LAST_STEP = STEPS_PER_QUALITY * (NUM_QUALITIES - 1)
STRIDE, LATENT_STRIDE = 64, 16
MAX_PIXELS = (1 << 21) + (1 << 18)
"""Of a coded picture: bounds the time of the network, about two seconds."""
SCALES = (1.0, 0.5)


class Hyperprior:
    """Picture ⇄ bytes by a network with a scale hyperprior.

    Parameters
    ----------
    weights : str
        First part of the names of weights and tables; the shipped ones' is ``hyperprior``.
    """

    name, number = "hyperprior", 5

    def __init__(self, weights: str = "hyperprior") -> None:
        self._weights = weights

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
        latents = _net(self._weights).analysed(np.asarray(picture.convert("RGB")))
        low, high, best = -1, LAST_STEP + 1, None
        while high - low > 1:
            step = (low + high) // 2
            data = self._coded(latents, step)
            if len(data) <= min(max_bytes, MAX_CODED_BYTES):
                low, best = step, (data, step)
            else:
                high = step
        return best

    def decode(self, data: bytes, size: tuple[int, int]) -> np.ndarray:
        """uint8 [height, width, 3] of what `fill` made at `size` = (width, height); `PacketError` where it is not."""
        check_size(*size)
        if size[0] * size[1] > MAX_PIXELS:
            raise PacketError(f"picture: must have at most {MAX_PIXELS} pixels, got {size[0]} × {size[1]}")
        step, numbers = self.numbers(data, size)
        try:
            return _net(self._weights).synthesised(numbers, step / STEPS_PER_QUALITY, size)
        except ModelError as error:
            raise PacketError(f"picture: codec {self.name} cannot be used here: {error}") from error

    def numbers(self, data: bytes, size: tuple[int, int]) -> tuple[int, np.ndarray]:
        """Step of the quality, and latents int64 [channels, rows, columns], in integer arithmetic alone."""
        try:
            tables = _tables(self._weights)
        except ModelError as error:
            raise PacketError(f"picture: codec {self.name} cannot be used here: {error}") from error
        reader = ByteReader(data, "picture")
        step = reader.bounded(reader.u8("quality"), "quality", 0, LAST_STEP)
        coded_side = reader.block("side information", MAX_CODED_BYTES)
        rows, columns = (-(-edge // STRIDE) for edge in size[::-1])
        channels = np.arange(tables.num_hyper_latents)[:, None, None] + np.zeros((1, rows, columns), np.int64)
        side = decode_latents(coded_side, channels, tables.side, "side information")
        return step, decode_latents(reader.rest(), scale_numbers(tables, side), tables.scales, "latents")

    def _coded(self, latents: np.ndarray, step: int) -> bytes:
        tables = _tables(self._weights)
        numbers, side = _net(self._weights).rounded(latents, step / STEPS_PER_QUALITY)
        numbers = numbers.clip(-LARGEST, LARGEST)
        channels = np.arange(len(side))[:, None, None] + np.zeros_like(side)
        writer = ByteWriter("picture").u8(step).block(encode_latents(side, channels, tables.side))
        return writer.raw(encode_latents(numbers, scale_numbers(tables, side), tables.scales)).to_bytes()


@lru_cache(maxsize=4)
def _tables(name: str) -> HyperTables:
    return HyperTables.load(WEIGHTS / f"{name}.tables.npz")


@lru_cache(maxsize=4)
def _net(name: str):
    """The network, loaded once; `ModelError` where torch or the weights are missing."""
    try:
        from semcom.semantic.nets.transform_coding.running import TransformRunner
    except ImportError as error:
        raise ModelError(f"torch is needed, the extra models: {error}") from error
    return TransformRunner(WEIGHTS / f"{name}.safetensors")
