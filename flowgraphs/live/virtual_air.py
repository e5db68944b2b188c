"""A radio without hardware: bursts as IQ samples over ZeroMQ, through a channel in the middle (`semcom air`).

    send ─ BurstQueue ─ Transmitter ─ SAMPLES ══► air ══► SAMPLES ─ Receiver ─ events

No GNU Radio scheduler runs: the numbers are those of `phy`. Receipts and feedback travel beside the samples.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from semcom.blocks.burst_queue import BurstQueue
from semcom.flowgraphs.live.air import ON_AIR, AirEvent, Settled, Told
from semcom.flowgraphs.loopback.burst_view import pack_view
from semcom.flowgraphs.loopback.result import BurstStatistics, ReceivedFrame
from semcom.link.messages import MAX_SAMPLES_BYTES, Kind, Message
from semcom.link.transports.client import Client
from semcom.phy.burst import Burst
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

GAP_SAMPLES = 256
TAIL_SAMPLES = 8192
"""Silence after the last burst: a receiver keeps the last samples back until others come."""

MAX_AIR_MESSAGE_BYTES = MAX_SAMPLES_BYTES + 4096
MAX_QUEUED = 32
SHOWN_SYMBOLS = 64
_CHUNK_SAMPLES = MAX_SAMPLES_BYTES // 16
_SAMPLE = np.dtype("<c8")


class VirtualAir:
    """An `Air`: this radio's end of a virtual one.

    Parameters
    ----------
    waveform : Waveform
    client : Client
        To the air's process, with limits `MAX_AIR_MESSAGE_BYTES` and `MAX_QUEUED`.
    max_blocks_per_burst : int

    Attributes
    ----------
    counts : Counter
        ``bursts``, ``gaps`` (samples missing in what was received), ``refused_rate``.
    """

    has_feedback_channel = transmits = receives = is_up = True
    hears_itself = False

    def __init__(self, waveform: Waveform, client: Client, max_blocks_per_burst: int = 8) -> None:
        self.waveform, self._client = waveform, client
        self.counts: Counter[str] = Counter()
        self._transmitter = Transmitter(waveform)
        self._receiver = Receiver(waveform, sample_rate_hz=waveform.nominal_rate_hz)
        self._queue = BurstQueue(waveform, max_blocks_per_burst)
        self._numbers: deque[int] = deque()
        self._chunks: deque[tuple[np.ndarray, list[int]]] = deque()  # samples, and the frames settled once they are out
        self._position = self._expected = self._started_at = 0
        self._pushed = True

    def status(self) -> dict[str, Any]:
        return {"state": "running" if self._client.connected else "no air", **self.counts}

    def waits_on(self) -> Sequence[Any]:
        return (self._client.socket,)

    def send(self, number: int, frame: bytes, mcs: str, repeat: Mapping[str, Any] | None = None) -> None:
        block = TransportBlock(frame, **repeat) if repeat else frame
        self._queue.add(block, self._queue.check(frame, mcs))
        self._numbers.append(number)

    def tell(self, kind: Kind, body: dict[str, Any]) -> bool:
        return self._client.send(kind, **body)

    def events(self) -> Iterator[AirEvent]:
        for message in self._client.receive():
            yield from self._hear(message)
        yield from self._transmit()

    def close(self) -> None:
        self._client.close()

    def _transmit(self) -> Iterator[AirEvent]:
        """Make bursts while the air takes their samples."""
        while self._chunks or self._make_chunks():
            samples, numbers = self._chunks[0]
            body = {"position": self._position, "rate_hz": self.waveform.nominal_rate_hz}
            if not self._client.send(Kind.SAMPLES, **body, samples=samples.astype(_SAMPLE).tobytes()):
                return
            self._position += len(samples)
            self._chunks.popleft()
            if numbers:
                yield Settled([(number, ON_AIR) for number in numbers])

    def _make_chunks(self) -> bool:
        burst = self._queue.take()
        numbers: list[int] = []
        if burst is not None:
            blocks, mcs = burst
            numbers = [self._numbers.popleft() for _ in blocks]
            samples = np.concatenate([np.zeros(GAP_SAMPLES, np.complex64), self._transmitter.modulate(blocks, mcs)])
            self._pushed = False
            self.counts["bursts"] += 1
        elif not self._pushed:
            samples, self._pushed = np.zeros(TAIL_SAMPLES, np.complex64), True
        else:
            return False
        parts = [samples[at : at + _CHUNK_SAMPLES] for at in range(0, len(samples), _CHUNK_SAMPLES)]
        self._chunks.extend((part, numbers if at == len(parts) - 1 else []) for at, part in enumerate(parts))
        return True

    def _hear(self, message: Message) -> Iterator[AirEvent]:
        if message.kind in (Kind.RECEIPT, Kind.FEEDBACK, Kind.CREDIT):
            yield Told(message.kind, message.body)
        elif message.kind is Kind.SAMPLES:
            body = message.body
            if body["rate_hz"] != self.waveform.nominal_rate_hz or len(body["samples"]) % _SAMPLE.itemsize:
                self.counts["refused_rate"] += 1
                return
            samples = np.frombuffer(body["samples"], _SAMPLE)
            if body["position"] != self._expected:
                self.counts["gaps"] += 1
                for burst in self._receiver.flush():
                    yield from self._burst(burst)
                self._started_at = body["position"]
            self._expected = body["position"] + len(samples)
            for burst in self._receiver.push(samples):
                yield from self._burst(burst)

    def _burst(self, burst: Burst) -> Iterator[AirEvent]:
        self.counts["received"] += 1
        quality = {"snr_db": float(burst.snr_db), "cfo_hz": float(burst.cfo_hz), "evm_db": float(burst.evm_db)}
        about = {"burst": self.counts["received"], "start_sample": int(burst.start_sample) + self._started_at}
        mcs = burst.mcs.name if burst.mcs else None
        for index, block in enumerate(burst.blocks):
            ok = block.payload is not None
            combined = {"num_transmissions": block.num_transmissions}
            yield ReceivedFrame(block.payload, ok, mcs=mcs or "", block=index, **quality, **about, **combined)
        channel = np.asarray(burst.channel, np.complex64)
        constellation = np.asarray(burst.constellation, np.complex64).ravel()[:SHOWN_SYMBOLS]
        yield BurstStatistics(
            **about,
            **quality,
            mcs=mcs,
            header_ok=bool(burst.header_ok),
            clock_offset_ppm=float(burst.clock_offset_ppm),
            num_clipped=int(burst.num_clipped),
            channel_uses=int(burst.num_samples),
            num_blocks=len(burst.blocks),
            num_blocks_ok=sum(block.payload is not None for block in burst.blocks),
            channel=channel,
            constellation=constellation,
            view=pack_view(channel, constellation),
        )
