"""A photo through a fading channel: picture → layers → frames → IQ, and back, into a folder of results.

Run: ``python examples/photo_through_fading.py PHOTO --out out/fading``; without PHOTO it takes the one that comes with
scikit-image. The three rooms are called one after the other, without GNU Radio; ``semcom send --radio loopback-fading``
does the same over GNU Radio's channel model.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from semcom.apps.commands.demo_photo import demo_photo
from semcom.apps.delivery.packet_items import items_of
from semcom.apps.report.output_folder import write_reconstruction, write_whole
from semcom.link import Receiver as LinkReceiver
from semcom.link import Sender
from semcom.phy import channel
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform
from semcom.semantic import LayerKey, SemanticPacket, decode, encode, load_picture

GAP_SAMPLES = 5000
"""Silence before each burst: 5 ms, in which the channel changes."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photo", type=Path, nargs="?", help="default: the photo of `semcom demo`")
    parser.add_argument("--snr-db", type=float, default=6.0, help="averaged over the fading")
    parser.add_argument("--fading", default="EVA70", help="profile and Doppler in Hz: EPA5, EVA70, ETU300, TDL-A30-10")
    parser.add_argument("--budget-bytes", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out/fading"))
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    waveform, mcs = Waveform.load("ofdm64"), MCS_TABLE["qpsk-1/2"]

    # semantic: what the picture means, as layers that decode independently of each other.
    packet = encode(load_picture(options.photo or demo_photo()), budget_bytes=options.budget_bytes)
    for layer in packet.layers:
        print(f"{layer.kind.label:12} {len(layer.payload):5} bytes, importance {layer.importance}")

    # link: layers become frames, the most important ones first.
    frames = Sender(max_frame_bytes=256).frames(items_of(packet))

    # phy: each frame a burst; all of them through one draw of the channel, which changes from burst to burst.
    transmitter, silence = Transmitter(waveform), np.zeros(GAP_SAMPLES, np.complex64)
    bursts = [transmitter.modulate([TransportBlock(frame.data)], mcs) for frame in frames]
    sent = np.concatenate([part for burst in bursts for part in (silence, burst)])
    profile = channel.profile(options.fading)
    faded, _ = channel.fade(sent, profile, waveform.nominal_rate_hz, rng)
    heard = channel.add_noise(faded, channel.noise_var_for(options.snr_db), rng)

    # And back. A frame that was lost is no error: what needs it is missing, by name.
    modem, link = Receiver(waveform), LinkReceiver()
    payloads: dict[LayerKey, bytes] = {}
    for burst in [*modem.push(heard), *modem.flush()]:
        for block in burst.blocks:
            if block.payload is not None:
                for item in link.push(block.payload).items:
                    payloads[LayerKey(*item.key)] = item.payload
    if not payloads:
        raise SystemExit("no layer arrived whole: try a higher --snr-db")
    received = SemanticPacket.from_payloads(payloads)
    lost = [layer.kind.label for layer in packet.layers if layer.key not in payloads]
    print(f"{len(payloads)} of {len(packet.layers)} layers arrived; lost: {', '.join(lost) or 'none'}")

    # Whatever arrived gives a picture; provenance.png says which pixels were received, and which were made up.
    reconstruction = decode(received)
    write_whole(options.out, lambda folder: write_reconstruction(folder, received, reconstruction))
    if reconstruction.caption:
        print(reconstruction.caption.text)
    print(f"results in {options.out}")


if __name__ == "__main__":
    main()
