"""What it costs and saves to stop decoding blocks without hope: the same noise with and without, in turns.

    python -m semcom.experiments.modem.ldpc_early_stop

AWGN with known noise variance, one transport block at a time, decoded again from perturbed values where it fails, as in
the receiver. First near a BLER of 1 %, where the loss is converted to dB by the slope of the curve (BLER once more
`_SLOPE_STEP_DB` higher); then 1 to 3 dB below, where nothing can be decoded. Writes ldpc_early_stop.md.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from semcom.phy.coding.transport_block_coding import transport_block_coder
from semcom.phy.mcs import find_mcs
from semcom.phy.ofdm.constellation import constellation

NEAR_THRESHOLD = {
    ("bpsk-1/8", 120): (-9.15, 4000),
    ("qpsk-1/2", 120): (1.1, 12000),
    ("16qam-1/2", 120): (6.3, 10000),
    ("64qam-5/6", 120): (17.4, 10000),
    ("qpsk-1/2", 1000): (0.8, 2000),
    ("64qam-5/6", 1000): (16.85, 3000),
}
"""Es/N0 in dB at a BLER of about 1 %, and blocks."""
_BELOW_DB = (1.0, 2.0, 3.0)
_SLOPE_STEP_DB = 0.1


@dataclass(frozen=True)
class Comparison:
    """Blocks lost and CPU seconds, without and with the early stop."""

    blocks: int
    lost: tuple[int, int]
    only: tuple[int, int]
    cpu_s: tuple[float, float]

    @property
    def cpu_ratio(self) -> float:
        """Time with the early stop over that without it."""
        return self.cpu_s[1] / self.cpu_s[0]


def compare(mcs_name: str, payload_bytes: int, esno_db: float, blocks: int, rng: np.random.Generator) -> Comparison:
    """Decode every block twice, without and with the early stop, in changing order."""
    mcs = find_mcs(mcs_name)
    modulation = constellation(mcs.bits_per_symbol)
    symbols = -(-int((8 * payload_bytes + 24) / mcs.code_rate) // mcs.bits_per_symbol)
    coder = transport_block_coder(payload_bytes, mcs.bits_per_symbol, mcs.code_rate, symbols * mcs.bits_per_symbol)
    noise_var = np.full(symbols, 10 ** (-esno_db / 10), np.float32)
    coder.decode(np.ones(coder.num_coded_bits, np.float32))  # kernels are compiled
    lost, only, cpu_s = [0, 0], [0, 0], [0.0, 0.0]
    for index in range(blocks):
        sent = modulation.map(coder.encode(rng.bytes(payload_bytes)))
        noise = rng.standard_normal(symbols) + 1j * rng.standard_normal(symbols)
        received = (sent + np.sqrt(noise_var / 2) * noise).astype(np.complex64)
        llr, failed = modulation.demap(received, noise_var), [False, False]
        for early in (0, 1) if index % 2 else (1, 0):
            started = time.process_time()
            failed[early] = not coder.decode(llr, give_up=bool(early)).crc_ok
            cpu_s[early] += time.process_time() - started
        for early in (0, 1):
            lost[early] += failed[early]
            only[early] += failed[early] and not failed[1 - early]
    return Comparison(blocks, tuple(lost), tuple(only), tuple(cpu_s))


def loss_db(near: Comparison, higher: Comparison) -> float:
    """Loss of the early stop at the point `near`, by the slope of the curve without it up to `higher`."""
    bler = [max(c.lost[0], 0.5) / c.blocks for c in (near, higher)]
    decades_per_db = np.log10(bler[0] / bler[1]) / _SLOPE_STEP_DB
    return float(np.log10(max(near.lost[1], 0.5) / max(near.lost[0], 0.5)) / decades_per_db)


def main() -> None:
    """Command line, see the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=1.0, help="of the blocks near the threshold")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    lines = [
        "# Early stop of the LDPC decoder",
        "",
        f"`{shlex.join(['python', '-m', __spec__.name, *sys.argv[1:]])}`",
        "",
        "The same noise with and without the early stop, in turns. CPU: time with over time without, at that Es/N0 and "
        "1, 2 and 3 dB below.",
        "",
        "| MCS | block | Es/N0 | blocks | lost without | lost with | loss | CPU | CPU 1, 2, 3 dB below |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for (name, size), (esno_db, blocks) in NEAR_THRESHOLD.items():
        blocks = round(options.share * blocks)
        near = compare(name, size, esno_db, blocks, rng)
        higher = compare(name, size, esno_db + _SLOPE_STEP_DB, blocks, rng)
        below = [compare(name, size, esno_db - step, 100, rng).cpu_ratio for step in _BELOW_DB]
        lines.append(
            f"| {name} | {size} B | {esno_db:g} dB | {blocks} | {near.lost[0]} | {near.lost[1]} "
            f"| {loss_db(near, higher):.3f} dB | {near.cpu_ratio:.2f} | {', '.join(f'{r:.2f}' for r in below)} |"
        )
        print(lines[-1], flush=True)
    (options.out / "ldpc_early_stop.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
