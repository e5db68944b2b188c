"""Channel coding: one transport block (bytes) <-> coded bits, as the shared channel of 5G NR does it.

    bytes -> CRC -> code blocks (with a CRC each, where several) -> LDPC -> rate matching -> interleaving -> bits

The modem says how many coded bits there are; any number from `minimum_coded_bits` on works, with repetition beyond
the length of the code. Scrambling is the modem's. Soft values of failed blocks are kept by the caller and handed in
with the next redundancy version.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numba import njit

from semcom.phy.coding.crc import CRC24B
from semcom.phy.coding.decode_result import DecodeResult, SoftBuffer
from semcom.phy.coding.ldpc import perturbed_decoding
from semcom.phy.coding.ldpc.decoder import DEFAULT_MAX_ITERATIONS, LdpcDecoder
from semcom.phy.coding.ldpc.encoder import encode
from semcom.phy.coding.ldpc.rate_matching import combine, rate_matching_positions, split_coded_bits
from semcom.phy.coding.ldpc.segmentation import segment
from semcom.phy.errors import ConfigurationError

MAX_TRANSPORT_BLOCK_BYTES = 16384
MAX_CODE_RATE = 0.95  # information bits per coded bit; above it too few parity bits are left to check anything

_SOFT_MEAN = 128  # mean magnitude of the first transmission in the soft buffer: room for repeats up to 48 dB stronger


@dataclass(frozen=True, eq=False)
class _DecodedBlocks:
    """Result of decoding the code blocks of one transport block.

    Attributes
    ----------
    payload : bytes or None
        None where a CRC failed.
    num_iterations : int
        Of the code block that took the longest.
    extrinsic : list of float32 [N]
        Extrinsic LLRs of each code block; empty unless requested.
    work_us, again_us : float
        As in `DecodeResult`.
    """

    payload: bytes | None
    num_iterations: int
    extrinsic: list[np.ndarray]
    work_us: float
    again_us: float = 0.0


class TransportBlockCoder:
    """Encoder and decoder for transport blocks of one size, rate and number of coded bits.

    Holds tables only, no state of a transmission: one instance may serve several threads. Get it from
    `transport_block_coder`, which keeps the tables of the sizes last used.

    Parameters
    ----------
    payload_bytes : int
        1 to `MAX_TRANSPORT_BLOCK_BYTES`.
    bits_per_symbol : int
        Of the constellation; the interleaver spreads neighbouring code bits over different positions of a symbol.
    code_rate : float
        Nominal rate, 0 < code_rate < 1; chooses the base graph and must be the same for all redundancy versions.
    num_coded_bits : int
        Multiple of `bits_per_symbol`, at least `minimum_coded_bits(...)`.
    max_iterations : int
        Of the decoder.

    References
    ----------
    3GPP TS 38.212 §7.2
    """

    def __init__(
        self,
        payload_bytes: int,
        bits_per_symbol: int,
        code_rate: float,
        num_coded_bits: int,
        max_iterations: int = DEFAULT_MAX_ITERATIONS,
    ):
        least = minimum_coded_bits(payload_bytes, bits_per_symbol, code_rate)
        if num_coded_bits < least:
            raise ConfigurationError(
                f"num_coded_bits must be at least {least} for {payload_bytes} bytes, got {num_coded_bits}"
            )
        self.payload_bytes = payload_bytes
        self.bits_per_symbol = bits_per_symbol
        self.num_coded_bits = num_coded_bits
        self.segmentation = segment(8 * payload_bytes, code_rate)
        self._block_bits = split_coded_bits(num_coded_bits, self.segmentation.num_code_blocks, bits_per_symbol)
        self._decoder = LdpcDecoder(self.segmentation.graph, self.segmentation.num_code_block_bits, max_iterations)
        self._positions = lru_cache(maxsize=8)(self._make_positions)

    def encode(self, payload: bytes, redundancy_version: int = 0) -> np.ndarray:
        """Payload of exactly `payload_bytes` -> coded bits, uint8 [num_coded_bits] of 0 and 1."""
        if len(payload) != self.payload_bytes:
            raise ConfigurationError(f"payload must be {self.payload_bytes} bytes, got {len(payload)}")
        graph = self.segmentation.graph
        coded = []
        for block, num_bits in zip(self._code_blocks(payload), self._block_bits, strict=True):
            information = np.zeros(graph.num_information_bits, dtype=np.uint8)
            information[: block.size] = block
            positions = self._positions(num_bits, redundancy_version)
            buffer = encode(graph, information)[2 * graph.lifting_size :]
            coded.append(buffer[positions])
        return np.concatenate(coded)

    def decode(
        self,
        llr: np.ndarray,
        redundancy_version: int = 0,
        soft_buffer: SoftBuffer | None = None,
        want_extrinsic: bool = False,
        try_again: bool = True,
        give_up: bool = True,
    ) -> DecodeResult:
        """Decode one transmission, together with what earlier ones left in `soft_buffer`.

        Parameters
        ----------
        llr : float32 [num_coded_bits]
            log P(0) - log P(1), at any scale for a single transmission; NaN counts as nothing received.
        redundancy_version : int
            The one that was sent, 0 to 3.
        soft_buffer : SoftBuffer
            From the result of the transmission before; it is not changed.
        want_extrinsic : bool
            Also return extrinsic LLRs of the coded bits, for iterative channel estimation.
        try_again : bool
            Whether a short block that fails is decoded again from perturbed soft values.
        give_up : bool
            Whether decoding ends early, and a short block is not decoded again, where there is no hope. Not where
            extrinsic LLRs are wanted: they go back to the channel estimate, which may yet bring hope.
        """
        llr = np.ascontiguousarray(llr, dtype=np.float32)
        if llr.shape != (self.num_coded_bits,):
            raise ConfigurationError(f"llr must have shape [{self.num_coded_bits}], got {list(llr.shape)}")
        shape = (self.segmentation.num_code_blocks, self.segmentation.graph.num_buffer_bits)
        if soft_buffer is None:
            soft, scale = np.zeros(shape, dtype=np.int16), _scale_for(llr)
        elif soft_buffer.values.shape != shape:
            raise ConfigurationError(f"soft_buffer must have shape {list(shape)}, got {list(soft_buffer.values.shape)}")
        else:
            soft, scale = soft_buffer.values.copy(), soft_buffer.scale

        start = 0
        for block, num_bits in enumerate(self._block_bits):
            combine(soft[block], llr[start : start + num_bits], self._positions(num_bits, redundancy_version), scale)
            start += num_bits
        decoded = self._decode_soft(soft, want_extrinsic, try_again, give_up and not want_extrinsic)
        extrinsic = None
        if want_extrinsic:
            parts = zip(decoded.extrinsic, self._block_bits, strict=True)
            extrinsic = np.concatenate([row[self._positions(n, redundancy_version)] for row, n in parts])
        return DecodeResult(
            payload=decoded.payload,
            crc_ok=decoded.payload is not None,
            num_iterations=decoded.num_iterations,
            soft_buffer=SoftBuffer(soft, scale),
            extrinsic=extrinsic,
            work_us=decoded.work_us,
            again_us=decoded.again_us,
        )

    def _decode_soft(self, soft: np.ndarray, want_extrinsic: bool, try_again: bool, give_up: bool) -> _DecodedBlocks:
        """Decode circular buffers, int16 [num_code_blocks, N]."""
        num_bits = self.segmentation.num_code_block_bits
        blocks, extrinsic, num_iterations, work_us = [], [], 0, 0.0
        for row in soft:
            if np.count_nonzero(row) < num_bits:  # fewer values than unknowns: erasures must not pass for zeros
                nothing = [np.zeros(soft.shape[1], np.float32)] * len(soft)
                return _DecodedBlocks(None, num_iterations, nothing, work_us)
            result = self._decoder.decode(row, want_extrinsic, give_up)
            work_us += result.work_us
            num_iterations = max(num_iterations, result.num_iterations)
            if result.gave_up:
                return _DecodedBlocks(None, num_iterations, [], work_us)
            blocks.append(result.bits[0])
            if want_extrinsic:
                extrinsic.append(result.extrinsic[0])
        decoded = _DecodedBlocks(self._payload(blocks), num_iterations, extrinsic, work_us)
        if len(blocks) > 1:
            return decoded
        # Noise passes a CRC of 16 bits once in 65536 times: a short block must be a codeword as well.
        if decoded.payload is not None and (result.parity_ok[0] or self.segmentation.crc.num_bits > 16):
            return decoded
        if not try_again or num_bits > perturbed_decoding.MAX_CODE_BLOCK_BITS:
            return replace(decoded, payload=None)
        again = self._decoder.decode(perturbed_decoding.perturbed_copies(soft[0]))
        candidates = (self._payload([bits]) for bits in again.bits[again.parity_ok])
        payload = next((candidate for candidate in candidates if candidate is not None), None)
        return replace(decoded, payload=payload, work_us=work_us + again.work_us, again_us=again.work_us)

    def _code_blocks(self, payload: bytes) -> list[np.ndarray]:
        """CRC of the transport block, padding, cut, CRC of each code block: uint8 [num_code_block_bits] each."""
        s = self.segmentation
        check = s.crc.checksum(payload).to_bytes(s.crc.num_bits // 8, "big")
        bits = np.unpackbits(np.frombuffer(payload + check, dtype=np.uint8))
        if s.num_code_blocks == 1:
            return [bits]
        padded = np.concatenate((bits, np.zeros(s.num_padding_bits, dtype=np.uint8)))
        return [CRC24B.append(block) for block in padded.reshape(s.num_code_blocks, -1)]

    def _payload(self, blocks: list[np.ndarray]) -> bytes | None:
        """Inverse of `_code_blocks`; None where any CRC fails."""
        s = self.segmentation
        if s.num_code_blocks > 1:
            if not all(CRC24B.check(block) for block in blocks):
                return None
            blocks = [block[: -CRC24B.num_bits] for block in blocks]
        bits = np.concatenate(blocks)[: 8 * self.payload_bytes + s.crc.num_bits]
        data = np.packbits(bits)
        return data[: self.payload_bytes].tobytes() if s.crc.checksum(data) == 0 else None

    def _make_positions(self, num_bits: int, redundancy_version: int) -> np.ndarray:
        s = self.segmentation
        return rate_matching_positions(
            s.graph, s.num_code_block_bits, num_bits, redundancy_version, self.bits_per_symbol
        )


@lru_cache(maxsize=64)
def transport_block_coder(
    payload_bytes: int, bits_per_symbol: int, code_rate: float, num_coded_bits: int
) -> TransportBlockCoder:
    """The coder for these parameters; built once, then kept among the last 64."""
    return TransportBlockCoder(payload_bytes, bits_per_symbol, code_rate, num_coded_bits)


def minimum_coded_bits(payload_bytes: int, bits_per_symbol: int, code_rate: float) -> int:
    """Smallest possible `num_coded_bits`, in whole symbols, at which a block without noise can still be decoded.

    No code block above `MAX_CODE_RATE`, and at least one column of parity beyond making up for the two that are never
    sent: for the shortest blocks that is rate 6/7.
    """
    if not 1 <= payload_bytes <= MAX_TRANSPORT_BLOCK_BYTES:
        raise ConfigurationError(f"payload_bytes must be 1 to {MAX_TRANSPORT_BLOCK_BYTES}, got {payload_bytes}")
    if bits_per_symbol < 1:
        raise ConfigurationError(f"bits_per_symbol must be at least 1, got {bits_per_symbol}")
    s = segment(8 * payload_bytes, code_rate)
    least = max(s.num_code_block_bits / MAX_CODE_RATE, s.num_code_block_bits + s.graph.lifting_size)
    symbols_per_block = math.ceil(least / bits_per_symbol)
    return s.num_code_blocks * symbols_per_block * bits_per_symbol


@njit("float64(float32[::1])", cache=True, nogil=True)
def _scale_for(llr):
    """Steps of the soft buffer per unit of LLR, by the mean magnitude of a first transmission."""
    total, count = 0.0, 0
    for value in llr:
        if np.isfinite(value):
            total += abs(value)
            count += 1
    return _SOFT_MEAN * count / total if total > 0 else 1.0
