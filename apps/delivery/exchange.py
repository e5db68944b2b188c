"""Frames over a radio and back, with repeats where asked for, and the account of each.

Frames of each link go over a channel of their own, as from devices of their own: one after the other, each with its own
noise, and all arrive at one assembler.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from semcom.apps.delivery.frame_plan import FALLBACK_DB
from semcom.flowgraphs.loopback.headless import run_loopback
from semcom.flowgraphs.loopback.result import BurstStatistics, LoopbackResult
from semcom.link import Account, Assembler, Key, OutgoingFrame, Picture, Reporter, SetKey
from semcom.link.arq.repeat import RepeatSender, Transmission
from semcom.link.protection import mcs_with_margin
from semcom.phy.coding.soft_buffers import SoftBuffers
from semcom.phy.sensitivity import thresholds_db
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.radio import LoopbackRadio
from semcom.semantic import LayerKey
from semcom.semantic.requirements import requirements_of

CAUSES = {"missed": "burst not detected", "header": "signal field lost", "crc": "block CRC failed"}

_LARGEST_SEED = 2**31 - 1
_SEEDS_APART = 7919
"""Of the noise of two links."""
AS_THE_RADIO: Mapping[int, float] = MappingProxyType({})


@dataclass
class Exchange:
    """What came of one photo's frames.

    Attributes
    ----------
    account : Account
        Closed and checked.
    pictures : list of Picture
        What came of each picture that frames were sent of.
    rounds : list of LoopbackResult
        Of all links, one link after the other.
    num_rounds : int
        Of the link that took the most.
    uses : Counter
        Channel uses of the frames of each name, repeats included; a burst's are shared evenly by its frames.
    """

    account: Account
    pictures: list[Picture] = field(default_factory=list)
    rounds: list[LoopbackResult] = field(default_factory=list)
    num_rounds: int = 0
    uses: Counter[Key | SetKey] = field(default_factory=Counter)

    @property
    def payloads(self) -> dict[LayerKey, bytes]:
        """Layers that arrived, those of the group that they require too."""
        return {LayerKey(*key): payload for picture in self.pictures for key, payload in picture.payloads.items()}

    @property
    def damaged(self) -> dict[LayerKey, bytes]:
        """Layers among them that came as soft values, with their LLRs."""
        return {LayerKey(*key): llr for picture in self.pictures for key, llr in picture.damaged.items()}

    @property
    def required(self) -> tuple[LayerKey, ...]:
        """Layers that those require and that are not at hand."""
        return tuple(LayerKey(*key) for picture in self.pictures for key in picture.missing.required)

    @property
    def channel_uses(self) -> int:
        return sum(result.channel_uses for result in self.rounds)

    @property
    def airtime_s(self) -> float:
        return sum(result.airtime_s for result in self.rounds)

    @property
    def read_bursts(self) -> list[BurstStatistics]:
        """Bursts whose signal field was read."""
        return [burst for result in self.rounds for burst in result.bursts if burst.header_ok]

    def median(self, name: str) -> float | None:
        """Of the receiver's estimates; None where no burst was read."""
        values = [getattr(burst, name) for burst in self.read_bursts]
        return float(np.median(values)) if values else None


def exchange(
    frames: Sequence[OutgoingFrame],
    mcs: str,
    radio: LoopbackRadio,
    max_transmissions: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
    assembler: Assembler | None = None,
    link_snr_db: Mapping[int, float] = AS_THE_RADIO,
) -> Exchange:
    """Send frames; what fails is sent again in another redundancy version, up to `max_transmissions` times in all.

    The feedback channel is at hand: in a loopback both ends are in one process.

    Parameters
    ----------
    frames : sequence of OutgoingFrame
    mcs : str
        Of frames that name none.
    radio : LoopbackRadio
    max_transmissions : int
    progress : callable
        Called with (frames done, frames in all) of a round.
    assembler : Assembler, optional
        Of a receiver that has heard of the group before: it knows layers that are not sent again.
    link_snr_db : mapping of int to float
        SNR of links by their number, where it is another than the radio's.
    """
    assembler = Assembler(requirements_of) if assembler is None else assembler
    outcome, soft_buffers, reporter = Exchange(Account()), SoftBuffers(), Reporter(assembler.receiver)
    thresholds = thresholds_db(Waveform.load(radio.waveform))

    def fallback(used: str | None) -> str:
        return mcs_with_margin(used or mcs, FALLBACK_DB, thresholds)

    before = 0
    for source in dict.fromkeys(frame.source for frame in frames):
        changes = {"snr_db": link_snr_db[source]} if source in link_snr_db else {}
        own = [frame for frame in frames if frame.source == source]
        sender = RepeatSender(own, max_transmissions, source, outcome.account, fallback=fallback)
        first = len(outcome.rounds)
        while not sender.done:
            transmissions = sender.next_round()
            seed = radio.channel.seed + _SEEDS_APART * source + len(outcome.rounds) - first
            result = run_loopback(
                [(entry.frame.data, entry.frame.mcs or mcs, _repeat(entry)) for entry in transmissions],
                radio.waveform,
                radio.with_channel(seed=(seed - 1) % _LARGEST_SEED + 1, **changes).channel,
                progress=lambda done, total, before=before: progress(before + done, max(len(frames), before + total)),
                soft_buffers=soft_buffers,
            )
            _take(outcome, transmissions, result, reporter, assembler)
            sender.feedback(reporter.reports(source))
            for entry, became in zip(transmissions, result.outcomes(), strict=True):
                if became in CAUSES:  # both ends are at hand, so the cause is known better than a report tells it
                    outcome.account.failed(entry.frame.name, CAUSES[became])
        sender.close()
        outcome.num_rounds = max(outcome.num_rounds, sender.rounds)
        before += len(own)
    outcome.account.close()
    outcome.account.check()
    scopes = dict.fromkeys(frame.name.key.scope for frame in frames)
    outcome.pictures = [assembler.picture(scope) for scope in scopes if scope.picture]
    return outcome


def _take(
    outcome: Exchange,
    transmissions: Sequence[Transmission],
    result: LoopbackResult,
    reporter: Reporter,
    assembler: Assembler,
) -> None:
    """What a round brought: its cost, and its frames to the assembler."""
    outcome.rounds.append(result)
    shares = [burst.channel_uses / burst.num_frames for burst in result.sent_bursts for _ in range(burst.num_frames)]
    for entry, uses in zip(transmissions, shares, strict=True):
        outcome.uses[entry.frame.name.key] += uses
    for frame in result.frames:
        arrival = reporter.block(frame.data, frame.source, frame.process, frame.snr_db, frame.llr)
        if arrival is not None:
            assembler.take(arrival)


def _repeat(entry: Transmission) -> dict[str, int | bool]:
    if entry.frame.uncoded:  # what is not coded has no redundancy versions: a repeat is sent as if it were new
        return {"source": entry.frame.source, "process": entry.process, **entry.frame.uncoded}
    return {
        "source": entry.frame.source,
        "process": entry.process,
        "redundancy_version": entry.redundancy_version,
        "new_data": entry.new_data,
    }
