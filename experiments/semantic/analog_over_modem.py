"""Analog systems over the AWGN formula and over the whole modem, at equal Es/N0 and equal data symbols.

    python -m semcom.experiments.semantic.analog_over_modem --shared ../shared --photos 4 --cbr 1/6

PSNR of Kodak photos, means. Formula: each symbol with white noise of known variance. Modem: bursts of 8192 symbols with
preamble, signal field, coded part and pilots, a random carrier offset, detection, channel and noise estimated; Es/N0 is
that of its used carriers. Overhead: channel uses for a data symbol. `--systems jscc` where its weights are there.
"""

from __future__ import annotations

import argparse
from fractions import Fraction
from pathlib import Path

import numpy as np

from semcom.phy import analog, channel
from semcom.phy.channel.ideal import send_symbols
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform
from semcom.semantic import EncodeRequest, encode, load_picture
from semcom.semantic.layers import LayerKind, decode_layer
from semcom.semantic.layers.analog_block import EXACT_BYTES, AnalogBlock, with_noise
from semcom.semantic.metrics.quality import psnr_db
from semcom.semantic.reconstruct.analog import analog_picture

MCS = MCS_TABLE["bpsk-1/3"]


def over_formula(layers: list, esno_db: float, rng: np.random.Generator) -> list[AnalogBlock]:
    """Blocks with white noise."""
    return [_received(layer, *send_symbols(layer.content.symbols, esno_db, rng)) for layer in layers]


class Modem:
    """Transmitter, channel and receiver of one waveform."""

    def __init__(self, name: str) -> None:
        self.waveform = Waveform.load(name)
        self._transmitter, self._receiver = Transmitter(self.waveform), Receiver(self.waveform)
        self.channel_uses = 0

    def over(self, layers: list, esno_db: float, rng: np.random.Generator) -> list[AnalogBlock]:
        """Blocks as the receiver delivers them; those that are lost are left out."""
        snr_db = esno_db - 10 * np.log10(self.waveform.fft_size / self.waveform.num_used)
        blocks = []
        for layer in layers:
            block = TransportBlock(layer.payload, coded_bytes=EXACT_BYTES, analog=True)
            iq = self._transmitter.modulate([block], MCS)
            self.channel_uses += len(iq)
            silence = np.zeros(rng.integers(300, 900), np.complex64)
            cfo_hz = rng.uniform(-0.4, 0.4) * self.waveform.subcarrier_spacing_hz
            samples = channel.carrier_offset(
                np.concatenate([silence, iq, silence]), cfo_hz, self.waveform.nominal_rate_hz
            )
            samples = channel.add_noise(samples, channel.noise_var_for(snr_db), rng)
            for burst in self._receiver.push(samples) + self._receiver.flush():
                blocks += [_received(layer, b.symbols, b.noise_var) for b in burst.blocks if b.symbols is not None]
        return blocks


def _received(layer, symbols: np.ndarray, noise_var: np.ndarray) -> AnalogBlock:
    """As a receiver reads it: through the bytes of the link."""
    payload = layer.payload[:EXACT_BYTES] + analog.to_bytes(symbols)
    return with_noise(decode_layer(layer.key, payload).content, analog.noise_to_bytes(noise_var))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--photos", type=int, default=12)
    parser.add_argument("--cbr", type=Fraction, default=Fraction(1, 6))
    parser.add_argument("--esno-db", type=float, nargs="+", default=(-3, 0, 5, 10, 19))
    parser.add_argument("--systems", nargs="+", default=("linear_analog",))
    parser.add_argument("--waveform", default="ofdm64")
    parser.add_argument("--formula-only", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    files = sorted((options.shared / "data/kodak").glob("*.png"))
    photos = [load_picture(path) for path in files[:: max(1, len(files) // options.photos)][: options.photos]]
    modem, rng = Modem(options.waveform), np.random.default_rng(options.seed)
    print("| system | Es/N0, dB | formula, dB | modem, dB | channel uses for a data symbol |\n|---|---|---|---|---|")
    for system in options.systems:
        for esno_db in options.esno_db:
            quality, modem.channel_uses, symbols = {"formula": [], "modem": []}, 0, 0
            for photo in photos:
                config = {"cbr": float(options.cbr), "snr_db": round(esno_db)}
                packet = encode(photo, request=EncodeRequest(system, config=config))
                layers = packet.of_kind(LayerKind.ANALOG_BLOCK)
                symbols += sum(len(layer.content.symbols) for layer in layers)
                quality["formula"].append(psnr_db(photo, analog_picture(over_formula(layers, esno_db, rng))))
                if not options.formula_only:
                    quality["modem"].append(psnr_db(photo, analog_picture(modem.over(layers, esno_db, rng))))
            means = [f"{np.mean(values):.2f}" if values else "" for values in quality.values()]
            print(f"| {system} | {esno_db:g} | {' | '.join(means)} | {modem.channel_uses / symbols:.3f} |", flush=True)


if __name__ == "__main__":
    main()
