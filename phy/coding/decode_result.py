"""What decoding a transport block gives, and what is kept of it for the next transmission."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class SoftBuffer:
    """Received values of one transport block, summed over its transmissions.

    Attributes
    ----------
    values : int16 [num_code_blocks, N]
        Circular buffer of each code block.
    scale : float
        Steps of `values` per unit of LLR, set by the first transmission.
    """

    values: np.ndarray
    scale: float


@dataclass(frozen=True, eq=False)
class DecodeResult:
    """Result of decoding one transport block.

    Attributes
    ----------
    payload : bytes or None
        None where the CRC failed.
    crc_ok : bool
    num_iterations : int
        Of the code block that took the longest.
    soft_buffer : SoftBuffer
        To be handed in with the next transmission of the same block; values.nbytes is what it costs to keep.
    extrinsic : float32 [num_coded_bits] or None
        Extrinsic LLRs of the coded bits (a posteriori minus received); only where requested.
    work_us, again_us : float
        What it took, counted: microseconds on one core of a common processor; of them, for decoding a short block
        again.
    """

    payload: bytes | None
    crc_ok: bool
    num_iterations: int
    soft_buffer: SoftBuffer
    extrinsic: np.ndarray | None = None
    work_us: float = 0.0
    again_us: float = 0.0
