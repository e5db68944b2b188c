"""Which gain receives best, and how far the oscillators are apart: bursts received at one gain after another."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np

from semcom.blocks.pdu import make_pdu
from semcom.flowgraphs.errors import RadioSettingError
from semcom.flowgraphs.live.receive import Drain, Listener, ReceiveTopBlock
from semcom.flowgraphs.live.transmit import TransmitTopBlock
from semcom.flowgraphs.radios.ptt import Ptt
from semcom.flowgraphs.radios.stream_events import StreamEvents
from semcom.sdr_configs.real_radio import RealRadio

SETTLE_S = 0.1
"""Of signal: what the driver's buffers hold was received with the gain before."""

WORTH_DB = 0.5
"""More gain must better the error vector by this to be preferred."""

PROBE_MCS = "bpsk-1/2"
PROBE_BYTES = 64
PROBES_AHEAD = 8
POLL_S = 0.02


@dataclass(frozen=True)
class GainStep:
    """What was heard at one gain; None where nothing was."""

    gain_db: float
    num_bursts: int
    evm_db: float | None
    snr_db: float | None
    cfo_hz: float | None
    num_inverted: int = 0
    """Bursts of which only the inverted spectrum was recognised."""


def best_step(steps: Sequence[GainStep]) -> GainStep | None:
    """The step with the lowest error vector; of those as good but for half a decibel, the one with the least gain."""
    heard = [step for step in steps if step.evm_db is not None]
    if not heard:
        return None
    lowest = min(step.evm_db for step in heard)
    return min((step for step in heard if step.evm_db <= lowest + WORTH_DB), key=lambda step: step.gain_db)


def sweep_gain(
    radio: RealRadio,
    gains_db: Sequence[float],
    *,
    own_transmitter: bool = False,
    sweep_transmitter: bool = False,
    bursts_per_step: int = 5,
    step_s: float = 5.0,
    progress: Callable[[GainStep], None] = lambda step: None,
) -> list[GainStep]:
    """Receive at each gain until enough bursts came or the step's time is over.

    Parameters
    ----------
    radio : RealRadio
    gains_db : sequence of float
        What the device refuses is left out.
    own_transmitter : bool
        Send probes from the same radio; else another one must be sending.
    sweep_transmitter : bool
        The gains are the transmitter's (of a Pluto: attenuation with a minus); else the receiver's.
    bursts_per_step : int
    step_s : float
    progress : callable

    Raises
    ------
    RadioError
    """
    if sweep_transmitter and not own_transmitter:
        raise RadioSettingError("own transmitter must be used to sweep the transmitter's gain")
    with StreamEvents():
        receiving = ReceiveTopBlock(radio)
        transmitting = None
        try:
            transmitting = TransmitTopBlock(radio, max_blocks_per_burst=1) if own_transmitter else None
            side = transmitting if sweep_transmitter else receiving
            if side.radio.set_gain_db is None:
                raise RadioSettingError(
                    f"driver {radio.driver} has no gain to calibrate: radio must be a pluto, uhd or soapy one"
                )
            receiving.start()
            if transmitting is None:
                return _sweep(receiving, None, side.radio.set_gain_db, gains_db, bursts_per_step, step_s, progress)
            with Ptt(radio):
                transmitting.start()
                return _sweep(
                    receiving, transmitting, side.radio.set_gain_db, gains_db, bursts_per_step, step_s, progress
                )
        finally:
            for top_block in filter(None, (transmitting, receiving)):
                top_block.stop()
                top_block.wait()
                top_block.close_radio()


def _sweep(receiving, transmitting, set_gain_db, gains_db, bursts_per_step, step_s, progress) -> list[GainStep]:
    probes = cycle(bytes([number]) * PROBE_BYTES for number in range(256))
    posted = 0

    def listen(since_sample: int) -> list:
        """Bursts that began after a position of the stream."""
        nonlocal posted
        heard: list = []

        def keep(burst) -> None:
            if burst.header_ok and burst.start_sample >= since_sample:
                heard.append(burst)

        drain = Drain(receiving, Listener(on_burst=keep))
        until = time.monotonic() + step_s
        while time.monotonic() < until and len(heard) < bursts_per_step:
            while transmitting is not None and posted - transmitting.modulator.counts["bursts"] < PROBES_AHEAD:
                transmitting.post(make_pdu({"mcs": PROBE_MCS}, next(probes)))
                posted += 1
            drain()
            time.sleep(POLL_S)
        return heard

    steps = []
    for gain_db in gains_db:
        try:
            got_db = set_gain_db(gain_db)
        except RadioSettingError:
            continue
        inverted = receiving.receiver.counts["inverted_spectra"]
        heard = listen(receiving.position + round(SETTLE_S * receiving.receiver_rate_hz))

        def median(name: str, heard: list = heard) -> float | None:
            return float(np.median([getattr(burst, name) for burst in heard])) if heard else None

        inverted = receiving.receiver.counts["inverted_spectra"] - inverted
        steps.append(GainStep(got_db, len(heard), median("evm_db"), median("snr_db"), median("cfo_hz"), inverted))
        progress(steps[-1])
    return steps
