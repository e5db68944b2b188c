"""The modem alone: bytes → IQ → channel → bytes, and the packet error rate.

Run: ``python examples/modem_alone.py --snr-db 0``. No picture, no link and no GNU Radio: only ``semcom.phy``.
"""

from __future__ import annotations

import argparse

import numpy as np

from semcom.phy import channel
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

FRAME_BYTES = 120
SILENCE_SAMPLES = 400
"""Of noise alone, between two bursts: a receiver finds each burst by itself."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--snr-db", type=float, default=0.0, help="mean burst power over noise variance")
    parser.add_argument("--cfo-hz", type=float, default=3000.0, help="carrier offset that the receiver has to find")
    parser.add_argument("--mcs", choices=list(MCS_TABLE), default="qpsk-1/2")
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    waveform = Waveform.load("ofdm64")

    # Bytes → IQ. Each burst carries one frame here; one of up to 64 frames costs less preamble.
    transmitter = Transmitter(waveform)
    frames = [rng.bytes(FRAME_BYTES) for _ in range(options.frames)]
    bursts = [transmitter.modulate([TransportBlock(frame)], MCS_TABLE[options.mcs]) for frame in frames]
    silence = np.zeros(SILENCE_SAMPLES, np.complex64)
    sent = np.concatenate([part for burst in bursts for part in (silence, burst)] + [silence])

    # The channel: oscillators that differ, and noise. Others are in semcom.phy.channel.
    turned = channel.carrier_offset(sent, options.cfo_hz, waveform.nominal_rate_hz)
    heard = channel.add_noise(turned, channel.noise_var_for(options.snr_db), rng)

    # IQ → bytes. The receiver takes chunks of any size; what it has not finished comes with flush().
    receiver = Receiver(waveform)
    received = [*receiver.push(heard), *receiver.flush()]

    # A missed burst, a failed signal field and a failed frame all count as lost.
    arrived = [block.payload for burst in received for block in burst.blocks if block.payload is not None]
    lost = len(set(frames) - set(arrived))
    airtime_s = sum(map(len, bursts)) / waveform.nominal_rate_hz
    print(f"{options.mcs} at {options.snr_db:g} dB: {len(frames)} frames of {FRAME_BYTES} bytes in {airtime_s:.3f} s")
    print(f"packet error rate {lost / len(frames):.3f} ({lost} lost)")
    if received:
        snr_db, cfo_hz = (np.median([getattr(burst, key) for burst in received]) for key in ("snr_db", "cfo_hz"))
        print(f"as the receiver measured it: SNR {snr_db:.1f} dB, carrier offset {cfo_hz:.0f} Hz")


if __name__ == "__main__":
    main()
