"""One end of a packet link: packets ⇄ transmissions, with repeats where there is a way back, and turns where both ends
share one frequency.

```
offer ─ waiting ─ batch ─ RepeatSender ─ round ─ transmissions ─► radio ≈≈≈ radio ─► block ─ packets
                              ▲                                                          │
                              └── report ◄─────────── radio ≈≈≈ radio ◄──── reports ─────┘
```

It has no clock and no radio: whoever runs it says what time it is, what was heard and what is out, and sends what it
is handed. A round of up to 63 blocks is answered by one report; HARQ is `arq.repeat`'s, turns and patience are
`arq.half_duplex`'s. Without a way back packets go out as they come, never further ahead of the radio than
`max_ahead_s`, so that what comes now does not wait long.
"""

from __future__ import annotations

import math
import random
from collections import Counter, deque
from collections.abc import Callable, Iterator

from semcom.link.arq.feedback import Feedback, is_feedback
from semcom.link.arq.half_duplex import HalfDuplex
from semcom.link.arq.repeat import Transmission
from semcom.link.errors import FrameError, ItemError
from semcom.link.frame import FrameName
from semcom.link.item import Key
from semcom.link.packets.batch_rounds import WINDOW, BatchRounds
from semcom.link.packets.exchange_settings import ExchangeSettings
from semcom.link.packets.framer import PacketFramer
from semcom.link.packets.packet import Packet
from semcom.link.packets.receiver import PacketReceiver
from semcom.link.packets.station_id import StationId
from semcom.link.packets.waiting import WaitingPackets
from semcom.link.parity.set_frame import read_frame
from semcom.link.sender import OutgoingFrame

_REPORT_NAME = FrameName(Key(0, 0, 0, 0), 0)
_REPORT_IMPORTANCE = 7

AirtimeS = Callable[[str, int, int], float]
"""(MCS, number of frames, bytes of each) → seconds on air."""


class PacketExchange:
    """One end of a packet link.

    Parameters
    ----------
    settings : ExchangeSettings
    framer : PacketFramer
    airtime_s : callable
        See `AirtimeS`; raises where a frame fits no burst.
    station : StationId
    rng : random.Random
        Of the waits after collisions.

    Attributes
    ----------
    counts : Counter
        ``offered``, ``sent`` (packets handed to the radio once at least), ``delivered`` and ``lost`` (blocks, where
        there are repeats), ``repaired``, ``rounds``, ``no_report``, ``reports_sent``, ``reports_heard``,
        ``same_source`` (blocks of another station that has our number), ``failed`` (blocks whose CRC failed).
    """

    def __init__(
        self,
        settings: ExchangeSettings,
        framer: PacketFramer,
        airtime_s: AirtimeS,
        station: StationId,
        rng: random.Random,
    ) -> None:
        if settings.passes < 1:
            raise ItemError(f"passes must be 1 or more, got {settings.passes}")
        airtime_s(settings.mcs, 1, framer.max_frame_bytes)
        self.settings, self.station, self.receiver = settings, station, PacketReceiver(settings.report_pause_s)
        self.counts: Counter[str] = Counter()
        self._framer, self._airtime_s = framer, airtime_s
        self._turns = HalfDuplex(settings.source, settings.times, rng)
        self._waiting = WaitingPackets()
        self._rounds = BatchRounds(settings.source, settings.max_transmissions, self.counts)
        self._unreleased: deque[Transmission] = deque()  # of the turn, not handed to the radio yet
        self._at_radio: deque[float] = deque()  # airtime of each block that the radio has
        self._ahead_s = 0.0
        self._round_was_out = False  # some of it was among what the radio has sent since it was last idle

    @property
    def has_room(self) -> bool:
        """Whether packets may be offered."""
        return self._waiting.has_room

    @property
    def num_waiting(self) -> int:
        """Packets of which nothing has been handed to the radio."""
        return len(self._waiting)

    @property
    def is_idle(self) -> bool:
        """Nothing waits, is on its way, or is waited for."""
        reports_due = self.settings.repeats and self.receiver.sources_to_answer()
        return not (self._waiting or self._rounds or self._unreleased or self._at_radio or reports_due)

    def offer(self, packet: Packet) -> None:
        """A packet to send, when `has_room`."""
        self._waiting.add(packet)
        self.counts["offered"] += 1

    def transmissions(self, now_s: float) -> Iterator[Transmission]:
        """What the radio is to send now, in order. To be asked again whenever something has happened."""
        self._watch_patience(now_s)
        while True:
            if not self.settings.half_duplex:  # reports overtake packets
                self._unreleased.extendleft(reversed(self._due_reports(now_s)))
            if not self._unreleased:
                self._unreleased.extend(self._turn(now_s))
            if not self._unreleased or self._ahead_s >= self.settings.max_ahead_s:
                return
            is_due = self.station.is_due(now_s)
            entry = self._identification(now_s) if is_due else self._unreleased.popleft()
            airtime_s = self._airtime_s(entry.frame.mcs or self.settings.mcs, 1, len(entry.frame.data))
            self._at_radio.append(airtime_s)
            self._ahead_s += airtime_s
            self._round_was_out |= entry.frame.name != _REPORT_NAME
            if not is_due:
                self.station.spoke()
            yield entry

    def out(self, num_blocks: int, now_s: float) -> None:
        """So many blocks more have left the antenna."""
        for _ in range(min(num_blocks, len(self._at_radio))):
            self._ahead_s -= self._at_radio.popleft()
        if self._at_radio:
            return
        self._ahead_s = 0.0
        if not self._unreleased and (self.settings.half_duplex or self._round_was_out):
            self._turns.sent(now_s, wants_answer=self._rounds.is_open)
            self._round_was_out = False

    def block(
        self, payload: bytes | None, source: int, process: int, snr_db: float | None, now_s: float
    ) -> list[tuple[int, Packet]]:
        """A block was heard; None where its CRC failed. Packets that it completed, each with its sender's stream."""
        if self._is_own(payload, source, now_s):
            return []
        if self.settings.half_duplex:
            self._turns.heard(now_s, source)
        if payload is not None and is_feedback(payload):
            self._take_report(payload)
            return []
        self.counts["failed"] += payload is None
        return self.receiver.block(payload, source, process, snr_db, now_s)

    def band_in_use(self, now_s: float) -> None:
        """Somebody's signal is in the band."""
        if self.settings.half_duplex:
            self._turns.heard(now_s, None)

    def wait_s(self, now_s: float) -> float:
        """When `transmissions` should be asked again at the latest, where nothing else happens."""
        wait_s = self.receiver.next_report_s - now_s if self.settings.repeats else math.inf
        if self._band_is_ours and (self._rounds.is_open or self._waiting or self._rounds):
            wait_s = min(wait_s, self._turns.wait_s(now_s))
        return max(0.0, wait_s)

    def last_words(self, now_s: float) -> Transmission | None:
        """The station identification that ends a transmission, where one is due."""
        return self._identification(now_s) if self.station.is_due_last else None

    @property
    def _band_is_ours(self) -> bool:
        """Whether nothing of ours is on its way."""
        return not self._unreleased and not self._at_radio

    def _turn(self, now_s: float) -> list[Transmission]:
        """Reports that are due, then packets, where nothing of ours waits and the band is free."""
        turn: list[Transmission] = []
        if self.settings.half_duplex:
            answers = self.settings.repeats and self.receiver.sources_to_answer(now_s)
            if answers:
                self._turns.owe_answer()
            if not self._band_is_ours or self._turns.wait_s(now_s) > 0:
                return []
            turn = self._due_reports(now_s)
            if turn and self._rounds.is_open:  # the other end speaks, and not about our round: it was lost
                self._rounds.not_answered()
            if turn and self._turns.failures_in_a_row:
                return turn
        if not self.settings.repeats:
            return self._packets_as_they_come()
        if not self._rounds.is_open and self._turns.wait_s(now_s) == 0:
            turn += self._rounds.next(self._next_frames)
        return turn

    def _due_reports(self, now_s: float) -> list[Transmission]:
        if not self.settings.repeats:
            return []
        sources = self.receiver.sources_to_answer(now_s)
        reports = [report for source in sources for report in self.receiver.reports(source)]
        self.counts["reports_sent"] += len(reports)
        return [self._apart(report.to_bytes(), _REPORT_NAME) for report in reports]

    def _packets_as_they_come(self) -> list[Transmission]:
        frames = self._next_frames()
        return [Transmission(frame, 0, 0, True, copy) for copy in range(self.settings.passes) for frame in frames]

    def _next_frames(self) -> list[OutgoingFrame]:
        packets = self._take_waiting()
        return self._framer.frames(packets) if packets else []

    def _take_waiting(self) -> list[Packet]:
        """As many packets as make a round that is not too long; one at least, where there is one."""
        as_they_come = not self.settings.repeats and not self.settings.half_duplex
        most_s = self.settings.max_ahead_s if as_they_come else self.settings.max_turn_s
        packets = self._waiting.take(self._framer, WINDOW, most_s, self._frame_airtime_s)
        self.counts["sent"] += len(packets)
        return packets

    def _frame_airtime_s(self, num_bytes: int) -> float:
        return self._airtime_s(self.settings.mcs, 1, num_bytes)

    def _take_report(self, payload: bytes) -> None:
        try:
            report = Feedback.from_bytes(payload)
        except FrameError:
            self.counts["bad_reports"] += 1
            return
        if self._rounds.is_about_us(report) and (self._band_is_ours or report.complete):  # late ones too
            self._turns.answered()
            self._rounds.answered(report)

    def _watch_patience(self, now_s: float) -> None:
        if self._rounds.is_open and self._band_is_ours and self._turns.is_lost(now_s):
            self._rounds.not_answered()

    def _identification(self, now_s: float) -> Transmission:
        (frame,) = self._framer.frames([self.station.packet(now_s)])
        self.counts["identifications"] += 1
        return self._apart(frame.data, frame.name)

    def _apart(self, data: bytes, name: FrameName) -> Transmission:
        """A block that belongs to no round: in a process that no block of ours uses, in the robust MCS."""
        frame = OutgoingFrame(name, data, _REPORT_IMPORTANCE, self.settings.report_mcs)
        return Transmission(frame, self._rounds.free_process, 0, True)

    def _is_own(self, payload: bytes | None, source: int, now_s: float) -> bool:
        """Whether a block is ours, heard back; counts it where another station has our number.

        By its stream, for a burst of ours that met another one at the same moment and with the same power may come back
        with the number of the other. The same goes the other way round: what is heard while we speak on one frequency,
        or just after, is no witness of another station that has our number.
        """
        if source < 0:  # of a loopback of one station, which is to hear itself
            return False
        has_our_number = source == self.settings.source
        if payload is None or is_feedback(payload):
            return has_our_number
        try:
            is_own = read_frame(payload, b"").key.scope.stream == self._framer.stream
        except FrameError:
            return has_our_number
        may_be_mixed = self.settings.half_duplex and (not self._band_is_ours or self._turns.own_may_be_heard(now_s))
        self.counts["same_source"] += has_our_number and not is_own and not may_be_mixed
        return is_own
