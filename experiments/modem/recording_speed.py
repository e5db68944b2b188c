"""CPU time of receiving from a recording at an RTL-SDR's rate: read, converted, resampled, received, on one core.

    python -m semcom.experiments.modem.recording_speed

Makes a recording (cu8, 2.4 Msps) of bursts with 1 ms between them in a folder of its own and replays it as
`semcom replay` does, flowgraph included. Times are CPU time of the whole process, all threads, pinned to one core; the
parts are measured one by one over the same samples. Writes recording_speed.csv and recording_speed.md.
"""

from __future__ import annotations

import argparse
import csv
import os
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import scipy.signal

from semcom.phy.any_rate_receiver import AnyRateReceiver
from semcom.phy.channel.awgn import add_noise, noise_var_for
from semcom.phy.mcs import find_mcs
from semcom.phy.recording.metadata import Recording, read_recording
from semcom.phy.recording.reader import RecordingReader
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

RATE_HZ, UP, DOWN = 2.4e6, 12, 5
DRIVE = 0.2  # of the converter's full scale
_CHUNK = 1 << 18  # as many samples as the block takes at a time


def make_recording(
    path: Path, seconds: int, mcs: str, frame_bytes: int, snr_db: float, rng: np.random.Generator
) -> int:
    """Samples of an RTL-SDR, without metadata: a second of bursts, again and again, in fresh noise; bursts in all."""
    waveform = Waveform.load("ofdm64")
    gap = np.zeros(round(1e-3 * waveform.nominal_rate_hz), np.complex64)
    transmitter, parts, length, count = Transmitter(waveform), [], 0, 0
    while True:
        burst = transmitter.modulate([TransportBlock(rng.bytes(frame_bytes))], find_mcs(mcs))
        if length + len(gap) + len(burst) > waveform.nominal_rate_hz:
            break
        parts += [gap, burst]
        length, count = length + len(gap) + len(burst), count + 1
    parts.append(np.zeros(round(waveform.nominal_rate_hz) - length, np.complex64))
    signal = scipy.signal.resample_poly(np.concatenate(parts), UP, DOWN).astype(np.complex64)
    noise_var = noise_var_for(snr_db) * RATE_HZ / waveform.nominal_rate_hz
    with path.open("wb") as file:
        for _ in range(seconds):
            values = add_noise(signal, noise_var, rng).view(np.float32)
            np.clip(np.round(values * (128 * DRIVE) + 127.5), 0, 255).astype(np.uint8).tofile(file)
    return count * seconds


def chunks(recording: Recording) -> Iterator[np.ndarray]:
    """Its samples."""
    with RecordingReader(recording) as reader:
        while len(samples := reader.read(_CHUNK)[0]):
            yield samples


def cpu_s(action: Callable[[], int]) -> tuple[float, int]:
    """CPU time of the process, seconds, and what the action returns."""
    start = time.process_time()
    result = action()
    return time.process_time() - start, result


def measure(path: Path, seconds: int, num_bursts: int, max_cfo_subcarriers: float) -> dict:
    """CPU seconds per second of signal: of all, and of the parts."""
    from semcom.flowgraphs.live.receive import Listener, run_receive
    from semcom.sdr_configs.radio import parse_radio

    recording = read_recording(path, sample_rate_hz=RATE_HZ)
    radio = parse_radio(
        {
            "driver": "sigmf",
            "recording": str(path),
            "recorded_rate_hz": RATE_HZ,
            "max_cfo_subcarriers": max_cfo_subcarriers,
        }
    )

    def replay() -> int:
        good = []
        run_receive(radio, Listener(on_frame=lambda frame: good.append(frame.crc_ok)), timeout_s=100.0 * seconds)
        return sum(good)

    receiver = AnyRateReceiver(Waveform.load("ofdm64"), RATE_HZ, max_cfo_subcarriers or None)

    def receive() -> int:
        bursts = [burst for samples in chunks(recording) for burst in receiver.push(samples)] + receiver.flush()
        return sum(block.crc_ok for burst in bursts for block in burst.blocks)

    resampler = receiver.resampler

    def resample() -> int:
        return sum(len(resampler.push(samples)) for samples in chunks(recording))

    receive()  # everything compiled, files in memory
    whole_s, good = cpu_s(replay)
    numerics_s, _ = cpu_s(receive)
    resampled_s, _ = cpu_s(resample)
    read_s, _ = cpu_s(lambda: sum(map(len, chunks(recording))))
    return {
        "max_cfo_subcarriers": max_cfo_subcarriers or 1.0,
        "received_at_msps": receiver.sample_rate_hz / 1e6,
        "seconds": seconds,
        "bursts": num_bursts,
        "delivered": good / num_bursts,
        "read_cpu": read_s / seconds,
        "resample_cpu": (resampled_s - read_s) / seconds,
        "receive_cpu": (numerics_s - resampled_s) / seconds,
        "whole_cpu": whole_s / seconds,
        "times_real_time": seconds / whole_s,
    }


def main(arguments: list[str] | None = None) -> None:
    """Command line, see the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--mcs", default="qpsk-1/2")
    parser.add_argument("--frame-bytes", type=int, default=1000)
    parser.add_argument("--snr-db", type=float, default=10.0)
    parser.add_argument("--search", type=float, nargs="+", default=[0.0, 6.0], help="subcarriers; 0: the waveform's")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args(arguments)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rtl.cu8"
        recipe = (options.mcs, options.frame_bytes, options.snr_db)
        num_bursts = make_recording(path, options.seconds, *recipe, np.random.default_rng(1))
        rows = []
        for search in options.search:
            rows.append(measure(path, options.seconds, num_bursts, search))
            print({key: f"{v:.3g}" if isinstance(v, float) else v for key, v in rows[-1].items()}, flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "recording_speed.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    shown = shlex.join(sys.argv[1:] if arguments is None else arguments)
    lines = [
        "# CPU time of receiving from a recording, one core",
        "",
        f"`python -m semcom.experiments.modem.recording_speed {shown}`".replace(" `", "`"),
        "",
        f"{options.seconds} s at 2.4 Msps, cu8: bursts of {options.frame_bytes} B in {options.mcs} with 1 ms between "
        f"them, SNR {options.snr_db:g} dB, {num_bursts // options.seconds} a second. CPU seconds per second of signal; "
        "the whole is what `semcom replay` does, with GNU Radio's flowgraph, without pictures.",
        "",
        "| search | received at | delivered | read | resampled | received | whole | times real time |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| ±{r['max_cfo_subcarriers']:g} subcarriers | {r['received_at_msps']:g} Msps | {r['delivered']:.4g} "
        f"| {r['read_cpu']:.3f} | {r['resample_cpu']:.3f} | {r['receive_cpu']:.3f} | {r['whole_cpu']:.3f} "
        f"| {r['times_real_time']:.2f} |"
        for r in rows
    ]
    (options.out / "recording_speed.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
