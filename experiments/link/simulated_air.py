"""The modem at both ends of a simulated channel, round by round: what the recipes of the link run over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from semcom.link import Account, OutgoingFrame, Reporter, Transmission, bursts_of
from semcom.link.arq.feedback import Feedback
from semcom.link.arq.repeat import RepeatSender
from semcom.link.item import Scope
from semcom.link.protection import mcs_with_margin
from semcom.phy import analog, channel
from semcom.phy.mcs import find_mcs
from semcom.phy.receiver import Receiver
from semcom.phy.sensitivity import thresholds_db
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

GAP_SAMPLES = (300, 900)
"""Least and most silence before a burst."""

Impairment = Callable[[np.ndarray, np.random.Generator], np.ndarray]


@dataclass
class SimulatedAir:
    """One direction of a link.

    Attributes
    ----------
    waveform : Waveform
    snr_db : float
    rng : numpy.random.Generator
    mcs : str
        Scheme of frames that name none.
    fading : FadingProfile or None
        A fresh draw for each stretch that is sent at once.
    impairment : callable or None
        (samples, rng) → samples, before the noise.
    cfo_subcarriers : float
        Carrier offset of each stretch, uniform within this.
    max_blocks_per_burst : int
    copy_pause_s : float
        Silence before the copies of a round: longer than what disturbs.
    channel_uses : int
        Samples on air so far, silence not counted.
    """

    waveform: Waveform
    snr_db: float
    rng: np.random.Generator
    mcs: str = "qpsk-1/2"
    fading: channel.FadingProfile | None = None
    impairment: Impairment | None = None
    cfo_subcarriers: float = 1.0
    max_blocks_per_burst: int = 8
    copy_pause_s: float = 0.025
    channel_uses: int = 0
    _transmitter: Transmitter = field(init=False)
    _receiver: Receiver = field(init=False)

    def __post_init__(self) -> None:
        self._transmitter, self._receiver = Transmitter(self.waveform), Receiver(self.waveform)

    def send(self, transmissions: Sequence[Transmission], reporter: Reporter) -> None:
        """Send blocks in one stretch; the reporter hears what the receiver makes of them."""
        pieces, copy = [], 0
        for burst in self._bursts(transmissions):
            blocks = [
                TransportBlock(
                    entry.frame.data, 0, entry.process, entry.redundancy_version, entry.new_data, **entry.frame.uncoded
                )
                for entry in burst
            ]
            iq = self._transmitter.modulate(blocks, find_mcs(burst[0].frame.mcs or self.mcs))
            self.channel_uses += len(iq)
            pause = self.rng.integers(*GAP_SAMPLES) + (burst[0].copy != copy) * self._copy_pause
            copy = burst[0].copy
            pieces += [np.zeros(pause, np.complex64), iq]
        if not pieces:
            return
        for burst in self._receive(np.concatenate(pieces)):
            for block in burst.blocks:
                soft = b"" if block.llr is None else block.llr.tobytes()
                soft = soft if block.noise_var is None else analog.noise_to_bytes(block.noise_var)
                reporter.block(block.payload, block.source, block.process, burst.snr_db, soft)

    @property
    def _copy_pause(self) -> int:
        return int(self.copy_pause_s * self.waveform.nominal_rate_hz)

    def _bursts(self, transmissions: Sequence[Transmission]) -> list[list[Transmission]]:
        groups = bursts_of(transmissions, self.mcs)
        sizes = [1 if group[0].frame.uncoded else self.max_blocks_per_burst for group in groups]
        return [
            group[at : at + most]
            for group, most in zip(groups, sizes, strict=True)
            for at in range(0, len(group), most)
        ]

    def _receive(self, samples: np.ndarray) -> list:
        rate = self.waveform.nominal_rate_hz
        samples = channel.delay(samples, self.rng.uniform(0, 1))
        if self.fading is not None:
            samples = channel.fade(samples, self.fading, rate, self.rng)[0]
        cfo_hz = self.rng.uniform(-1, 1) * self.cfo_subcarriers * self.waveform.subcarrier_spacing_hz
        samples = channel.carrier_offset(samples, cfo_hz, rate, self.rng.uniform(0, 2 * np.pi))
        samples = np.concatenate([samples, np.zeros(600, np.complex64)])
        if self.impairment is not None:
            samples = self.impairment(samples, self.rng)
        samples = channel.add_noise(samples, channel.noise_var_for(self.snr_db), self.rng)
        return self._receiver.push(samples) + self._receiver.flush()


def run_rounds(
    air: SimulatedAir,
    frames: Sequence[OutgoingFrame],
    scope: Scope,
    max_transmissions: int = 1,
    report_arrives: Callable[[], bool] = lambda: True,
    copies: bool = False,
    fallback_db: float = 0.0,
    max_rounds: int = 64,
) -> tuple[Reporter, RepeatSender]:
    """Send frames with repeats until all came or are given up; the account is closed and checked.

    Reports travel as bytes and arrive, or not, as `report_arrives` says.
    """
    thresholds = thresholds_db(air.waveform)

    def fallback(mcs: str | None) -> str:
        return mcs_with_margin(mcs or air.mcs, fallback_db, thresholds)

    reporter = Reporter()
    sender = RepeatSender(frames, max_transmissions, account=Account(), copies=copies, fallback=fallback)
    while not sender.done and sender.rounds < max_rounds:
        air.send(sender.next_round(), reporter)
        reports = [Feedback.from_bytes(report.to_bytes()) for report in reporter.reports()]
        if reports and report_arrives():
            sender.feedback(reports)
        else:
            sender.timeout()
        if reporter.receiver.is_complete(scope):
            break
    sender.close()
    sender.account.close()
    sender.account.check()
    return reporter, sender
