"""CPU time of this receiver against that of another checkout, in turns on the same samples.

    python -m semcom.experiments.modem.receiver_comparison --other PATH/TO/OTHER/CHECKOUT

One process for each checkout takes the samples in alternately; what counts is the ratio of their CPU times, the median
over `--pairs` pairs. The bursts that both give out are compared too. Writes receiver_comparison.md.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

_CHUNK = 65_536


def _serve() -> None:
    """A process of one checkout: files of samples by name on standard input, CPU seconds and results on output."""
    from semcom.phy.receiver import Receiver
    from semcom.phy.waveform import Waveform

    print(sys.modules[Receiver.__module__].__file__, flush=True)
    receiver = Receiver(Waveform.load("ofdm64"))
    for line in sys.stdin:
        samples = np.load(line.strip())
        started, bursts = time.process_time(), []
        for start in range(0, len(samples), _CHUNK):
            bursts += receiver.push(samples[start : start + _CHUNK])
        bursts += receiver.flush()
        seconds = time.process_time() - started
        blocks = [block for burst in bursts for block in burst.blocks]
        good = sum(block.crc_ok for block in blocks)
        same = hashlib.sha256()
        for burst in bursts:
            same.update(repr((burst.start_sample, burst.header_ok, burst.blocks, burst.snr_db, burst.cfo_hz)).encode())
            same.update(burst.channel.tobytes() + burst.constellation.tobytes())
        print(seconds, len(bursts), len(blocks), good, same.hexdigest()[:12], flush=True)


class Checkout:
    """A receiver of one checkout in a process of its own."""

    def __init__(self, folder: Path) -> None:
        folder = folder.resolve()
        # Without `site`: the editable install of one checkout would be found first, and stand for both.
        paths = [str(folder / ".dev"), *sys.path[1:]]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-S", __file__, "--serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd="/",
            text=True,
        )
        loaded = Path(self._process.stdout.readline().strip()).resolve()
        if folder not in loaded.parents:
            raise SystemExit(f"receiver of {folder} must be loaded, it is {loaded}")

    def receive(self, samples: Path) -> tuple[float, list[str]]:
        """CPU seconds, and bursts, blocks, good blocks and a fingerprint of all of them."""
        self._process.stdin.write(f"{samples}\n")
        self._process.stdin.flush()
        seconds, *figures = self._process.stdout.readline().split()
        return float(seconds), figures

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()


def compare(name: str, samples: np.ndarray, ours: Checkout, other: Checkout, pairs: int, folder: Path) -> dict:
    """CPU times of both and their ratio for one stream."""
    path = folder / "samples.npy"
    np.save(path, samples)
    figures = [ours.receive(path)[1], other.receive(path)[1]]  # tables are built, bytes are in the file cache
    times = [(ours.receive(path)[0], other.receive(path)[0]) for _ in range(pairs)]
    seconds = len(samples) / 1e6
    return {
        "stream": name,
        "ours": statistics.median(mine for mine, _ in times) / seconds,
        "other": statistics.median(theirs for _, theirs in times) / seconds,
        "ratio": statistics.median(theirs / mine for mine, theirs in times),
        "good": f"{figures[0][2]} and {figures[1][2]} of {figures[0][1]}",
        "same": "to the bit" if figures[0] == figures[1] else f"{figures[0][0]} and {figures[1][0]} bursts",
    }


def main(arguments: list[str] | None = None) -> None:
    """Command line, see the top of the file."""
    from semcom.experiments.modem import receiver_streams

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--other", type=Path, required=True, help="folder of the other checkout")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--only", default="", help="streams with this in their name")
    parser.add_argument("--unreadable", action="store_true", help="the streams that cannot be read, one second each")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    makers = {name: lambda name=name: receiver_streams.good_bursts(name) for name in receiver_streams.GOOD}
    if options.unreadable:
        names = receiver_streams.UNREADABLE
        makers = {name: lambda name=name: receiver_streams.unreadable(name, 1.0) for name in names}
    ours, other = Checkout(Path(__file__).parents[2]), Checkout(options.other)
    lines = [
        "| stream | this receiver, CPU s per s of signal at 1 Msps | the other | ratio | good blocks | results |",
        "|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for name in (name for name in makers if options.only in name):
            row = compare(name, makers[name](), ours, other, options.pairs, Path(folder))
            lines.append(
                f"| {row['stream']} | {row['ours']:.3f} | {row['other']:.3f} | {row['ratio']:.2f} | {row['good']} "
                f"| {row['same']} |"
            )
            print(lines[-1], flush=True)
    ours.close()
    other.close()
    if options.out:
        shown = shlex.join(sys.argv[1:] if arguments is None else arguments)
        title = ["# Receiver against another checkout", "", f"`python -m {__spec__.name} {shown}`", ""]
        options.out.write_text("\n".join(title + lines) + "\n")


if __name__ == "__main__":
    if "--serve" in sys.argv:
        _serve()
    else:
        main()
