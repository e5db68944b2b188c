"""Decoding in other processes: with other numbers of threads, with and without oneDNN."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np

LIMIT_S = 300
KERNELS = """
import sys, torch
torch.set_num_threads(int(sys.argv[1]))
torch.backends.mkldnn.enabled = sys.argv[2] == "on"
"""
DECODE = """
import hashlib
from semcom.semantic.coding.picture_codecs.hyperprior import Hyperprior
data, size = sys.stdin.buffer.read(), (int(sys.argv[3]), int(sys.argv[4]))
step, numbers = Hyperprior().numbers(data, size)
sys.stdout.buffer.write(hashlib.sha256(numbers.tobytes()).digest() + Hyperprior().decode(data, size).tobytes())
"""
DECODE_PACKET = """
from semcom.semantic import SemanticPacket, decode
sys.stdout.buffer.write(decode(SemanticPacket.from_bytes(sys.stdin.buffer.read())).picture.tobytes())
"""


def outcomes_elsewhere(code: str, data: bytes, *arguments: str) -> list[bytes]:
    """What code makes of bytes in four processes: 1 and 4 threads, with and without oneDNN."""
    outcomes = []
    for threads, kernels in (("1", "on"), ("4", "on"), ("1", "off"), ("4", "off")):
        environment = os.environ | {"OMP_NUM_THREADS": threads}
        command = [sys.executable, "-c", KERNELS + code, threads, kernels, *arguments]
        made = subprocess.run(command, input=data, capture_output=True, check=True, timeout=LIMIT_S, env=environment)
        outcomes.append(made.stdout)
    return outcomes


def check_pixels_agree(outcomes: list[bytes], num_values: int) -> None:
    """They differ by 1 at most."""
    pixels = np.stack([np.frombuffer(outcome, np.uint8).astype(int) for outcome in outcomes])
    assert pixels.shape == (4, num_values) and np.ptp(pixels, axis=0).max() <= 1


def check_decodes_alike_everywhere(data: bytes, size: tuple[int, int]) -> None:
    """Latents are identical with 1 and 4 threads, with and without oneDNN; pixels differ by 1 at most."""
    outcomes = outcomes_elsewhere(DECODE, data, *map(str, size))
    assert len({outcome[:32] for outcome in outcomes}) == 1
    check_pixels_agree([outcome[32:] for outcome in outcomes], 3 * size[0] * size[1])


def check_packet_decodes_alike_everywhere(packet: bytes, num_values: int) -> None:
    """The picture of a whole packet: pixels differ by 1 at most."""
    check_pixels_agree(outcomes_elsewhere(DECODE_PACKET, packet), num_values)
