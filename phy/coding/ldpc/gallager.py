"""Gallager's regular (3,6) code, the one behind "BPG + LDPC" baselines in the literature, with our decoder.

Not part of the modem: a reference for experiments. The parity-check matrix is drawn by `pyldpc` (extra ``gallager``).

References
----------
R. G. Gallager, "Low-density parity-check codes", IRE Transactions on Information Theory, 1962
"""

from __future__ import annotations

import numpy as np

from semcom.phy.coding.ldpc.base_graph import NUM_PUNCTURED_COLUMNS
from semcom.phy.coding.ldpc.decoder import DEFAULT_MAX_ITERATIONS, LdpcResult
from semcom.phy.coding.ldpc.decoder_kernel import decode_layered
from semcom.phy.errors import ConfigurationError

_COLUMN_WEIGHT, _ROW_WEIGHT = 3, 6
_SOFT_MEAN = 128.0
MAX_BITS = 8192  # the dense generator matrix grows with the square


class GallagerCode:
    """A regular (3,6) code of rate about 1/2.

    Parameters
    ----------
    num_coded_bits : int
        A multiple of 6, up to MAX_BITS.
    seed : int
        Of the random construction.

    Raises
    ------
    ConfigurationError
        A length that cannot be, or `pyldpc` is not installed.
    """

    def __init__(self, num_coded_bits: int = 1296, seed: int = 1) -> None:
        if num_coded_bits % _ROW_WEIGHT or not 24 <= num_coded_bits <= MAX_BITS:
            raise ConfigurationError(
                f"num_coded_bits must be a multiple of {_ROW_WEIGHT} from 24 to {MAX_BITS}, got {num_coded_bits}"
            )
        try:
            from pyldpc import make_ldpc
        except ImportError as error:
            raise ConfigurationError('Gallager codes need pyldpc: pip install "gr-semcom[gallager]"') from error
        parity_check, generator = make_ldpc(num_coded_bits, _COLUMN_WEIGHT, _ROW_WEIGHT, systematic=True, seed=seed)
        self.num_coded_bits = num_coded_bits
        self.num_information_bits = generator.shape[1]
        self.parity_check = parity_check.astype(np.uint8)
        self._generator = generator.astype(np.float32)
        rows, columns = np.nonzero(self.parity_check)
        # The kernel knows codes lifted by Z; here Z is one, and a batch of words fills the vector lanes instead. Its
        # first two columns are never received: no check of ours touches them.
        self._column = (columns + NUM_PUNCTURED_COLUMNS).astype(np.int32)
        self._shift = np.zeros(len(columns), np.int32)
        self._row_start = np.concatenate([[0], np.cumsum(np.bincount(rows))]).astype(np.int32)

    def encode(self, information: np.ndarray) -> np.ndarray:
        """uint8 [batch, num_information_bits] -> uint8 [batch, num_coded_bits]; information bits come first."""
        if information.ndim != 2 or information.shape[1] != self.num_information_bits:
            raise ConfigurationError(
                f"information must be [batch, {self.num_information_bits}], got {list(information.shape)}"
            )
        return (information.astype(np.float32) @ self._generator.T % 2).astype(np.uint8)

    def decode(self, llr: np.ndarray, max_iterations: int = DEFAULT_MAX_ITERATIONS) -> LdpcResult:
        """float32 [batch, num_coded_bits], log P(0) - log P(1) at any scale -> information bits and parity."""
        if llr.ndim != 2 or llr.shape[1] != self.num_coded_bits:
            raise ConfigurationError(f"llr must be [batch, {self.num_coded_bits}], got {list(llr.shape)}")
        finite = np.nan_to_num(llr)
        mean = np.maximum(np.abs(finite).mean(axis=1, keepdims=True), 1e-20)
        soft = np.clip(np.rint(finite * (_SOFT_MEAN / mean)), -32767, 32767).astype(np.int16)
        bits = np.empty((len(llr), self.num_information_bits + NUM_PUNCTURED_COLUMNS), np.uint8)
        parity_ok, no_extrinsic = np.empty(len(llr), np.bool_), np.empty((0, 0), np.int16)
        iterations, _ = decode_layered(
            np.ascontiguousarray(soft), bits, parity_ok, no_extrinsic, 1, 0,
            self._row_start, self._column, self._shift, max_iterations,
        )  # fmt: skip
        parity_ok &= soft.any(axis=1)  # all-erased words satisfy every check
        return LdpcResult(bits[:, NUM_PUNCTURED_COLUMNS:], iterations, parity_ok)
