"""Frames per second through the three processes, beside the same frames through the loopback in one process.

    python -m semcom.experiments.services.service_throughput --frames 4000

One packet of random bytes is split into frames and sent both ways over the same channel, in turns. The added latency is
that of single frames, sent when nothing else is on the way: from the hand-over to the radio's process until the
receiving host has it, beside the same in one process. Writes service_throughput.md to the output folder.
"""

from __future__ import annotations

import argparse
import select
import shlex
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from semcom.experiments.services.service_processes import ServiceTrio, wait_until
from semcom.flowgraphs.live.loopback import LiveLoopback
from semcom.flowgraphs.loopback.headless import run_loopback
from semcom.flowgraphs.loopback.result import ReceivedFrame
from semcom.link import Frame, Key
from semcom.link.messages import Kind, Role
from semcom.link.transports.client import Client
from semcom.link.transports.key_files import KeyRing
from semcom.sdr_configs.radio import load_radio
from semcom.semantic import SemanticPacket
from semcom.semantic.layers import Layer, LayerKey

MCS = "qpsk-1/2"
FRAME_BYTES = 256
_PIECE_BYTES = FRAME_BYTES - 19
_MAX_PIECES = 4000
_UNKNOWN_KIND = 0x1F


def packet_of(num_frames: int, rng: np.random.Generator) -> SemanticPacket:
    """Layers of a kind nobody knows, carried all the same: about this many frames."""
    layers = []
    while num_frames > 0:
        pieces = min(num_frames, _MAX_PIECES)
        payload = bytes([_UNKNOWN_KIND]) + rng.bytes(pieces * _PIECE_BYTES - 1)
        layers.append(Layer(LayerKey(0, 0, 1, len(layers) + 1), _UNKNOWN_KIND & 15, 5, None, payload))
        num_frames -= pieces
    return SemanticPacket(0, 0, 1, tuple(layers))


def in_one_process(frames: list[bytes], radio: str) -> float:
    """Frames per second."""
    settings = load_radio(radio)
    since = time.perf_counter()
    result = run_loopback([(frame, MCS) for frame in frames], settings.waveform, settings.channel)
    assert sum(frame.crc_ok for frame in result.frames) == len(frames), "frames lost in one process"
    return len(frames) / (time.perf_counter() - since)


def through_three(trio: ServiceTrio, packet: bytes, number: int) -> float:
    """Frames per second, from the moment the radio has the first until the receiving host has confirmed the last."""
    before = trio.status("radio")["frames"]["confirmed"]
    complete = trio.status("tx")["account"]["complete"]
    (trio.folder / "aside").write_bytes(packet)
    (trio.folder / "aside").rename(trio.photos / f"{number}.sem")
    started = wait_until(lambda: _confirmed(trio) > before and (time.perf_counter(), _confirmed(trio)), "first frame")
    wait_until(lambda: trio.status("tx")["account"]["complete"] > complete, "last frame", 600)
    return (_confirmed(trio) - started[1]) / (time.perf_counter() - started[0])


def latencies_ms(trio: ServiceTrio, frames: list[bytes]) -> list[float]:
    """Single frames through the radio's process; the two hosts are in this one."""
    keys = trio.folder / "keys"
    tx = Client(trio.address, KeyRing.load(keys / "tx"), "radio", Role.TX)
    rx = Client(trio.address, KeyRing.load(keys / "rx"), "radio", Role.RX, window=64)
    found = []
    try:
        wait_until(lambda: list(tx.receive()) and tx.connected, "sending host")
        wait_until(lambda: list(rx.receive()) and rx.connected, "receiving host")
        for number, frame in enumerate(frames, start=1):
            since = time.perf_counter()
            tx.send(Kind.FRAME, number=number, mcs=MCS, frame=frame)
            came = False
            while not came:
                rx.socket.poll(1000)
                for message in rx.receive():
                    if message.kind is Kind.RECEIVED and message.body["frame"] == frame:
                        found.append(1e3 * (time.perf_counter() - since))
                        rx.send(Kind.RECEIPT, up_to=message.body["number"], names=())
                        came = True
                assert time.perf_counter() - since < 10, "a frame did not come within 10 s"
            list(tx.receive())
    finally:
        tx.close()
        rx.close()
    return found


def latencies_in_one_ms(frames: list[bytes], radio: str) -> list[float]:
    """Single frames through the live loopback in this process."""
    air = LiveLoopback(load_radio(radio))
    found = []
    try:
        for number, frame in enumerate(frames, start=1):
            since = time.perf_counter()
            air.send(number, frame, MCS)
            came = False
            while not came:
                select.select(air.waits_on(), [], [], 1.0)
                came = any(isinstance(event, ReceivedFrame) for event in air.events())
            found.append(1e3 * (time.perf_counter() - since))
            time.sleep(0.01)
    finally:
        air.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--frames", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--singles", type=int, default=200)
    parser.add_argument("--radio", default="loopback-clean")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    arguments = parser.parse_args()
    rng = np.random.default_rng(1)
    packet = packet_of(arguments.frames, rng).to_bytes()
    frames = [rng.bytes(FRAME_BYTES) for _ in range(arguments.frames)]
    singles = [Frame(Key(0, 1, 1, 1), 7, rng.bytes(200)).to_bytes() for _ in range(arguments.singles)]
    alone, services = [], []
    with tempfile.TemporaryDirectory() as folder:
        trio = ServiceTrio(Path(folder), ("--radio", arguments.radio))
        try:
            trio.start()
            trio.wait_up()
            for number in range(arguments.rounds):
                services.append(through_three(trio, packet, number))
                alone.append(in_one_process(frames, arguments.radio))
                print(f"{services[-1]:.0f} of {alone[-1]:.0f} frames/s", flush=True)
            for name in ("tx", "rx"):
                trio.stop(name)
            three_ms = latencies_ms(trio, singles)
        finally:
            trio.close()
    one_ms = latencies_in_one_ms(singles, arguments.radio)
    added = [float(np.percentile(three_ms, q) - np.percentile(one_ms, q)) for q in (50, 95)]
    text = "\n".join(
        [
            "# Frames through three processes",
            "",
            f"`python -m semcom.experiments.services.service_throughput {shlex.join(sys.argv[1:])}`",
            "",
            f"Radio {arguments.radio}, {MCS}, frames of {FRAME_BYTES} bytes, {arguments.frames} a round, all processes "
            "on one computer (2 cores, which other work shared).",
            "",
            "| | frames per second, each round | mean |",
            "|---|---|---|",
            f"| one process | {', '.join(f'{rate:.0f}' for rate in alone)} | {np.mean(alone):.0f} |",
            f"| three processes | {', '.join(f'{rate:.0f}' for rate in services)} | {np.mean(services):.0f} |",
            "",
            f"Three processes reach {100 * np.mean(services) / np.mean(alone):.0f} % of one by the means; "
            f"{100 * np.median(np.array(services) / alone):.0f} % in the median round.",
            "",
            f"A single frame when nothing else is on the way ({len(singles)} of them): "
            f"{np.median(one_ms):.1f} ms in one process, {np.median(three_ms):.1f} ms from host to host; "
            f"added: {added[0]:.1f} ms at the median, {added[1]:.1f} ms at the 95th percentile.",
            "",
        ]
    )
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "service_throughput.md").write_text(text, encoding="utf-8")
    print(text)


def _confirmed(trio: ServiceTrio) -> int:
    return trio.status("radio")["frames"]["confirmed"]


if __name__ == "__main__":
    main()
