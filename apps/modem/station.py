"""A station: one port, one end of a packet link, one air."""

from __future__ import annotations

import select
import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Protocol

from semcom.apps.delivery.said_once import SaidOnce
from semcom.apps.modem.ports.port import Port
from semcom.flowgraphs.live.air import AirEvent, Settled
from semcom.flowgraphs.loopback.result import BurstStatistics, ReceivedFrame
from semcom.link.arq.repeat import Transmission
from semcom.link.packets.exchange import PacketExchange
from semcom.link.packets.packet import NUM_SEQUENCE_NUMBERS, Packet, PacketKind
from semcom.link.packets.stream import StreamCutter, StreamOrder
from semcom.phy.waveform import Waveform


class PacketAir(Protocol):
    """What a station needs of an `Air`."""

    waveform: Waveform

    def waits_on(self) -> Sequence[Any]: ...
    def status(self) -> dict[str, Any]: ...
    def send(self, number: int, frame: bytes, mcs: str, repeat: dict[str, Any] | None = None) -> None: ...
    def events(self) -> Sequence[AirEvent]: ...
    def close(self) -> None: ...


class Station:
    """Carries packets between a port and an air.

    Parameters
    ----------
    exchange : PacketExchange
    air : PacketAir
    source, sink : Port
        Of a tunnel the same one.
    hears_itself : bool
        What is sent here is also received here: a loopback of one station.
    tell : callable
        Given lines that a person should read.

    Attributes
    ----------
    counts : Counter
        ``packets_in``, ``packets_out``, ``bytes_in``, ``bytes_out``, ``bursts``, ``unread_bursts``, ``snr_db`` (of the
        last burst).
    order : StreamOrder
        Of the stream that is received, where the sink wants one.
    """

    def __init__(
        self,
        exchange: PacketExchange,
        air: PacketAir,
        source: Port,
        sink: Port,
        tell: Callable[[str], None],
        hears_itself: bool = False,
    ) -> None:
        self.exchange, self.air, self.source, self.sink = exchange, air, source, sink
        self.counts: Counter[str] = Counter()
        self.snr_db: float | None = None
        self.order = StreamOrder()
        self._tell, self._tell_once, self._hears_itself = tell, SaidOnce(tell), hears_itself
        self._cutter = StreamCutter() if source.is_stream else None
        self._end_is_sent = source.ended or not source.is_stream
        self._sequence, self._numbers = 0, count(1)
        self._stream: int | None = None  # the sender whose stream is received
        self._num_on_air = 0

    @property
    def has_sent_all(self) -> bool:
        """The source is at its end and everything has been sent."""
        return self.source.ended and self._end_is_sent and self.exchange.is_idle and not self._num_on_air

    def waits_on(self) -> list[Any]:
        """Sockets and file descriptors that are readable when `step` has something to do."""
        ports = {id(port): port for port in (self.source, self.sink)}.values()
        listened = [entry for port in ports for entry in port.waits_on() if self._wants_more or port is not self.source]
        return [*self.air.waits_on(), *listened]

    def wait_s(self) -> float:
        """When `step` is to be called at the latest."""
        return self.exchange.wait_s(time.monotonic())

    def step(self) -> None:
        """Everything that can be done now."""
        for event in self.air.events():
            self._take_event(event)
        self._read_port()
        now_s = time.monotonic()
        if getattr(self.air, "band_is_busy", False):
            self.exchange.band_in_use(now_s)
        for transmission in self.exchange.transmissions(now_s):
            self._send(transmission)
        self._say()

    def say_goodbye(self) -> None:
        """The station identification that ends a transmission."""
        if (last := self.exchange.last_words(time.monotonic())) is not None:
            self._send(last)

    @property
    def is_on_air(self) -> bool:
        return self._num_on_air > 0

    @property
    def _wants_more(self) -> bool:
        return self.exchange.has_room and not self.source.ended

    def _read_port(self) -> None:
        if self.sink is not self.source:
            self.sink.read()
        if self._wants_more:
            for data in self.source.read() if _is_readable(self.source) else ():
                self.counts["packets_in"] += 1
                self.counts["bytes_in"] += len(data)
                self.exchange.offer(self._packet(data))
        if self.source.ended and not self._end_is_sent:
            self._end_is_sent = True
            self.exchange.offer(self._cutter.end())

    def _packet(self, data: bytes) -> Packet:
        if self._cutter is not None:
            return self._cutter.piece(data)
        self._sequence += 1
        return Packet(PacketKind.DATAGRAM, data, (self._sequence - 1) % NUM_SEQUENCE_NUMBERS)

    def _send(self, entry: Transmission) -> None:
        settings = self.exchange.settings
        repeat = None
        if settings.repeats:
            repeat = {"process": entry.process, "redundancy_version": entry.redundancy_version}
            repeat["new_data"] = entry.new_data
        self._num_on_air += 1
        self.air.send(next(self._numbers), entry.frame.data, entry.frame.mcs or settings.mcs, repeat)

    def _take_event(self, event: AirEvent) -> None:
        now_s = time.monotonic()
        if isinstance(event, Settled):
            self._num_on_air -= len(event.outcomes)
            self.exchange.out(len(event.outcomes), now_s)
        elif isinstance(event, BurstStatistics):
            self.counts["bursts"] += 1
            self.counts["unread_bursts"] += not event.header_ok
            self.snr_db = float(event.snr_db) if event.header_ok else self.snr_db
            self._tell_once(event.note)
            self.exchange.receiver.burst_heard(event.channel_uses / self.air.waveform.nominal_rate_hz)
        elif isinstance(event, ReceivedFrame):
            source = -1 if self._hears_itself else event.source
            data = event.data if event.crc_ok else None
            for stream, packet in self.exchange.block(data, source, event.process, event.snr_db, now_s):
                self._deliver(stream, packet)

    def _deliver(self, stream: int, packet: Packet) -> None:
        if packet.kind is PacketKind.STATION:
            self._tell(f"heard station {packet.data.decode('ascii')}")
        elif packet.kind is PacketKind.DATAGRAM:
            if self.sink.is_stream and self._stream is None:
                self._tell_once("datagrams come; what is written is their bytes without their limits (--framing)")
            self._write(packet.data)
        elif not self.sink.is_stream:
            if packet.kind is PacketKind.STREAM:
                self._write(packet.data)
        else:
            self._stream = stream if self._stream is None else self._stream
            if stream != self._stream:
                self._tell_once(f"another station's stream is on the air too ({stream:04x}); it is left out")
                return
            self._write(self.order.take(packet))

    def _write(self, data: bytes) -> None:
        if data or not self.sink.is_stream:
            self.counts["packets_out"] += 1
            self.counts["bytes_out"] += len(data)
            self.sink.write(data)

    def write_rest(self) -> None:
        """Nothing more will be heard: what waits for its turn is written, with its holes."""
        if self.sink.is_stream and not self.order.ended:
            self._write(self.order.rest())

    def _say(self) -> None:
        for port in {id(port): port for port in (self.source, self.sink)}.values():
            for note in port.notes():
                self._tell(note)
        exchange = self.exchange
        if exchange.counts["same_source"]:
            number = exchange.settings.source
            self._tell_once(f"another station sends with our source number {number}: give one of them another --source")
        if exchange.counts["lost"]:
            most = exchange.settings.max_transmissions
            self._tell_once(f"some blocks were given up after {most} transmissions: does the other end run, and hear?")


def _is_readable(port: Port) -> bool:
    """Whether a read would not wait: files and pipes have no reads that return at once."""
    entries = [entry for entry in port.waits_on() if isinstance(entry, int)]
    return not entries or bool(select.select(entries, [], [], 0)[0])
