"""Block error rate of the channel code alone, QPSK over AWGN with known noise, against what theory allows.

    python -m semcom.experiments.modem.ldpc_bler --out docs/results/ldpc_bler.csv

For each payload size and code rate the Es/N0 is raised in steps until fewer than 1 % of the blocks are lost; the Es/N0
at exactly 1 % is read off between the last two steps, on a logarithmic scale. Beside it stand the limit for endless
blocks (BICM) and the normal approximation for blocks of this very length, which no code is expected to beat by much.
"""

import argparse
import csv
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from semcom.experiments.modem.bicm_limit import bicm_limit_esno_db
from semcom.phy.coding.transport_block_coding import minimum_coded_bits, transport_block_coder

_TARGET_BLER = 0.01


@dataclass(frozen=True)
class Threshold:
    """Where one size and rate loses 1 % of its blocks, and what theory says about it."""

    payload_bytes: int
    code_rate: float
    num_coded_bits: int
    esno_db: float
    normal_approximation_db: float
    bicm_limit_db: float
    blocks_per_point: int
    mean_iterations: float
    false_payloads: int


def normal_approximation_esno_db(num_bits: int, num_coded_bits: int, bler: float) -> float:
    """Es/N0 of QPSK at which the best code of this length has this block error rate, approximately.

    [Polyanskiy 2010], equation 296: k = n C - sqrt(n V) Q^-1(bler) + log2(n) / 2, for the binary-input AWGN channel.
    """
    t = np.linspace(-9, 9, 2001)
    weight = np.exp(-(t**2) / 2)
    weight /= weight.sum()

    def excess_bits(esno_db: float) -> float:
        snr = 10 ** (esno_db / 10)  # of a real axis: half the energy, half the noise
        llr = 2 * snr + 2 * np.sqrt(snr) * t
        density = 1 - np.logaddexp(0, -llr) / np.log(2)
        capacity = weight @ density
        dispersion = weight @ (density - capacity) ** 2
        n = num_coded_bits
        return n * capacity - np.sqrt(n * dispersion) * norm.isf(bler) + np.log2(n) / 2 - num_bits

    return float(brentq(excess_bits, -20, 20))


def coded_bits(payload_bytes: int, code_rate: float) -> int:
    """Payload bits over code rate, in whole symbols, but never fewer than the code needs."""
    return max(2 * round(8 * payload_bytes / code_rate / 2), minimum_coded_bits(payload_bytes, 2, code_rate))


def measure(payload_bytes: int, code_rate: float, esno_db: float, num_blocks: int, rng) -> tuple[int, float, int]:
    """Blocks lost, mean iterations, payloads that were wrong though their CRC was right."""
    num_coded_bits = coded_bits(payload_bytes, code_rate)
    coder = transport_block_coder(payload_bytes, 2, code_rate, num_coded_bits)
    deviation = np.float32(10 ** (-esno_db / 20))
    lost = iterations = false = 0
    for _ in range(num_blocks):
        payload = rng.bytes(payload_bytes)
        received = 1 - 2 * coder.encode(payload).astype(np.float32)
        received += deviation * rng.standard_normal(num_coded_bits, dtype=np.float32)
        result = coder.decode(2 * received / deviation**2)
        lost += not result.crc_ok
        false += result.crc_ok and result.payload != payload
        iterations += result.num_iterations
    return lost, iterations / num_blocks, false


def threshold(payload_bytes: int, code_rate: float, num_blocks: int, step_db: float, rng) -> Threshold:
    """Raise Es/N0 from the normal approximation on until less than the target is lost."""
    num_coded_bits = coded_bits(payload_bytes, code_rate)
    approximation = normal_approximation_esno_db(8 * payload_bytes, num_coded_bits, _TARGET_BLER)
    esno_db, before, false = approximation, None, 0
    while True:
        lost, iterations, wrong = measure(payload_bytes, code_rate, esno_db, num_blocks, rng)
        false += wrong
        bler = max(lost, 0.5) / num_blocks
        if bler < _TARGET_BLER:
            break
        before, esno_db = bler, esno_db + step_db
    if before is not None:
        share = np.log(before / _TARGET_BLER) / np.log(before / bler)
        esno_db += (share - 1) * step_db
    limit = bicm_limit_esno_db(2, code_rate)
    return Threshold(
        payload_bytes, code_rate, num_coded_bits, round(float(esno_db), 2), round(approximation, 2), round(limit, 2),
        num_blocks, round(iterations, 1), false,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payload-bytes", type=int, nargs="+", default=[20, 40, 120, 400, 1000, 8192])
    parser.add_argument("--code-rate", type=float, nargs="+", default=[1 / 5, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 5 / 6])
    parser.add_argument("--blocks", type=int, default=4000, help="per point, for blocks up to 400 bytes")
    parser.add_argument("--step-db", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out/ldpc_bler.csv"))
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    print("| payload, bytes | rate | Es/N0 at BLER 1 %, dB | above BICM limit, dB | above finite-length limit, dB |")
    print("|---|---|---|---|---|")
    with arguments.out.open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Threshold)])
        writer.writeheader()
        for payload_bytes in arguments.payload_bytes:
            num_blocks = max(arguments.blocks * min(400, payload_bytes) // payload_bytes, 400)
            for code_rate in arguments.code_rate:
                t = threshold(payload_bytes, code_rate, num_blocks, arguments.step_db, rng)
                writer.writerow(asdict(t))
                file.flush()
                print(
                    f"| {payload_bytes} | {code_rate:.3f} | {t.esno_db:.2f} | {t.esno_db - t.bicm_limit_db:.2f} "
                    f"| {t.esno_db - t.normal_approximation_db:.2f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
