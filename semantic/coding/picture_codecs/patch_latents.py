"""Latents of patches of 32 × 32, each by itself, as semantic bases are sent (Seb; Zheng et al. §II-B) ⇄ bytes.

A channel of a quality has a row of a table of probabilities; channels and qualities of about the same spread share one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from semcom.semantic.coding.latents import LARGEST, ROW_LENGTH, decode_latents, encode_latents
from semcom.semantic.coding.patches import divide, grid_of, join
from semcom.semantic.errors import ModelError
from semcom.semantic.wire import ByteReader

PATCH_SIDE, LATENT_SIDE = 32, 2
MAX_TABLE_BYTES = 1 << 20
MAX_CHANNELS = 512


@dataclass(frozen=True)
class PatchTables:
    """All that coding the latents takes, in integers.

    Attributes
    ----------
    rows : int64 [steps, channels]
        Of `probabilities`.
    probabilities : int64 [rows, ROW_LENGTH]
        As `semantic.coding.latents` takes them.
    """

    rows: np.ndarray
    probabilities: np.ndarray

    @classmethod
    def load(cls, path: Path) -> PatchTables:
        """Read tables that `save` wrote; `ModelError` where they are missing or damaged."""
        if not path.is_file() or path.stat().st_size > MAX_TABLE_BYTES:
            raise ModelError(f"tables {path} are missing, or have more than {MAX_TABLE_BYTES} bytes")
        try:
            with path.open("rb") as data, np.load(data, allow_pickle=False) as file:
                made = cls(file["rows"].astype(np.int64), file["probabilities"].astype(np.int64))
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise ModelError(f"tables {path} are damaged: {error}") from error
        rows, probabilities = made.rows, made.probabilities
        if rows.ndim != 2 or not 1 <= rows.shape[1] <= MAX_CHANNELS or not rows.size:
            raise ModelError(f"tables {path}: rows must be [steps, up to {MAX_CHANNELS} channels], got {rows.shape}")
        if probabilities.ndim != 2 or probabilities.shape[1] != ROW_LENGTH or not probabilities.size:
            raise ModelError(f"tables {path}: probabilities must be [rows, {ROW_LENGTH}], got {probabilities.shape}")
        if probabilities.min() < 1 or probabilities.max() > 65535:
            raise ModelError(f"tables {path}: probabilities must be 1..65535")
        if rows.min() < 0 or rows.max() >= len(probabilities):
            raise ModelError(f"tables {path}: rows must be 0..{len(probabilities) - 1}, got {rows.min()}..{rows.max()}")
        return made

    def save(self, path: Path) -> None:
        np.savez_compressed(path, rows=self.rows.astype(np.uint8), probabilities=self.probabilities.astype(np.uint16))


class PatchLatents:
    """Pictures of patches side by side ⇄ bytes; as `scaled_latents.ScaledLatents`, patch by patch."""

    def __init__(self, weights: Path) -> None:
        self._weights = weights

    def analysed(self, picture: np.ndarray) -> np.ndarray:
        """float32 [patches, channels, LATENT_SIDE, LATENT_SIDE] of uint8 [height, width, 3]."""
        return self.of_patches(divide(picture, PATCH_SIDE))

    def of_patches(self, patches: np.ndarray) -> np.ndarray:
        """The same of uint8 [patches, PATCH_SIDE, PATCH_SIDE, 3]."""
        return _net(self._weights).latents(patches)

    def coded(self, latents: np.ndarray, step: int, quality: float) -> bytes:
        """Latents at a quality, the `step`-th of all."""
        tables = _tables(self._weights)
        numbers = _net(self._weights).rounded(latents, quality).clip(-LARGEST, LARGEST)
        return encode_latents(numbers, _rows(tables, step, len(numbers)), tables.probabilities)

    def numbers(self, reader: ByteReader, step: int, size: tuple[int, int]) -> np.ndarray:
        """int64 [patches, channels, LATENT_SIDE, LATENT_SIDE] of a picture of `size` = (width, height)."""
        tables, (rows, columns) = _tables(self._weights), grid_of(*size, PATCH_SIDE)
        return decode_latents(
            reader.rest(), _rows(tables, step, rows * columns), tables.probabilities, "picture: latents"
        )

    def synthesised(self, numbers: np.ndarray, quality: float, size: tuple[int, int]) -> np.ndarray:
        """uint8 [height, width, 3]."""
        patches = _net(self._weights).patches(numbers, quality)
        return join(patches, *grid_of(*size, PATCH_SIDE))[: size[1], : size[0]]


def _rows(tables: PatchTables, step: int, count: int) -> np.ndarray:
    """Row of the table of each latent of so many patches."""
    of_channels = tables.rows[min(step, len(tables.rows) - 1)]
    shape = (count, len(of_channels), LATENT_SIDE, LATENT_SIDE)
    return np.broadcast_to(of_channels[:, None, None], shape)


@lru_cache(maxsize=2)
def _tables(weights: Path) -> PatchTables:
    return PatchTables.load(weights.with_name(weights.name + ".tables.npz"))


@lru_cache(maxsize=2)
def _net(weights: Path):
    """The networks, loaded once; `ModelError` where torch or the weights are missing."""
    try:
        from semcom.semantic.nets.transform_coding.base_running import BaseRunner
    except ImportError as error:
        raise ModelError(f"torch is needed, the extra models: {error}") from error
    return BaseRunner(weights.with_name(weights.name + ".safetensors"))
