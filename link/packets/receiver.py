"""Blocks as the modem gives them → packets, once each, and the reports that go back."""

from __future__ import annotations

import math
from collections import Counter, OrderedDict

from semcom.link.arq.feedback import Feedback
from semcom.link.arq.reporter import Reporter
from semcom.link.errors import FrameError
from semcom.link.packets.packet import NUM_SEQUENCE_NUMBERS, Packet, PacketKind
from semcom.link.receiver import Receiver

MAX_BATCHES = 1024
"""Kept in mind, so that a late repeat is not given out again."""

MAX_STREAMS = 64
"""Senders whose sequence numbers are followed."""

BURST_SHARE = 1.25
"""Of the last burst's length that a report waits for the next burst."""

_LATE = NUM_SEQUENCE_NUMBERS // 2


class PacketReceiver:
    """Puts packets together, counts those that are missing, and plans reports.

    A report is due at once where a batch is whole, else once no more of it seems to be on the way.

    Parameters
    ----------
    pause_s : float
        Without a block, beyond the length of a burst, before a report about half a batch.

    Attributes
    ----------
    counts : Counter
        ``packets``, ``missing`` (by sequence number, so far), ``no_packets`` (frames of something else), ``refused``.
    stations : OrderedDict of int to str
        Call sign that a source has told, the last ones told.
    """

    def __init__(self, pause_s: float = 0.03) -> None:
        self._reporter = Reporter(Receiver(MAX_BATCHES))
        self._pause_s, self._burst_s = pause_s, 0.0
        self._due_s: dict[int, float] = {}  # source, when a report to it is due
        self._sequences: OrderedDict[int, _Sequence] = OrderedDict()
        self.counts: Counter[str] = Counter()
        self.stations: OrderedDict[int, str] = OrderedDict()

    def block(
        self, payload: bytes | None, source: int, process: int, snr_db: float | None, now_s: float
    ) -> list[tuple[int, Packet]]:
        """Take one block; None where its CRC failed.

        Returns
        -------
        list of (int, Packet)
            Packets that it completed, each with the number of its sender's stream.
        """
        arrival = self._reporter.block(payload, source, process, snr_db)
        due_s = now_s + self._pause_s + BURST_SHARE * self._burst_s
        if arrival is None:
            self._due_s[source] = due_s
            return []
        if arrival.status == "refused":
            self.counts["refused"] += 1
            return []
        is_whole = self._reporter.receiver.is_complete(arrival.name.key.scope)
        self._due_s[source] = now_s if is_whole else due_s
        packets = []
        for item in arrival.items:
            try:
                packet = Packet.from_bytes(item.payload)
            except FrameError:
                self.counts["no_packets"] += 1
                continue
            self._note(item.key.stream, source, packet)
            packets.append((item.key.stream, packet))
        return packets

    def burst_heard(self, duration_s: float) -> None:
        """A burst of that length was heard: so long it may take until the next one of its round is here."""
        self._burst_s = duration_s

    def sources_to_answer(self, now_s: float = math.inf) -> list[int]:
        """Sources to which a report is due by then."""
        return [source for source, due_s in self._due_s.items() if due_s <= now_s]

    @property
    def next_report_s(self) -> float:
        """When the next report is due; infinity: none is."""
        return min(self._due_s.values(), default=math.inf)

    def reports(self, source: int) -> list[Feedback]:
        """What to tell this source now; the next report starts anew."""
        self._due_s.pop(source, None)
        return self._reporter.reports(source)

    def _note(self, stream: int, source: int, packet: Packet) -> None:
        self.counts["packets"] += packet.kind in (PacketKind.DATAGRAM, PacketKind.STREAM)
        if packet.kind is PacketKind.STATION:
            self.stations[source] = packet.data.decode("ascii")
            self.stations.move_to_end(source)
            while len(self.stations) > MAX_STREAMS:
                self.stations.popitem(last=False)
        elif packet.kind is PacketKind.DATAGRAM:
            sequence = self._sequences.setdefault(stream, _Sequence())
            self._sequences.move_to_end(stream)
            before = sequence.missing
            sequence.note(packet.number)
            self.counts["missing"] += sequence.missing - before
            while len(self._sequences) > MAX_STREAMS:
                self._sequences.popitem(last=False)


class _Sequence:
    """Counts numbers that were passed over; one that comes late is taken off again, as RTP does [RFC 3550, A.3]."""

    def __init__(self) -> None:
        self._next: int | None = None
        self.missing = 0

    def note(self, number: int) -> None:
        ahead = 0 if self._next is None else (number - self._next) % NUM_SEQUENCE_NUMBERS
        if ahead < _LATE:
            self.missing += ahead
            self._next = (number + 1) % NUM_SEQUENCE_NUMBERS
        elif self.missing:
            self.missing -= 1
