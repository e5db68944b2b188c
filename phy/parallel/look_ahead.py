"""Hands bursts to the workers before the receive chain comes to them.

What is handed over is a guess: a burst found while those before it are not decoded yet may turn out to lie inside one
of them. The chain decides that in its turn, as without workers; a wrong guess costs time, never a burst.
"""

from __future__ import annotations

from collections.abc import Iterable

from semcom.phy.burst_layout import last_symbol_start
from semcom.phy.candidate import Candidate
from semcom.phy.candidate_reception import READ_HEADER_US, SYNCHRONISE_US, CandidateReception
from semcom.phy.frontend.sample_buffer import SampleBuffer
from semcom.phy.parallel.workers import BurstWorkers


def look_ahead(
    waiting: Iterable[Candidate], reception: CandidateReception, buffer: SampleBuffer, workers: BurstWorkers
) -> None:
    """Hand over the bursts among the candidates that wait, as if each one filled its length.

    Not repeats: they are combined with soft values that the chain keeps. No more is looked at than the budget for what
    cannot be read allows as it stands.
    """
    first_look, free_from = reception.first_look, reception.free_from
    left_us = min(reception.budgets.looks.left_us, reception.budgets.decoding.left_us)
    for candidate in waiting:
        if candidate.detection.start_sample < free_from:
            continue
        if left_us <= 0 or not workers.has_room or not first_look.is_possible(candidate):
            return
        sync = first_look.sync(candidate)
        left_us -= SYNCHRONISE_US
        if sync is None or sync.spectrum_inverted or not sync.in_range or sync.start_sample < free_from:
            continue
        header = first_look.header(candidate)
        if header.field is None:
            left_us -= READ_HEADER_US
            continue
        if sync.start_sample + header.layout.num_samples > buffer.end:
            return
        if candidate.task is None and header.field.new_data:
            candidate.task = workers.hand_over(sync.start_sample, header)
        left_us += SYNCHRONISE_US
        free_from = sync.start_sample + last_symbol_start(reception.waveform, header.layout)
