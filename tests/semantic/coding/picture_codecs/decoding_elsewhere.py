"""The learned codec in other processes: with other numbers of threads, with and without oneDNN."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np

LIMIT_S = 300
DECODE = """
import hashlib, sys, torch
torch.set_num_threads(int(sys.argv[1]))
torch.backends.mkldnn.enabled = sys.argv[2] == "on"
from semcom.semantic.coding.picture_codecs.hyperprior import Hyperprior
data, size = sys.stdin.buffer.read(), (int(sys.argv[3]), int(sys.argv[4]))
step, numbers = Hyperprior().numbers(data, size)
sys.stdout.buffer.write(hashlib.sha256(numbers.tobytes()).digest() + Hyperprior().decode(data, size).tobytes())
"""


def check_decodes_alike_everywhere(data: bytes, size: tuple[int, int]) -> None:
    """Latents are identical with 1 and 4 threads, with and without oneDNN; pixels differ by 1 at most."""
    outcomes = []
    for threads, kernels in (("1", "on"), ("4", "on"), ("1", "off"), ("4", "off")):
        environment = os.environ | {"OMP_NUM_THREADS": threads}
        command = [sys.executable, "-c", DECODE, threads, kernels, *map(str, size)]
        made = subprocess.run(command, input=data, capture_output=True, check=True, timeout=LIMIT_S, env=environment)
        outcomes.append(made.stdout)
    assert len({outcome[:32] for outcome in outcomes}) == 1
    pixels = np.stack([np.frombuffer(outcome[32:], np.uint8).astype(int) for outcome in outcomes])
    assert pixels.shape == (4, 3 * size[0] * size[1]) and np.ptp(pixels, axis=0).max() <= 1
