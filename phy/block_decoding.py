"""Decoding of the transport blocks of a burst, with iterative channel estimation where blocks fail.

Turbo principle: channel estimation, demapping and LDPC decoding in turn, extrinsic LLRs of the decoder fed back.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from semcom.phy.burst import ReceivedBlock
from semcom.phy.burst_decoder import BurstDecoder, Header, Payload
from semcom.phy.channel_estimation.time_varying import TimeVaryingEstimate
from semcom.phy.coding.decode_result import DecodeResult, SoftBuffer
from semcom.phy.coding.signal_field import SignalField
from semcom.phy.coding.soft_buffers import KeptBlock, SoftBuffers
from semcom.phy.coding.transport_block_coding import TransportBlockCoder
from semcom.phy.iterative_reception import IterativeReception
from semcom.phy.transport_block import NUM_PROCESSES
from semcom.phy.work_budget import WorkBudgets

MAX_ITERATIONS = 12
"""Largest number of iterations of channel estimation and decoding for a failed burst."""
_ITERATION_US = 300  # counted work of an iteration beside channel estimate and decoder, see `work_budget`
_ITERATION_PER_SAMPLE_US = 0.05
_EXPECTED_PER_SAMPLE_US = 3.0  # of a channel estimate, before it is known how many taps it has
_PATIENCE = 3  # iterations that may pass without progress of the decoder
_NEARLY_THERE = 0.5  # mean certainty from which another iteration may help on a static channel

_CERTAIN_LLR = 60.0


class BlockDecoder:
    """Decodes the blocks of one burst after another; keeps soft values of failed blocks for HARQ combining.

    Parameters
    ----------
    decoder : BurstDecoder
    iterative : IterativeReception
    soft_buffers : SoftBuffers
    budgets : WorkBudgets
        What may be spent on blocks that fail. Its burst is open.
    """

    def __init__(
        self, decoder: BurstDecoder, iterative: IterativeReception, soft_buffers: SoftBuffers, budgets: WorkBudgets
    ) -> None:
        self._decoder = decoder
        self._iterative = iterative
        self._soft_buffers = soft_buffers
        self._budgets = budgets

    def keep_soft_values_in(self, soft_buffers: SoftBuffers) -> None:
        """Where soft values of failed blocks are kept from now on."""
        self._soft_buffers = soft_buffers

    def decode(self, payload: Payload, header: Header) -> tuple[Payload, tuple[ReceivedBlock, ...]]:
        """Decode every block; where one fails, iterate channel estimation and decoding.

        Parameters
        ----------
        payload : Payload
            Equalised with the channel of preamble and signal field.
        header : Header

        Returns
        -------
        payload : Payload
            As equalised in the last iteration.
        blocks : tuple of ReceivedBlock
        """
        field, coder = header.field, header.layout.coder
        shape = (field.block_bytes, field.mcs.number)
        keys = _keys(field)
        kept = [self._soft_buffers.take(key, shape, field.new_data) for key in keys]
        before = [block.soft_buffer if block else None for block in kept]
        version = field.redundancy_version
        llr = self._decoder.soft_bits(payload, header)
        results = [self._decode(coder, values, version, soft) for values, soft in zip(llr, before, strict=True)]
        for index, soft in enumerate(before):
            if soft is not None and not results[index].crc_ok:
                # What was kept may be of an earlier block: the sender reused the process, and that burst was missed.
                alone = self._decode(coder, llr[index], version, None)
                if alone.crc_ok:
                    results[index], kept[index] = alone, None
        num_failed = sum(not result.crc_ok for result in results)
        if num_failed and self._worth_iterating(header, payload):
            payload, results = self._iterate(payload, header, before, results)
            num_rescued = num_failed - sum(not result.crc_ok for result in results)
            self._budgets.settle_closer_looks(num_failed, num_rescued)
        blocks = []
        for key, earlier, result in zip(keys, kept, results, strict=True):
            count = (earlier.num_transmissions if earlier else 0) + 1
            if not result.crc_ok:
                self._soft_buffers.keep(key, KeptBlock(result.soft_buffer, shape, count))
            blocks.append(received_block(field, len(blocks), result, count))
        return payload, tuple(blocks)

    def forget(self, field: SignalField) -> None:
        """Blocks of new data were decoded elsewhere: what was kept for their processes is of earlier ones."""
        for key in _keys(field):
            self._soft_buffers.take(key, (), new_data=True)

    def _decode(
        self, coder: TransportBlockCoder, llr: np.ndarray, version: int, soft: SoftBuffer | None
    ) -> DecodeResult:
        """Decode a block; again from perturbed values only while there is credit. Work that fails is counted."""
        result = coder.decode(llr, version, soft, try_again=self._budgets.closer_looks.left_us > 0)
        if not result.crc_ok:
            self._budgets.decoding.count(result.work_us - result.again_us)
            self._budgets.closer_looks.count(result.again_us)
        return result

    def _worth_iterating(self, header: Header, payload: Payload) -> bool:
        """An iteration over a long burst takes more than the whole credit: only if its pilots are there to the end."""
        budget = self._budgets.closer_looks
        expected_us = _ITERATION_US + _EXPECTED_PER_SAMPLE_US * header.layout.num_samples
        return budget.left_us > expected_us or (budget.left_us > 0 and self._decoder.is_there(payload))

    def _iterate(
        self, payload: Payload, header: Header, before: list, results: list[DecodeResult]
    ) -> tuple[Payload, list[DecodeResult]]:
        """Iterate channel estimation, demapping and decoding until every block is decoded or there is no progress.

        The soft values kept for HARQ combining date from before decoder feedback: after wrong feedback they would
        confirm the error, and no retransmission could repair the block.
        """
        coder, version = header.layout.coder, header.field.redundancy_version
        budget = self._budgets.closer_looks
        estimate, extrinsic, certainty = None, None, []
        unbiased = [result.soft_buffer for result in results]
        for iteration in range(MAX_ITERATIONS):
            if budget.left_us <= 0:
                break
            payload, estimate = self._iterative.payload(payload, header, extrinsic, estimate)
            llr = self._decoder.soft_bits(payload, header)
            failed = [index for index, result in enumerate(results) if not result.crc_ok]
            budget.count(estimate.work_us + _ITERATION_US + _ITERATION_PER_SAMPLE_US * header.layout.num_samples)
            for index in failed:
                results[index] = coder.decode(llr[index], version, before[index], want_extrinsic=True)
                budget.count(results[index].work_us)
                if iteration == 0 and estimate.time_varying:
                    unbiased[index] = results[index].soft_buffer
            extrinsic = [
                _certain(coder.encode(result.payload, version)) if result.crc_ok else result.extrinsic
                for result in results
            ]
            failed = [index for index in failed if not results[index].crc_ok]
            if not failed:
                break
            certainty.append(float(np.mean([_mean_certainty(extrinsic[index]) for index in failed])))
            if not _promising(estimate, certainty):
                break
        return payload, [
            result if result.crc_ok else replace(result, soft_buffer=values)
            for result, values in zip(results, unbiased, strict=True)
        ]


def received_block(field: SignalField, index: int, result: DecodeResult, num_transmissions: int = 1) -> ReceivedBlock:
    """What is given out of the block of this index in its burst."""
    source, process = _keys(field)[index]
    return ReceivedBlock(
        payload=result.payload,
        source=source,
        process=process,
        redundancy_version=field.redundancy_version,
        new_data=field.new_data,
        crc_ok=result.crc_ok,
        num_transmissions=num_transmissions,
        num_iterations=result.num_iterations,
    )


def _keys(field: SignalField) -> list[tuple[int, int]]:
    """Source and process of each block of a burst."""
    return [(field.source, (field.process + index) % NUM_PROCESSES) for index in range(field.num_blocks)]


def _certain(bits: np.ndarray) -> np.ndarray:
    """LLRs of known bits."""
    return np.float32(_CERTAIN_LLR) * (1 - 2 * bits.astype(np.float32))


def _mean_certainty(llr: np.ndarray) -> float:
    """Mean square of the expected sign of a bit, E[tanh²(LLR / 2)]: 0 where nothing is known, 1 where all is."""
    return float(np.mean(np.tanh(llr / 2) ** 2))


def _promising(estimate: TimeVaryingEstimate, certainty: list[float]) -> bool:
    """Whether another iteration may help: the decoder still makes progress."""
    if not estimate.time_varying:
        return len(certainty) == 1 and certainty[0] > _NEARLY_THERE
    return len(certainty) <= _PATIENCE or max(certainty[-_PATIENCE:]) > max(certainty[:-_PATIENCE])
