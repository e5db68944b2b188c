"""Recipe: pictures over fading in at most 4 transmissions, and what combining at the receiver is worth between hosts.

    python -m semcom.apps.services.combining_gain --pictures 300

Host tx, radio and host rx run in this process, as their commands put them together; the air is the modem over a fresh
draw of EVA70 for each burst, noise and a carrier offset: a draw of its own for each transmission of a frame, whenever
it happens to leave. Every picture is a packet of some frames at QPSK-1/2. Three
ways of sending again, each with at most 4 transmissions of a frame: *combined* (host tx as it is), *more robust*
(``--no-combine``: each time an MCS that needs 2.4 dB less), *same* (the same MCS, nothing combined). From ``--start-
db`` on the SNR goes down while 99 % are whole, or up until they are; the SNR for 99 % is interpolated between the last
two points in log10 of the share that is not whole. Writes combining.md to the output folder.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from semcom.apps.delivery import frame_plan
from semcom.apps.delivery.frame_plan import FramePlan
from semcom.apps.delivery.outgoing import AirSettings
from semcom.apps.report.model import COMPLETE, FrameCounts, PictureResult
from semcom.apps.services.radio_process.radio import RadioService
from semcom.apps.services.receiving.host_rx import WINDOW, HostRx
from semcom.apps.services.receiving.received_pictures import ReceivedPicture, ReceivedPictures
from semcom.apps.services.sending.host_tx import HostTx, TxSettings
from semcom.apps.services.sending.picture_source import PictureSource
from semcom.apps.services.sending.sent_pictures import SentPictures
from semcom.blocks.burst_queue import BurstQueue
from semcom.flowgraphs.live.air import Settled
from semcom.flowgraphs.loopback.result import CRC, DELIVERED, HEADER, MISSED, ReceivedFrame
from semcom.link import Scope
from semcom.link.messages import Kind, Role
from semcom.link.transports.client import Client
from semcom.link.transports.key_files import KeyRing, make_acquainted
from semcom.link.transports.mailbox import Mailbox
from semcom.phy import channel
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform
from semcom.semantic import SemanticPacket
from semcom.semantic.layers import Layer, LayerKey

MCS, PROFILE, MOST = "qpsk-1/2", "EVA70", 4
WAYS = ("combined", "more robust", "same")
PICTURE_BYTES = 700
SHARE, MOST_POINTS = 0.99, 12
FRAMES_A_BURST = 8
GAP = 400
"""Silence between bursts, samples."""


class FadingAir:
    """An `Air`: each burst through its own draw of fading, noise and carrier offset, at once.

    The draw follows from the seed, the burst's first frame and how often that was sent: what comes of a transmission
    does not depend on what left before it.
    """

    has_feedback_channel = False
    hears_itself = transmits = receives = is_up = True

    def __init__(self, waveform: Waveform, snr_db: float, seed: int) -> None:
        self.waveform, self.snr_db, self._seed = waveform, snr_db, seed
        self._transmitter, self._receiver = Transmitter(waveform), Receiver(waveform)
        self._queue, self._numbers, self._bursts = BurstQueue(waveform, FRAMES_A_BURST), deque(), 0
        self._times_sent: Counter[bytes] = Counter()
        self._profile, self._posted = channel.profile(PROFILE), Mailbox()
        self.transmissions = self.samples = 0

    def status(self) -> dict[str, Any]:
        return {"state": "running"}

    def waits_on(self) -> Sequence[Any]:
        return (self._posted,)

    def tell(self, kind: Kind, body: dict[str, Any]) -> bool:
        return False

    def send(self, number: int, frame: bytes, mcs: str, repeat: Mapping[str, Any] | None = None) -> None:
        self._queue.add(TransportBlock(frame, **repeat) if repeat else frame, self._queue.check(frame, mcs))
        self._numbers.append(number)
        self.transmissions += 1

    def events(self) -> Iterator[Any]:
        while (burst := self._queue.take()) is not None:
            blocks, mcs = burst
            numbers = [self._numbers.popleft() for _ in blocks]
            yield from self._through(blocks, mcs, numbers)

    def close(self) -> None:
        self._posted.close()

    def _through(self, blocks: list, mcs: Any, numbers: list[int]) -> Iterator[Any]:
        rate_hz, rng = self.waveform.nominal_rate_hz, self._draw(blocks)
        iq = self._transmitter.modulate(blocks, mcs)
        self.samples += len(iq)
        samples = np.concatenate([np.zeros(GAP, np.complex64), iq, np.zeros(2 * GAP, np.complex64)])
        samples = channel.fade(samples, self._profile, rate_hz, rng)[0]
        cfo_hz = rng.uniform(-1, 1) * self.waveform.subcarrier_spacing_hz
        samples = channel.carrier_offset(samples, cfo_hz, rate_hz, rng.uniform(0, 2 * np.pi))
        samples = channel.add_noise(samples, channel.noise_var_for(self.snr_db), rng)
        self._bursts += 1
        outcomes = [MISSED] * len(numbers)
        for heard in self._receiver.push(samples.astype(np.complex64)) + self._receiver.flush():
            if not heard.header_ok or len(heard.blocks) != len(numbers):
                outcomes = [HEADER] * len(numbers)
                continue
            outcomes = [CRC if block.payload is None else DELIVERED for block in heard.blocks]
            quality = (float(heard.snr_db), float(heard.cfo_hz), float(heard.evm_db), heard.mcs.name, self._bursts)
            for index, block in enumerate(heard.blocks):
                if block.payload is not None:
                    yield ReceivedFrame(block.payload, True, *quality, index, 0)
        yield Settled(list(zip(numbers, outcomes, strict=True)))

    def _draw(self, blocks: list) -> np.random.Generator:
        frames = [block.payload for block in blocks]
        self._times_sent.update(frames)
        first = frames[0]
        return np.random.default_rng([self._seed, self._times_sent[first], int.from_bytes(first, "big")])


class Counted:
    """Stands in for results: which pictures came whole."""

    def __init__(self) -> None:
        self.whole: set[Scope] = set()

    def write(self, picture: ReceivedPicture) -> PictureResult:
        if picture.complete:
            self.whole.add(picture.scope)
        counts = FrameCounts(None, None, None)
        return PictureResult(command="host rx", image="", outcome=COMPLETE, layers=[], frames=counts)

    def is_finished(self, scope: Scope) -> bool:
        return scope in self.whole

    def payloads(self, scope: Scope) -> dict[LayerKey, bytes] | None:
        return {} if scope in self.whole else None

    def to_disk(self) -> None: ...

    def take_removed(self) -> list[Scope]:
        return []

    def counts(self) -> dict[str, int]:
        return {"pictures": len(self.whole)}

    def close(self) -> None: ...


def whole_of(folder: Path, way: str, snr_db: float, pictures: int, seed: int) -> tuple[int, float, float]:
    """Pictures that came whole, transmissions of a frame, and milliseconds on air a picture."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    (folder / "photos").mkdir()
    for number in range(pictures):
        payload = b"\x1e" + rng.bytes(PICTURE_BYTES)
        packet = SemanticPacket(0, 0, 1, (Layer(LayerKey(0, 0, 1, 1), 14, 5, None, payload),))
        (folder / "photos" / f"{number:05d}.sem").write_bytes(packet.to_bytes())
    make_acquainted(folder / "keys", ["tx", "radio", "rx"])
    rings = {name: KeyRing.load(folder / "keys" / name) for name in ("tx", "radio", "rx")}
    waveform = Waveform.load("ofdm64")
    air = FadingAir(waveform, snr_db, seed)
    radio = RadioService(air, "tcp://127.0.0.1:*", rings["radio"])
    address, results = radio.server.address, Counted()
    received = ReceivedPictures(folder / "rx" / "frames", results.payloads, results.to_disk)
    rx = HostRx(Client(address, rings["rx"], "radio", Role.RX, WINDOW, "host rx"), received, results, folder / "rx")
    sent = SentPictures(folder / "tx" / "journal")
    source = PictureSource(folder / "photos", folder / "tx" / "requests", sent.is_done)
    settings = TxSettings(max_transmissions=MOST, until_done=True, combine=way == "combined")
    plan = FramePlan(AirSettings(MCS), waveform)
    tx = HostTx(Client(address, rings["tx"], "radio", Role.TX, name="host tx"), source, sent, settings, folder, plan)
    fallback_db, frame_plan.FALLBACK_DB = frame_plan.FALLBACK_DB, frame_plan.FALLBACK_DB * (way != "same")
    try:
        while sent.totals["pictures"] < pictures:
            for part in (tx, radio, rx):
                part.step()
            time.sleep(0.0005)
        frames = sent.totals["sent"]
        complete = sent.totals["complete"]
    finally:
        frame_plan.FALLBACK_DB = fallback_db
        for part in (tx, rx, radio):
            part.close()
    return complete, air.transmissions / frames, 1e3 * air.samples / waveform.nominal_rate_hz / pictures


def needed_db(points: Sequence[tuple[float, float]]) -> float | None:
    """SNR at which `SHARE` are whole, from points (SNR, share that is not); None where no two enclose it."""
    target = np.log10(1 - SHARE)
    logs = [(snr_db, np.log10(not_whole)) for snr_db, not_whole in sorted(points)]
    for (low_db, low), (high_db, high) in pairwise(logs):
        if low > target >= high:
            return float(low_db + (high_db - low_db) * (low - target) / (low - high))
    return None


def search(measure: Callable[[float], float], start_db: float, step_db: float) -> list[tuple[float, float]]:
    """Points from the start on, down while enough are whole or up until they are; at most `MOST_POINTS`."""
    points = [(start_db, measure(start_db))]
    down = points[0][1] <= 1 - SHARE
    while len(points) < MOST_POINTS and (points[-1][1] <= 1 - SHARE) == down:
        snr_db = points[-1][0] + (-step_db if down else step_db)
        points.append((snr_db, measure(snr_db)))
    return points


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pictures", type=int, default=300)
    parser.add_argument("--start-db", type=float, default=0.0)
    parser.add_argument("--step-db", type=float, default=1.0)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    arguments = parser.parse_args()
    lines = [
        "# Combining across transmissions, host to host",
        "",
        f"`python -m semcom.apps.services.combining_gain {shlex.join(sys.argv[1:])}`",
        "",
        f"{PROFILE}, {MCS}, {arguments.pictures} pictures of {PICTURE_BYTES} bytes a point, at most {MOST} "
        "transmissions of a frame.",
        "",
        "| sent again | SNR, dB | whole | transmissions of a frame | on air a picture |",
        "|---|---|---|---|---|",
    ]
    needed = {}
    with tempfile.TemporaryDirectory() as folder:
        for way in arguments.ways:

            def measure(snr_db: float, way: str = way) -> float:
                place, count = Path(folder) / way.replace(" ", "-") / f"{snr_db:g}", arguments.pictures
                whole, times, on_air_ms = whole_of(place, way, snr_db, count, arguments.seed)
                told = f"| {way} | {snr_db:g} | {100 * whole / count:.1f} % | {times:.2f} | {on_air_ms:.0f} ms |"
                lines.append(told)
                print(told, flush=True)
                return max(count - whole, 0.5) / count

            needed[way] = needed_db(search(measure, arguments.start_db, arguments.step_db))
    lines.append("")
    for way, snr_db in needed.items():
        told = f"{snr_db:.1f} dB" if snr_db is not None else "not within these points"
        lines.append(f"- {way}: 99 % whole at {told}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "combining.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines[-len(needed) :]))


if __name__ == "__main__":
    main()
