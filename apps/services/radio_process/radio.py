"""``semcom radio``: the process that has the radio. Frames in from one host, frames out to another.

```
host tx ─ FRAME ──────────► radio ─ Air.send ≈≈≈ Air.events ─ RECEIVED, BURST, SPECTRUM ──► host rx
        ◄ OUTCOMES, RECEIPT ───────────────────────────────────── RECEIPT, FEEDBACK, CREDIT ◄
```

What the receiving host has not confirmed is kept, up to `MAX_WAITING` frames, and given again to a host that was
started anew. When half of that waits, the sending host is told to wait, and, where both hosts are at this radio, its
frames are no longer settled, so that it sends no more; what comes over the air and does not fit is dropped, counted,
and named to the sending host.
"""

from __future__ import annotations

import logging
import math
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from semcom.apps.delivery.said_once import SaidOnce
from semcom.apps.services.radio_process.air_child import OUTCOMES
from semcom.apps.services.radio_process.frames_on_air import FramesOnAir
from semcom.flowgraphs.live.air import Air, Settled, Told
from semcom.flowgraphs.live.spectrum import Spectrum
from semcom.flowgraphs.loopback.result import CRC, HEADER, MISSED, BurstStatistics, ReceivedFrame
from semcom.link import FrameError
from semcom.link.arq.combining import Repeat
from semcom.link.messages import BODIES, MAX_ENTRIES, Kind, Message, Outcome, Role
from semcom.link.parity.set_frame import read_frame
from semcom.link.refusals import Refusals
from semcom.link.transports.key_files import KeyRing
from semcom.link.transports.server import Peer, Server
from semcom.phy.errors import PhyError

WINDOW = 512
MAX_WAITING = 4096
MAX_FOR_TX = 4096
NO_ROOM_EVERY_S = 1.0
STILL_HERE_S = 10.0
"""While the air is away, a sending host hears so often that its frames wait here."""

SLOW = "receiving host too slow"
_SMOOTHING = 0.05
_DOES = {Role.TX: "transmit", Role.RX: "receive"}
log = logging.getLogger("semcom.radio")


class RadioService:
    """Between the hosts and the air.

    Parameters
    ----------
    air : Air
    address : str
        Where hosts connect.
    keys : KeyRing
    about : str
        Told to the hosts.
    """

    def __init__(self, air: Air, address: str, keys: KeyRing, about: str = "") -> None:
        self.air, self.about = air, about
        self.server = Server(address, keys, WINDOW, about, self._admit)
        self.counts: Counter[str] = Counter()
        self._refusals = Refusals(log, self.counts)
        self._say_once = SaidOnce(log.warning)
        self._outcomes: list[tuple[int, int]] = []
        self._frames = FramesOnAir(self._give_to_air, 2 * WINDOW, self._refusals, (PhyError, FrameError))
        self._for_air: deque[tuple[Kind, dict[str, Any]]] = deque()
        self._shown: deque[tuple[Kind, dict[str, Any]]] = deque()
        self._for_tx: deque[tuple[Kind, dict[str, Any]]] = deque()
        self._waiting: OrderedDict[int, dict[str, Any]] = OrderedDict()
        self._deliveries = 0
        self._given = 0  # highest delivery that the present session of the host has been sent
        self._quality: dict[str, float] = {}
        self._told_tx_at_s = self._told_no_room_at_s = 0.0

    def waits_on(self) -> Sequence[Any]:
        return self.server.socket, *self.air.waits_on()

    def finished(self) -> bool:
        return False

    def step(self) -> None:
        for peer, message in self.server.receive():
            self._hear(peer, message)
        for event in self.air.events():
            self._on_air_event(event)
        self._go_on_air()
        self._tell_tx()
        self._deliver()

    def status(self) -> dict[str, Any]:
        peers = {peer.role.name.lower(): peer.name for peer in self.server.peers}
        lost = {cause: self.counts[f"outcome_{cause}"] for cause in (MISSED, HEADER, CRC)}
        return {
            "address": self.server.address,
            "hosts": peers,
            "frames": {name: self.counts[name] for name in ("taken", "delivered", "confirmed", "dropped")},
            "lost_by_cause": {**lost, "refused": self.counts["outcome_refused"], SLOW: self.counts["dropped"]},
            "queues": {**self._frames.status(), "for_rx": len(self._waiting), "for_tx": len(self._for_tx)},
            "bursts": self.counts["bursts"],
            "air": self.air.status(),
            "quality": dict(self._quality),
            "messages": self.server.statistics(),
            "counts": dict(self.counts),
        }

    def close(self) -> None:
        self.server.close()
        self.air.close()

    def _admit(self, role: Role, name: str) -> str | None:
        if role not in (Role.TX, Role.RX):
            return f"role must be tx or rx, got {role.name.lower()}"
        if not (self.air.transmits if role is Role.TX else self.air.receives):
            return f"role {role.name.lower()} is of no use here: this radio does not {_DOES[role]}"
        holder = self.server.peer_of(role)
        return f"role {role.name.lower()} is taken by {holder.name}" if holder else None

    def _hear(self, peer: Peer, message: Message) -> None:
        match message.kind, peer.role:
            case Kind.HELLO, role:
                log.info("%s %s is here", role.name.lower(), peer.name)
                if role is Role.RX:
                    self._given = next(iter(self._waiting), self._deliveries + 1) - 1
                else:
                    self._outcomes.clear()  # they were for the session before
                    self._frames.begin_session()
                    if self.air.has_feedback_channel or self.air.hears_itself:
                        self._queue_for_tx(Kind.CREDIT, _credit(heard=False))
            case Kind.FRAME, Role.TX:
                if not self._frames.take(message.session, message.body):
                    self._outcomes.append((message.body["number"], Outcome.REFUSED))
                self._go_on_air()
            case Kind.RECEIPT, Role.RX:
                self._confirm(message.body["up_to"])
                if message.body["names"]:
                    self._pass_back(Kind.RECEIPT, {"up_to": 0, "names": message.body["names"]})
            case Kind.FEEDBACK, Role.RX:
                self._pass_back(Kind.FEEDBACK, message.body)
            case Kind.CREDIT, Role.RX:
                self._pass_back(Kind.CREDIT, message.body)
            case _:
                role = peer.role.name.lower()
                self._refusals.note("kind", f"kind must be one that a {role} host sends, got {message.kind.name}")

    def _go_on_air(self) -> None:
        for number, refused in self._frames.go_on():
            if refused is None:
                self.counts["taken"] += 1
            else:
                self._outcomes.append((number, refused))
                self.counts["outcome_refused"] += 1

    def _give_to_air(self, number: int, frame: bytes, mcs: str, repeat: bytes) -> None:
        self.air.send(number, frame, mcs, Repeat.from_bytes(repeat)._asdict() if repeat else None)

    def _on_air_event(self, event: Any) -> None:
        if isinstance(event, Settled):
            tx = self.server.peer_of(Role.TX)
            session = tx.conversation.peer_session if tx else 0
            for number, outcome in event.outcomes:
                self.counts[f"outcome_{outcome}"] += 1
                if origin := self._frames.settle(number):
                    self._smooth("air_time_ms", 1e3 * (time.monotonic() - origin.since_s))
                    if origin.session == session:
                        self._outcomes.append((origin.number, OUTCOMES[outcome]))
        elif isinstance(event, Told):
            self._queue_for_tx(event.kind, event.body)
        elif isinstance(event, ReceivedFrame):
            self._keep(event)
        elif isinstance(event, BurstStatistics):
            self.counts["bursts"] += 1
            self._say_once(event.note)
            for name in ("snr_db", "cfo_hz", "evm_db"):
                self._smooth(name, getattr(event, name))
            fields = {name: getattr(event, name) for name in BODIES[Kind.BURST]}
            self._show(Kind.BURST, {**fields, "mcs": event.mcs or ""})
        elif isinstance(event, Spectrum):
            self._show(Kind.SPECTRUM, asdict(event))

    def _keep(self, frame: ReceivedFrame) -> None:
        if not frame.crc_ok:
            self.counts["failed"] += 1
            return
        if len(self._waiting) >= MAX_WAITING:
            self.counts["dropped"] += 1
            try:
                names = [read_frame(frame.data).name]
            except FrameError:
                return
            self._queue_for_tx(Kind.DROPPED, {"cause": SLOW, "names": names})
            return
        self._ask_to_wait()
        self._deliveries += 1
        told = {name: getattr(frame, name) for name in BODIES[Kind.RECEIVED].keys() - {"number", "frame"}}
        self._waiting[self._deliveries] = {"number": self._deliveries, "frame": frame.data, **told}

    def _ask_to_wait(self) -> None:
        """Half of what can be kept is kept: whoever sends hears of it before anything has to be dropped."""
        now_s = time.monotonic()
        if 2 * len(self._waiting) < MAX_WAITING or now_s - self._told_no_room_at_s < NO_ROOM_EVERY_S:
            return
        self._told_no_room_at_s = now_s
        self.counts["asked_to_wait"] += 1
        self._pass_back(Kind.CREDIT, _credit(reason=f"{len(self._waiting)} frames wait for it at its radio"))

    @property
    def _holds_back(self) -> bool:
        """Whether frames of a host at this radio are not settled, so that its window stays full."""
        room = MAX_WAITING - len(self._waiting) - len(self._frames)
        return self.air.hears_itself and room < 2 * WINDOW < MAX_WAITING

    def _deliver(self) -> None:
        rx = self.server.peer_of(Role.RX)
        if rx is None:
            return
        oldest = next(iter(self._waiting), self._deliveries + 1)
        last = min(self._deliveries, oldest + rx.window - 1)
        given = [(Kind.RECEIVED, self._waiting[number]) for number in range(self._given + 1, last + 1)]
        sent = self.server.send_all(rx, given)
        self._given += sent
        self.counts["delivered"] += sent
        if sent == len(given) and self._shown:  # they may be lost where the host is slow
            self.server.send_all(rx, self._shown)
            self._shown.clear()

    def _confirm(self, up_to: int) -> None:
        while self._waiting and next(iter(self._waiting)) <= min(up_to, self._given):
            self._waiting.popitem(last=False)
            self.counts["confirmed"] += 1

    def _pass_back(self, kind: Kind, body: dict[str, Any]) -> None:
        """To the host that sent the frames: over the feedback channel, where there is one, or at this end."""
        if self.air.has_feedback_channel:
            _supersede(self._for_air, kind, body)
            self._bounded(self._for_air, (kind, body))
        elif self.air.hears_itself:
            self._queue_for_tx(kind, body)
        else:
            self.counts["no_feedback_channel"] += 1

    def _queue_for_tx(self, kind: Kind, body: dict[str, Any]) -> None:
        _supersede(self._for_tx, kind, body)
        self._bounded(self._for_tx, (kind, body))

    def _show(self, kind: Kind, body: dict[str, Any]) -> None:
        """To look at, for a receiving host that is here now."""
        if self.server.peer_of(Role.RX) is not None:
            self._bounded(self._shown, (kind, body))

    def _bounded(self, waiting: deque[tuple[Kind, dict[str, Any]]], entry: tuple[Kind, dict[str, Any]]) -> None:
        if len(waiting) >= MAX_FOR_TX:
            waiting.popleft()
            self.counts["dropped_for_tx"] += 1
        waiting.append(entry)

    def _tell_tx(self) -> None:
        while self._for_air and self.air.tell(*self._for_air[0]):
            self._for_air.popleft()
        tx = self.server.peer_of(Role.TX)
        if tx is None:
            return
        while (
            self._outcomes
            and not self._holds_back
            and self.server.send(tx, Kind.OUTCOMES, outcomes=tuple(self._outcomes[:MAX_ENTRIES]))
        ):
            del self._outcomes[:MAX_ENTRIES]
        waits = not self.air.is_up or (self._outcomes and self._holds_back)
        if waits and time.monotonic() - self._told_tx_at_s > STILL_HERE_S:
            self._told_tx_at_s = time.monotonic()
            self.server.send(tx, Kind.OUTCOMES, outcomes=())
        for _ in range(self.server.send_all(tx, self._for_tx)):
            self._for_tx.popleft()

    def _smooth(self, name: str, value: float) -> None:
        if math.isfinite(value):
            before = self._quality.get(name, value)
            self._quality[name] = before + _SMOOTHING * (value - before)


def _credit(heard: bool = True, reason: str = "") -> dict[str, Any]:
    """A CREDIT of the radio's own: no room, or that there is a feedback channel over which some will be told."""
    return {"heard": heard, "pictures": 0, "frame_bytes": 0, "reason": reason}


def _supersede(waiting: deque[tuple[Kind, dict[str, Any]]], kind: Kind, body: dict[str, Any]) -> None:
    """Of credits only the last one counts: those that still wait need not go."""
    if kind is Kind.CREDIT and body["heard"]:
        for entry in [entry for entry in waiting if entry[0] is kind and entry[1]["heard"]]:
            waiting.remove(entry)
