"""Latents of a whole picture, with side information that says how large they are [Ballé 2018] ⇄ bytes.

::

    side information: length varint, bytes | latents
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from semcom.semantic.coding.integer_hyper import HyperTables, scale_numbers
from semcom.semantic.coding.latents import LARGEST, decode_latents, encode_latents
from semcom.semantic.coding.picture_codecs.codec import MAX_CODED_BYTES
from semcom.semantic.errors import ModelError
from semcom.semantic.wire import ByteReader, ByteWriter

STRIDE = 64


class ScaledLatents:
    """Picture ⇄ bytes by one set of weights; `ModelError` where torch, weights or tables are missing.

    Parameters
    ----------
    weights : Path
        Without the end of its name: the network is .safetensors, the tables are .tables.npz.
    """

    def __init__(self, weights: Path) -> None:
        self._weights = weights

    def analysed(self, picture: np.ndarray):
        """Latents before gain and rounding, as the runner has them, of uint8 [height, width, 3]."""
        return _net(self._weights).analysed(picture)

    def coded(self, latents, step: int, quality: float) -> bytes:
        """Latents at a quality, the `step`-th of all."""
        tables = _tables(self._weights)
        numbers, side = _net(self._weights).rounded(latents, quality)
        numbers = numbers.clip(-LARGEST, LARGEST)
        channels = np.arange(len(side))[:, None, None] + np.zeros_like(side)
        writer = ByteWriter("picture").block(encode_latents(side, channels, tables.side))
        return writer.raw(encode_latents(numbers, scale_numbers(tables, side), tables.scales)).to_bytes()

    def numbers(self, reader: ByteReader, step: int, size: tuple[int, int]) -> np.ndarray:
        """int64 [channels, rows, columns] of a picture of `size` = (width, height), in integer arithmetic alone."""
        tables = _tables(self._weights)
        coded_side = reader.block("side information", MAX_CODED_BYTES)
        rows, columns = (-(-edge // STRIDE) for edge in size[::-1])
        channels = np.arange(tables.num_hyper_latents)[:, None, None] + np.zeros((1, rows, columns), np.int64)
        side = decode_latents(coded_side, channels, tables.side, "picture: side information")
        return decode_latents(reader.rest(), scale_numbers(tables, side), tables.scales, "picture: latents")

    def synthesised(self, numbers: np.ndarray, quality: float, size: tuple[int, int]) -> np.ndarray:
        """uint8 [height, width, 3]."""
        return _net(self._weights).synthesised(numbers, quality, size)


@lru_cache(maxsize=4)
def _tables(weights: Path) -> HyperTables:
    return HyperTables.load(weights.with_name(weights.name + ".tables.npz"))


@lru_cache(maxsize=4)
def _net(weights: Path):
    """The network, loaded once; `ModelError` where torch or the weights are missing."""
    try:
        from semcom.semantic.nets.transform_coding.running import TransformRunner
    except ImportError as error:
        raise ModelError(f"torch is needed, the extra models: {error}") from error
    return TransformRunner(weights.with_name(weights.name + ".safetensors"))
