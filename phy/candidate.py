"""A detection on its way through the receive chain, and the first look at it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semcom.phy.burst import Burst
from semcom.phy.burst_decoder import BurstDecoder, Header
from semcom.phy.frontend.dc_removal import remove_dc
from semcom.phy.frontend.sample_buffer import SampleBuffer
from semcom.phy.sync.burst_detector import Detection
from semcom.phy.sync.synchronisation import Synchronisation, Synchroniser


@dataclass(eq=False)
class Task:
    """A burst that was handed to a worker process, see `parallel`.

    Attributes
    ----------
    is_done : bool
    burst : Burst or None
        None where it is not done, or the chain has to see to it.
    """

    is_done: bool = False
    burst: Burst | None = None


@dataclass(eq=False)
class Candidate:
    """A detection and what is known of its burst so far.

    Attributes
    ----------
    detection : Detection
    is_synchronised : bool
        `sync` is known, be it None: no preamble there.
    sync : Synchronisation or None
    header : Header or None
        None while it was not read.
    is_open : bool
        The chain has come to it and accepted it as a burst; its header is final then.
    task : Task or None
    """

    detection: Detection
    is_synchronised: bool = False
    sync: Synchronisation | None = None
    header: Header | None = None
    is_open: bool = False
    task: Task | None = None


class FirstLook:
    """Synchronisation and signal field of candidates, each once: they depend on the samples alone.

    Parameters
    ----------
    synchroniser : Synchroniser
    decoder : BurstDecoder
    buffer : SampleBuffer
    dc_cycles : float
        As of `BurstDetector`.
    """

    def __init__(
        self, synchroniser: Synchroniser, decoder: BurstDecoder, buffer: SampleBuffer, dc_cycles: float
    ) -> None:
        self._synchroniser, self._decoder, self._buffer = synchroniser, decoder, buffer
        self._dc_cycles = dc_cycles

    def is_possible(self, candidate: Candidate) -> bool:
        """Whether the samples for it have come."""
        needed = self._decoder.header_samples + self._synchroniser.samples_after
        return self._buffer.end >= candidate.detection.start_sample + needed

    def sync(self, candidate: Candidate) -> Synchronisation | None:
        """Exact start and carrier offset; None where there is no preamble."""
        if not candidate.is_synchronised:
            candidate.sync = self._synchroniser.synchronise(self._buffer, candidate.detection)
            candidate.is_synchronised = True
        return candidate.sync

    def header(self, candidate: Candidate, only_with_pilots: bool = False) -> Header:
        """Signal field as decoded at the first attempt, and channel estimate. Only with a preamble.

        With `only_with_pilots` as in `BurstDecoder.read_header`, whether it was read before without or not.
        """
        if candidate.header is None or only_with_pilots:
            samples = self.header_samples(candidate)
            candidate.header = self._decoder.read_header(samples, candidate.sync.cfo, only_with_pilots)
        return candidate.header

    def header_samples(self, candidate: Candidate) -> np.ndarray:
        """Preamble and signal field without DC offset, complex64 [header_samples]."""
        start = candidate.sync.start_sample
        return remove_dc(self._buffer.read(start, start + self._decoder.header_samples), self._dc_cycles)
