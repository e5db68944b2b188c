"""From soft bits to the blocks of a burst, with as many looks at the channel as promise something."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from semcom.phy.burst import ReceivedBlock
from semcom.phy.burst_decoder import BurstDecoder, Header, Payload
from semcom.phy.channel_estimation.compute_budget import LookBudget
from semcom.phy.channel_estimation.iterative_reception import MovingReception
from semcom.phy.channel_estimation.time_varying import MovingEstimate
from semcom.phy.coding.soft_buffers import KeptBlock, SoftBuffers
from semcom.phy.coding.transport_block_coding import DecodeResult
from semcom.phy.transport_block import NUM_PROCESSES

MAX_LOOKS = 12
"""Times a failed payload is looked at again, at the most. Each sample of the stream pays for so many looks at it: no
burst goes short, but signal fields in a row that announce long bursts where there are none do not stop the receiver."""
_PATIENCE = 3  # looks that may pass without the decoder knowing more than before
_NEARLY_THERE = 0.5  # share known from which another look at a channel that stands still may help

_CERTAIN_LLR = 60.0


class BlockDecoder:
    """Decodes one burst after another; keeps soft values of blocks that failed for their repeats.

    Parameters
    ----------
    decoder : BurstDecoder
    moving : MovingReception
    soft_buffers : SoftBuffers
    longest_burst : int
        Samples.
    """

    def __init__(
        self, decoder: BurstDecoder, moving: MovingReception, soft_buffers: SoftBuffers, longest_burst: int
    ) -> None:
        self._decoder = decoder
        self._moving = moving
        self._soft_buffers = soft_buffers
        self._budget = LookBudget(MAX_LOOKS * longest_burst, MAX_LOOKS)

    def keep_soft_values_in(self, soft_buffers: SoftBuffers) -> None:
        """Where soft values of failed blocks are kept from now on."""
        self._soft_buffers = soft_buffers

    def reset(self) -> None:
        """Start a new stream at position 0. Soft values are kept."""
        self._budget.reset()

    def decode(self, payload: Payload, header: Header, start_sample: int) -> tuple[Payload, tuple[ReceivedBlock, ...]]:
        """Decode every block; where one fails, look again at a channel that may have moved.

        Parameters
        ----------
        payload : Payload
            From the first look.
        header : Header
        start_sample : int
            Where the burst begins, in the stream.

        Returns
        -------
        payload : Payload
            As seen at the last look.
        blocks : tuple of ReceivedBlock
        """
        field, coder = header.field, header.layout.coder
        shape = (field.block_bytes, field.mcs.number)
        keys = [(field.source, (field.process + index) % NUM_PROCESSES) for index in range(field.num_blocks)]
        kept = [self._soft_buffers.take(key, shape, field.new_data) for key in keys]
        before = [block.soft_buffer if block else None for block in kept]
        version = field.redundancy_version
        llr = self._decoder.soft_bits(payload, header)
        results = [coder.decode(values, version, soft) for values, soft in zip(llr, before, strict=True)]
        for index, soft in enumerate(before):
            if soft is not None and not results[index].crc_ok:
                # What was kept may be of another block whose process the sender has used again, unheard.
                alone = coder.decode(llr[index], version)
                if alone.crc_ok:
                    results[index], kept[index] = alone, None
        if not all(result.crc_ok for result in results):
            payload, results = self._look_again(payload, header, before, results, start_sample)
        blocks = []
        for key, earlier, result in zip(keys, kept, results, strict=True):
            count = (earlier.num_transmissions if earlier else 0) + 1
            if not result.crc_ok:
                self._soft_buffers.keep(key, KeptBlock(result.soft_buffer, shape, count))
            blocks.append(
                ReceivedBlock(
                    payload=result.payload,
                    source=key[0],
                    process=key[1],
                    redundancy_version=version,
                    new_data=field.new_data,
                    crc_ok=result.crc_ok,
                    num_transmissions=count,
                    num_iterations=result.num_iterations,
                )
            )
        return payload, tuple(blocks)

    def _look_again(
        self, payload: Payload, header: Header, before: list, results: list[DecodeResult], start_sample: int
    ) -> tuple[Payload, list[DecodeResult]]:
        """Channel, soft bits and decoder in turn, until all is decoded or nothing is learnt any more.

        What is kept for a repeat comes from before the decoder's beliefs went into the channel: where it was wrong, it
        would be told its own error again, and a failed block could not be repaired by any repeat.
        """
        coder, version = header.layout.coder, header.field.redundancy_version
        moving, beliefs, known_shares = None, None, []
        unbiased = [result.soft_buffer for result in results]
        for look in range(MAX_LOOKS):
            if not self._budget.spend(start_sample, header.layout.num_samples):
                break
            payload, moving = self._moving.payload(payload, header, beliefs, moving)
            beliefs = list(self._decoder.soft_bits(payload, header))
            failed = [index for index, result in enumerate(results) if not result.crc_ok]
            for index in failed:
                results[index] = coder.decode(beliefs[index], version, before[index], want_extrinsic=True)
                if look == 0 and moving.moves:
                    unbiased[index] = results[index].soft_buffer
            for index, result in enumerate(results):
                sure = result.crc_ok
                beliefs[index] = _certain(coder.encode(result.payload, version)) if sure else result.extrinsic
            failed = [index for index in failed if not results[index].crc_ok]
            if not failed:
                break
            known_shares.append(float(np.mean([_known_share(beliefs[index]) for index in failed])))
            if not _promising(moving, known_shares):
                break
        return payload, [
            result if result.crc_ok else replace(result, soft_buffer=values)
            for result, values in zip(results, unbiased, strict=True)
        ]


def _certain(bits: np.ndarray) -> np.ndarray:
    return np.float32(_CERTAIN_LLR) * (1 - 2 * bits.astype(np.float32))


def _known_share(llr: np.ndarray) -> float:
    """Mean square of the expected sign of a bit: 0 where nothing is known, 1 where all is."""
    return float(np.mean(np.tanh(llr / 2) ** 2))


def _promising(moving: MovingEstimate, known_shares: list[float]) -> bool:
    """Whether another look may bring more than this one: the decoder still comes to know more."""
    if not moving.moves:
        return len(known_shares) == 1 and known_shares[0] > _NEARLY_THERE
    return len(known_shares) <= _PATIENCE or max(known_shares[-_PATIENCE:]) > max(known_shares[:-_PATIENCE])
