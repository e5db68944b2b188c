"""The hyper-decoder in integers: side information → number of the scale of every latent [Ballé 2018; Ballé 2019].

It computes what ``semantic.nets.transform_coding.entropy_models.ScaleHyperprior.scale_numbers`` is trained as, with
whole numbers only: weights in 64ths, activations in eighths from 0 to 255, sums of at most 2^31.

References
----------
[Ballé 2019] Integer networks for data compression with latent-variable models.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from semcom.semantic.coding.latents import ROW_LENGTH
from semcom.semantic.errors import ModelError

NUM_SCALES = 32
WEIGHT_BITS, ACTIVATION_BITS = 6, 3
MOST_ACTIVATION = 255
MAX_TABLE_BYTES = 1 << 20
_WEIGHTS = ("first", "second", "last")


@dataclass(frozen=True)
class HyperTables:
    """All that coding latents with a hyperprior takes, in integers.

    Attributes
    ----------
    weights : tuple of int64 [outputs, inputs, k, k]
        Of the three convolutions, in units of 2^-6.
    biases : tuple of int64 [outputs]
        In units of 2^-6.
    scales : int64 [NUM_SCALES, ROW_LENGTH]
        Probabilities of latents, by number of the scale.
    side : int64 [hyper latents, ROW_LENGTH]
        Of the side information, by channel.
    """

    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    scales: np.ndarray
    side: np.ndarray

    @classmethod
    def load(cls, path: Path) -> HyperTables:
        """Read tables that `save` wrote.

        Raises
        ------
        ModelError
            A file that is missing, damaged or of another network.
        """
        if not path.is_file() or path.stat().st_size > MAX_TABLE_BYTES:
            raise ModelError(f"tables {path} are missing, or have more than {MAX_TABLE_BYTES} bytes")
        try:
            with path.open("rb") as data, np.load(data, allow_pickle=False) as file:
                arrays = {name: file[name].astype(np.int64) for name in file.files}
            made = cls(
                tuple(arrays[f"{name}_weight"] for name in _WEIGHTS),
                tuple(arrays[f"{name}_bias"] for name in _WEIGHTS),
                arrays["scales"],
                arrays["side"],
            )
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise ModelError(f"tables {path} are damaged: {error}") from error
        made._check(path)
        return made

    def save(self, path: Path) -> None:
        arrays = {f"{name}_weight": value.astype(np.int16) for name, value in zip(_WEIGHTS, self.weights, strict=True)}
        arrays |= {f"{name}_bias": value.astype(np.int16) for name, value in zip(_WEIGHTS, self.biases, strict=True)}
        np.savez_compressed(path, scales=self.scales.astype(np.uint16), side=self.side.astype(np.uint16), **arrays)

    @property
    def num_latents(self) -> int:
        return self.weights[-1].shape[0]

    @property
    def num_hyper_latents(self) -> int:
        return self.weights[0].shape[1]

    def _check(self, path: Path) -> None:
        inputs = self.num_hyper_latents
        for weight, bias in zip(self.weights, self.biases, strict=True):
            if weight.ndim != 4 or weight.shape[1] != inputs or weight.shape[2:] not in ((3, 3), (1, 1)):
                raise ModelError(f"tables {path}: weights must be convolutions of {inputs} inputs, got {weight.shape}")
            if bias.shape != weight.shape[:1]:
                raise ModelError(f"tables {path}: biases must be {weight.shape[:1]}, got {bias.shape}")
            inputs = weight.shape[0]
        for table, rows in ((self.scales, NUM_SCALES), (self.side, self.num_hyper_latents)):
            if table.shape != (rows, ROW_LENGTH) or table.min() < 1 or table.max() > 65535:
                raise ModelError(f"tables {path}: probabilities must be 1..65535, [{rows}, {ROW_LENGTH}]")


def scale_numbers(tables: HyperTables, side: np.ndarray) -> np.ndarray:
    """int64 [latents, 4 · h, 4 · w], 0..NUM_SCALES - 1, of side information int64 [hyper latents, h, w]."""
    total = _conv(_twice(side), tables.weights[0], tables.biases[0])
    x = np.clip((total + 4) >> (WEIGHT_BITS - ACTIVATION_BITS), 0, MOST_ACTIVATION)
    half = 1 << (WEIGHT_BITS - 1)
    total = _conv(_twice(x), tables.weights[1], tables.biases[1] << ACTIVATION_BITS)
    x = np.clip((total + half) >> WEIGHT_BITS, 0, MOST_ACTIVATION)
    total = _conv(x, tables.weights[2], tables.biases[2] << ACTIVATION_BITS)
    unit = WEIGHT_BITS + ACTIVATION_BITS
    return np.clip((total + (1 << (unit - 1))) >> unit, 0, NUM_SCALES - 1)


def _twice(x: np.ndarray) -> np.ndarray:
    return x.repeat(2, 1).repeat(2, 2)


def _conv(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Convolution of x [inputs, h, w] with zeros beyond its edges, in whole numbers."""
    side, (height, width) = weight.shape[2], x.shape[1:]
    padded = np.pad(x, ((0, 0), (side // 2,) * 2, (side // 2,) * 2))
    made = np.repeat(bias, height * width).reshape(-1, height * width)
    for dy in range(side):
        for dx in range(side):
            part = np.ascontiguousarray(padded[:, dy : dy + height, dx : dx + width]).reshape(x.shape[0], -1)
            made += weight[:, :, dy, dx] @ part
    return made.reshape(-1, height, width)
