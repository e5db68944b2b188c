"""The links of a sweep: frames of one picture → what arrives, without GNU Radio."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from semcom.apps.delivery.ideal import ideal_exchange
from semcom.apps.delivery.outgoing import Outgoing
from semcom.apps.delivery.packet_items import items_of
from semcom.apps.sweeps.rows import AWGN, Row
from semcom.experiments.link.simulated_air import SimulatedAir
from semcom.link import Assembler, Reporter, Transmission
from semcom.phy.channel import profile
from semcom.phy.sensitivity import thresholds_db
from semcom.phy.transport_block import NUM_PROCESSES
from semcom.phy.waveform import Waveform
from semcom.semantic import LayerKey
from semcom.semantic.requirements import requirements_of

FRAMES_AT_ONCE = 32
"""In one stretch of samples."""
MARGIN_DB = 1.0
"""Above the threshold of an MCS (one frame in a hundred lost): a picture of a hundred frames is to come whole."""


@dataclass(frozen=True)
class Delivered:
    """What arrived of a picture.

    Attributes
    ----------
    payloads : mapping of LayerKey to bytes
    damaged : mapping of LayerKey to bytes
        Layers that came as soft values, with what is known of them.
    channel_uses : int
        Everything on air.
    """

    payloads: Mapping[LayerKey, bytes]
    damaged: Mapping[LayerKey, bytes] = field(default_factory=dict)
    channel_uses: int = 0


def chosen_mcs(row: Row, waveform: Waveform) -> str:
    """The row's MCS, or the fastest that its SNR allows; the most robust one where none does."""
    if row.mcs != "auto":
        return row.mcs
    thresholds = thresholds_db(waveform)
    fitting = [name for name, threshold in thresholds.items() if threshold + MARGIN_DB <= row.snr_db]
    return fitting[-1] if fitting else next(iter(thresholds))


def deliver(row: Row, outgoing: Outgoing, waveform: Waveform, mcs: str) -> Delivered:
    """Send the frames of one picture once over the row's link."""
    if row.link == "gallager":
        from semcom.apps.sweeps.gallager_link import over_gallager

        return over_gallager(outgoing, row.snr_db, row.seed)
    if row.link == "ideal":
        came = ideal_exchange(
            outgoing.frames, items_of(outgoing.packet), row.snr_db, row.seed, waveform.nominal_rate_hz
        )
        return Delivered(came.payloads, came.damaged, came.channel_uses)
    return _over_modem(row, outgoing, waveform, mcs)


class _Listener:
    """Reporter and assembler together, as `SimulatedAir.send` speaks to one."""

    def __init__(self) -> None:
        self.assembler = Assembler(requirements_of)
        self._reporter = Reporter(self.assembler.receiver)

    def block(self, payload, source, process, snr_db, llr=b"") -> None:
        arrival = self._reporter.block(payload, source, process, snr_db, llr)
        if arrival is not None:
            self.assembler.take(arrival)


def _over_modem(row: Row, outgoing: Outgoing, waveform: Waveform, mcs: str) -> Delivered:
    fading = None if row.channel == AWGN else profile(row.channel)
    air = SimulatedAir(waveform, row.snr_db, np.random.default_rng(row.seed), mcs, fading)
    listener = _Listener()
    transmissions = [Transmission(frame, n % NUM_PROCESSES, 0, True) for n, frame in enumerate(outgoing.frames)]
    for first in range(0, len(transmissions), FRAMES_AT_ONCE):
        air.send(transmissions[first : first + FRAMES_AT_ONCE], listener)
    scopes = dict.fromkeys(frame.name.key.scope for frame in outgoing.frames)
    pictures = [listener.assembler.picture(scope) for scope in scopes if scope.picture]
    payloads = {LayerKey(*key): payload for picture in pictures for key, payload in picture.payloads.items()}
    damaged = {LayerKey(*key): llr for picture in pictures for key, llr in picture.damaged.items()}
    return Delivered(payloads, damaged, air.channel_uses)
