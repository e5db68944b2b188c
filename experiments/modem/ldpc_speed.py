"""Speed of the channel code on one core, near its threshold, beside an FFT in the same run.

    OMP_NUM_THREADS=1 python -m semcom.experiments.modem.ldpc_speed --out docs/results/ldpc_speed.csv

Three things are timed per size: the decoder one code block at a time, the decoder on a batch, and a whole transport
block as the receiver decodes it (rate matching, decoding, CRC) and the transmitter encodes it. CPU time of the process,
information bits (payload) per second. The reference is scipy's FFT of 4096 complex64 points, in samples per second.
"""

import argparse
import csv
import time
from pathlib import Path

import numpy as np
import scipy.fft

from semcom.phy.coding.ldpc.decoder import LdpcDecoder
from semcom.phy.coding.transport_block_coding import TransportBlockCoder

_BATCH_LANES = 512  # lifting size times batch: enough to fill the vectors, small enough for the cache

# payload bytes, code rate, Es/N0 in dB where QPSK loses about 1 % of the blocks
_CASES = [
    (20, 1 / 2, 3.0),
    (120, 1 / 5, -3.6),
    (120, 1 / 2, 1.5),
    (120, 5 / 6, 6.0),
    (1000, 1 / 2, 0.85),
    (1000, 3 / 4, 4.1),
    (8192, 1 / 2, 0.8),
]


def fft_samples_per_second(repetitions: int = 300) -> float:
    rng = np.random.default_rng(0)
    block = rng.standard_normal((16, 4096)).astype(np.complex64)
    scipy.fft.fft(block)
    start = time.process_time()
    for _ in range(repetitions):
        scipy.fft.fft(block)
    return repetitions * block.size / (time.process_time() - start)


def measure(payload_bytes: int, code_rate: float, esno_db: float, num_blocks: int, rng: np.random.Generator) -> dict:
    """One row of the table; the same noisy blocks go through all ways of decoding."""
    num_coded_bits = 2 * round(8 * payload_bytes / code_rate / 2)
    coder = TransportBlockCoder(payload_bytes, 2, code_rate, num_coded_bits)
    s = coder.segmentation
    payloads = [rng.bytes(payload_bytes) for _ in range(num_blocks)]
    coder.encode(payloads[0])
    start = time.process_time()
    coded = [coder.encode(payload) for payload in payloads]
    encode_s = time.process_time() - start

    deviation = np.float32(10 ** (-esno_db / 20))
    llrs = []
    for bits in coded:
        received = 1 - 2 * bits.astype(np.float32)
        received += deviation * rng.standard_normal(num_coded_bits, dtype=np.float32)
        llrs.append(2 * received / deviation**2)
    coder.decode(llrs[0])
    start = time.process_time()
    results = [coder.decode(llr) for llr in llrs]
    block_s = time.process_time() - start

    decoder = LdpcDecoder(s.graph, s.num_code_block_bits)
    buffers = np.concatenate([result.soft_buffer.values for result in results])
    decoder.decode(buffers[0])
    start = time.process_time()
    for buffer in buffers:
        decoder.decode(buffer)
    single_s = time.process_time() - start
    batch = max(_BATCH_LANES // s.graph.lifting_size, 1)
    start = time.process_time()
    for first in range(0, len(buffers), batch):
        decoder.decode(buffers[first : first + batch])
    batch_s = time.process_time() - start

    megabits = 8e-6 * payload_bytes * num_blocks
    return {
        "payload_bytes": payload_bytes,
        "code_rate": round(code_rate, 3),
        "esno_db": esno_db,
        "blocks": num_blocks,
        "lost": sum(not result.crc_ok for result in results),
        "mean_iterations": round(float(np.mean([result.num_iterations for result in results])), 1),
        "single_mbps": round(megabits / single_s, 1),
        "batch": batch,
        "batched_mbps": round(megabits / batch_s, 1),
        "transport_block_decode_mbps": round(megabits / block_s, 1),
        "transport_block_decode_us": round(1e6 * block_s / num_blocks),
        "transport_block_encode_mbps": round(megabits / encode_s, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", type=int, default=1000, help="for blocks up to 400 bytes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out/ldpc_speed.csv"))
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    fft = fft_samples_per_second()
    print(f"FFT reference: {fft / 1e6:.0f} Msamples/s\n")
    rows = []
    for payload_bytes, code_rate, esno_db in _CASES:
        num_blocks = max(arguments.blocks * min(400, payload_bytes) // payload_bytes, 100)
        row = measure(payload_bytes, code_rate, esno_db, num_blocks, rng)
        row["fft_samples_per_bit"] = round(fft / 1e6 / row["single_mbps"], 1)
        rows.append(row)
        if len(rows) == 1:
            print("| " + " | ".join(row) + " |")
            print("|" + "---|" * len(row))
        print("| " + " | ".join(str(value) for value in row.values()) + " |", flush=True)
    with arguments.out.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
