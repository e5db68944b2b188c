"""Captions over the air: soft text repaired by n-grams against the coded caption at equal channel uses.

    python -m semcom.experiments.semantic.soft_text --shared ../shared --captions 200

One caption of each held-out photo. Each goes through the whole modem (preamble, carrier offset up to half a subcarrier,
channel estimation, signal field) and the link: once as soft text, once as the caption layer in an LDPC-coded frame, in
the most robust MCS that takes no more channel uses. What does not arrive counts as an empty sentence. Writes
``soft_text.csv`` and ``soft_text.png``. `--bart FOLDER` measures the BART of ``train_bart_repair`` alone, on texts that
came the same way with other noise, and adds its column to what lies there.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

from semcom.experiments.training.caption_split import test_captions
from semcom.link import Item, Key, Receiver, Sender
from semcom.phy import burst_layout
from semcom.phy.burst import ReceivedBlock
from semcom.phy.channel import add_noise
from semcom.phy.channel.carrier_offset import carrier_offset
from semcom.phy.mcs import MCS_TABLE, Mcs
from semcom.phy.receiver import Receiver as Modem
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform
from semcom.semantic import LayerKey
from semcom.semantic.backends.bart import BartRepairer
from semcom.semantic.layers import Caption, LayerKind, PlainText, decode_layer, encode_layer
from semcom.semantic.layers.plain_text import check_of, coded
from semcom.semantic.metrics.text import corpus_bleu
from semcom.semantic.plain_texts import plain
from semcom.semantic.repair.ngram import NgramRepairer

RESULTS = Path(__file__).resolve().parents[2] / "docs" / "results"
ESNO_DB = (-4, -3, -2, -1, 0, 2, 4, 6, 8, 10)
WAYS = {
    "raw": "soft text, not repaired",
    "hard": "n-grams on decided bits",
    "soft": "n-grams on soft values",
    "checked": "n-grams on soft values, chosen by the check",
    "ldpc": "coded caption, LDPC, equal channel uses",
}
BART = "small BART trained here, characters as they came"
SOFT_TEXT_MCS = "bpsk-1/3"
"""Of the coded part, as `semcom send` takes it."""
_KEY = LayerKey(0, 0, 1, 1)
_SILENCE = 600


class Air:
    """The modem with a channel of white noise and a carrier offset between."""

    def __init__(self, waveform: Waveform, rng: np.random.Generator) -> None:
        self.waveform, self.rng = waveform, rng
        self.transmitter, self.modem = Transmitter(waveform), Modem(waveform)
        self.snr_minus_esno_db = -10 * np.log10(waveform.fft_size / waveform.num_used)

    def cross(self, block: TransportBlock, mcs: Mcs, esno_db: float) -> ReceivedBlock | None:
        """The block as it is received; None where its burst or its coded part is lost."""
        silence = np.zeros(_SILENCE + int(self.rng.integers(64)), np.complex64)
        samples = np.concatenate([silence, self.transmitter.modulate([block], mcs), silence])
        cfo_hz = self.rng.uniform(-0.5, 0.5) * self.waveform.subcarrier_spacing_hz
        shifted = carrier_offset(samples, cfo_hz, self.waveform.nominal_rate_hz, self.rng.uniform(0, 2 * np.pi))
        noisy = add_noise(shifted, 10 ** (-(esno_db + self.snr_minus_esno_db) / 10), self.rng)
        bursts = self.modem.push(noisy) + self.modem.flush()
        return next((found for burst in bursts for found in burst.blocks if found.crc_ok), None)


def soft_block(text: str) -> TransportBlock:
    """The caption as soft text, headers of layer and link in its coded part."""
    layer = encode_layer(_KEY, LayerKind.PLAIN_TEXT, PlainText(text))
    (frame,) = Sender().frames([Item(Key(*_KEY), 7, layer.payload, exact_bytes=layer.kind.type.exact_bytes)])
    return TransportBlock(frame.data, coded_bytes=frame.coded_bytes)


def coded_block(text: str) -> TransportBlock:
    """The caption as a caption layer in a link frame."""
    layer = encode_layer(_KEY, LayerKind.CAPTION, Caption(text))
    return TransportBlock(Sender().frames([Item(Key(*_KEY), 7, layer.payload)])[0].data)


def equal_mcs(waveform: Waveform, block: TransportBlock, most_uses: int) -> Mcs:
    """The most robust MCS in which the block takes at most so many channel uses."""
    sizes = ((mcs, burst_layout.channel_uses(waveform, mcs, 1, len(block.payload))) for mcs in MCS_TABLE.values())
    return next(mcs for mcs, uses in sizes if uses <= most_uses)


def read(block: ReceivedBlock | None):
    """Content of the layer that the link makes of a block, and its LLRs; None where there is none."""
    if block is None:
        return None, b""
    llr = b"" if block.llr is None else block.llr.tobytes()
    items = Receiver().push(block.payload, llr).items
    return (decode_layer(_KEY, items[0].payload).content, items[0].llr) if items else (None, b"")


def measure(air: Air, texts: list[str], esno_db: float, soft: NgramRepairer, hard: NgramRepairer) -> dict[str, float]:
    """BLEU of each way, and how it came about."""
    came: dict[str, list[str]] = {way: [] for way in WAYS}
    uses, coded_uses, lost = [], [], {"soft": 0, "ldpc": 0}
    for text in texts:
        block, other = soft_block(text), coded_block(text)
        mcs = MCS_TABLE[SOFT_TEXT_MCS]
        uses.append(burst_layout.block_layout(air.waveform, mcs, block).num_samples)
        other_mcs = equal_mcs(air.waveform, other, uses[-1])
        coded_uses.append(burst_layout.channel_uses(air.waveform, other_mcs, 1, len(other.payload)))
        content, llr = read(air.cross(block, mcs, esno_db))
        lost["soft"] += content is None
        came["raw"].append(content.text if content else "")
        repaired = {way: came["raw"][-1] for way in ("hard", "soft", "checked")}
        if content is not None and not content.intact:
            values = np.frombuffer(llr, np.int8).astype(np.float32).reshape(-1, 8) / 8
            known = {"llr": values, "characters": content.characters, "check": content.check}
            found = soft.candidates(content.text, known)
            fitting = (each for each in found if check_of(coded(each, False)) == content.check)
            repaired = {"hard": hard(content.text, known)[0], "soft": found[0], "checked": next(fitting, found[0])}
        for way, words in repaired.items():
            came[way].append(words)
        content, _ = read(air.cross(other, other_mcs, esno_db))
        lost["ldpc"] += content is None
        came["ldpc"].append(content.text if content else "")
    row = {"esno_db": esno_db} | {way: round(100 * corpus_bleu(came[way], texts), 1) for way in WAYS}
    row |= {f"lost_{way}": round(count / len(texts), 3) for way, count in lost.items()}
    exact = np.mean([a == b for a, b in zip(came["checked"], texts, strict=True)])
    return row | {"checked_exact": round(float(exact), 3), "uses": np.mean(uses), "uses_ldpc": np.mean(coded_uses)}


def measure_bart(air: Air, texts: list[str], esno_db: float, repairer: BartRepairer) -> float:
    """BLEU of texts that came as soft text and were repaired without their soft values and their check."""
    came = []
    for text in texts:
        content, _ = read(air.cross(soft_block(text), MCS_TABLE[SOFT_TEXT_MCS], esno_db))
        came.append("" if content is None else content.text if content.intact else repairer(content.text, {})[0])
    return round(100 * corpus_bleu(came, texts), 1)


def written(path: Path) -> list[dict[str, float]]:
    """Rows of an earlier run."""
    with path.open(newline="", encoding="utf-8") as file:
        return [{name: float(value) for name, value in row.items() if value} for row in csv.DictReader(file)]


def write(rows: list[dict[str, float]], folder: Path) -> None:
    """Table and picture."""
    with (folder / "soft_text.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    draw(rows, folder / "soft_text.png")


def draw(rows: list[dict[str, float]], path: Path) -> None:
    """BLEU over Es/N0."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for (way, words), line in zip(WAYS.items(), (":", "--", "-.", "-", "-"), strict=True):
        axes.plot([row["esno_db"] for row in rows], [row[way] for row in rows], line, marker=".", label=words)
    known = [(row["esno_db"], row["bart"]) for row in rows if "bart" in row]
    if known:
        axes.plot(*zip(*known, strict=True), "--", marker="x", color="grey", label=BART)
    axes.set(xlabel="Es/N0 in dB", ylabel="BLEU", ylim=(0, 102))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--shared", type=Path, required=True, help="Folder with data/.")
    parser.add_argument("--captions", type=int, default=200)
    parser.add_argument("--esno-db", type=float, nargs="+", default=ESNO_DB)
    parser.add_argument("--waveform", default="ofdm64")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bart", type=Path, help="Folder of a BART, to measure it alone.")
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    texts = [plain(text) for text in test_captions(arguments.shared)][: arguments.captions]
    if arguments.bart is not None:
        rows, repairer = written(arguments.out / "soft_text.csv"), BartRepairer(str(arguments.bart), beams=1)
        for row in (row for row in rows if row["esno_db"] in arguments.esno_db):
            air = Air(Waveform.load(arguments.waveform), np.random.default_rng(arguments.seed))
            row["bart"] = measure_bart(air, texts, row["esno_db"], repairer)
            print(row, flush=True)
            write(rows, arguments.out)
        return
    soft, hard = NgramRepairer(), NgramRepairer(beam=128, soft=False, use_check=False)
    rows = []
    for esno_db in arguments.esno_db:
        air = Air(Waveform.load(arguments.waveform), np.random.default_rng(arguments.seed))
        rows.append(measure(air, texts, esno_db, soft, hard))
        print(rows[-1], flush=True)
        write(rows, arguments.out)


if __name__ == "__main__":
    main()
