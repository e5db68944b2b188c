"""The photo as AVIF in the same airtime: what an ordinary picture file would have brought over the same radio."""

from __future__ import annotations

import numpy as np

from semcom.apps.delivery.outgoing import AirSettings, Outgoing, prepare
from semcom.apps.live.air_loop import FramesToSend
from semcom.phy.waveform import Waveform
from semcom.semantic import EncodeRequest, analyse

RIVAL_GROUP = 1
"""Of its pictures; ours are of group 0."""


def rival_frames(
    pixels: np.ndarray, ours: Outgoing, mcs: str, stream: int, number: int, waveform: Waveform
) -> FramesToSend:
    """Frames of the AVIF file that takes as long on air as our packet, all protected alike.

    Parameters
    ----------
    pixels : uint8 [height, width, 3]
        Blanked like ours.
    ours : Outgoing
        With a plan.
    mcs : str
    stream, number : int
        Of our picture; the frames' own is no picture that is counted: minus this number.
    waveform : Waveform
    """
    airtime_ms = 1e3 * sum(entry.channel_uses for entry in ours.plan) / waveform.nominal_rate_hz
    settings = AirSettings(mcs=mcs, policy="flat", airtime_ms=airtime_ms)
    outgoing = prepare(analyse(pixels, EncodeRequest(system="avif")), (stream, RIVAL_GROUP, number), settings, waveform)
    return FramesToSend(-number, [(frame.data, frame.mcs or mcs) for frame in outgoing.frames])
