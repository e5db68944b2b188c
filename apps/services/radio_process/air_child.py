"""The child process in which a radio's flowgraph runs: native code that can end a process ends this one alone.

    python -m semcom.apps.services.radio_process.air_child DESCRIPTOR OPTIONS

Started and watched by `child_air`, which is the other end of the socket ``DESCRIPTOR``. Frames cross it, never samples:
as messages of `link.messages`, of which only kind and body count.
"""

from __future__ import annotations

import json
import logging
import select
import signal
import socket
import sys
import time
from dataclasses import asdict
from typing import Any

from semcom.apps.report.result_folder import OutputError
from semcom.apps.services.radio_link import AirOptions, make_air_here
from semcom.apps.services.service_log import start_log
from semcom.flowgraphs.errors import FlowgraphError
from semcom.flowgraphs.live.air import ON_AIR, Air, Settled
from semcom.flowgraphs.live.spectrum import Spectrum
from semcom.flowgraphs.loopback.result import CRC, DELIVERED, HEADER, MISSED, BurstStatistics, ReceivedFrame
from semcom.flowgraphs.requirements import require_gnu_radio
from semcom.link.arq.combining import Repeat
from semcom.link.messages import BODIES, MAX_ENTRIES, MAX_TEXT_BYTES, Kind, Message, Outcome, split_batch
from semcom.link.messages import HEADER as MESSAGE_HEADER
from semcom.phy.errors import PhyError
from semcom.sdr_configs.errors import ConfigError

OUTCOMES = {
    ON_AIR: Outcome.ON_AIR,
    DELIVERED: Outcome.RECEIVED,
    MISSED: Outcome.MISSED,
    HEADER: Outcome.HEADER,
    CRC: Outcome.CRC,
}
STATUS_EVERY_S = 0.2
WAIT_S = 0.1
log = logging.getLogger("semcom.radio")


def pack(kind: Kind, **body: Any) -> bytes:
    """A message between parent and child."""
    return Message(kind, body, 1, 0, 1).to_bytes()


def whole_messages(data: bytearray) -> list[Message]:
    """Messages that are there from the first to the last byte; they are taken out of ``data``."""
    end = 0
    while end + MESSAGE_HEADER.size <= len(data):
        start = end + MESSAGE_HEADER.size
        length = int.from_bytes(data[start - 4 : start], "big")
        if start + length > len(data):
            break
        end = start + length
    whole = bytes(data[:end])
    del data[:end]
    return [Message.from_bytes(message) for message in split_batch(whole)] if whole else []


class AirChild:
    """Between the socket and the air."""

    def __init__(self, parent: socket.socket) -> None:
        self._parent, self._heard = parent, bytearray()
        self._status_at_s = 0.0

    def run(self, name: str, options: AirOptions) -> None:
        """Until the parent is gone."""
        require_gnu_radio()
        air, about = make_air_here(name, options, lambda line: self._say(Kind.ANSWER, accepted=True, text=line))
        try:
            facts = {name: getattr(air, name) for name in ("transmits", "receives", "hears_itself")}
            self._say(Kind.FEEDBACK, feedback=json.dumps({**facts, "about": about}).encode())
            self._say(Kind.WELCOME, window=1, about="")
            while self._hear(air):
                for event in air.events():
                    self._tell(event)
                if time.monotonic() - self._status_at_s > STATUS_EVERY_S:
                    self._status_at_s = time.monotonic()
                    told = {**air.status(), "is_up": air.is_up}
                    self._say(Kind.FEEDBACK, feedback=json.dumps(told).encode())
        finally:
            air.close()

    def refuse(self, reason: str) -> None:
        self._say(Kind.REFUSED, reason=reason)

    def _hear(self, air: Air) -> bool:
        """Frames that came; whether the parent is still there."""
        if self._parent in select.select([self._parent, *air.waits_on()], [], [], WAIT_S)[0]:
            data = self._parent.recv(1 << 16)
            if not data:
                return False
            self._heard += data
            for message in whole_messages(self._heard):
                body = message.body
                if message.kind is Kind.FEEDBACK:
                    self._record(air, json.loads(body["feedback"])["record"])
                    continue
                repeat = Repeat.from_bytes(body["repeat"])._asdict() if body["repeat"] else None
                air.send(body["number"], body["frame"], body["mcs"], repeat)
        return True

    def _record(self, air: Any, path: str) -> None:
        """Samples of a `LiveRadio` with taps; the status says whether it does."""
        try:
            if path:
                air.taps.samples.record(path)
            else:
                air.taps.samples.stop_recording()
        except OSError as error:
            log.warning("%s", error)
        self._status_at_s = 0.0

    def _tell(self, event: Any) -> None:
        if isinstance(event, Settled):
            outcomes = [(number, OUTCOMES[outcome]) for number, outcome in event.outcomes]
            for at in range(0, len(outcomes), MAX_ENTRIES):
                self._say(Kind.OUTCOMES, outcomes=tuple(outcomes[at : at + MAX_ENTRIES]))
        elif isinstance(event, ReceivedFrame) and event.data is not None:
            fields = {name: getattr(event, name) for name in BODIES[Kind.RECEIVED].keys() - {"number", "frame"}}
            self._say(Kind.RECEIVED, number=1, frame=event.data, **fields)
        elif isinstance(event, BurstStatistics):
            fields = {name: getattr(event, name) for name in BODIES[Kind.BURST]}
            self._say(Kind.BURST, **{**fields, "mcs": event.mcs or ""})
        elif isinstance(event, Spectrum):
            self._say(Kind.SPECTRUM, **asdict(event))

    def _say(self, kind: Kind, **body: Any) -> None:
        self._parent.sendall(pack(kind, **body))


def main(descriptor: str, options: str) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it ends when its parent has closed the socket
    start_log()
    wanted = json.loads(options)
    child = AirChild(socket.socket(fileno=int(descriptor)))
    try:
        child.run(wanted["name"], AirOptions(**wanted["options"]))
    except ConnectionError:
        pass  # the parent is gone
    except (ConfigError, FlowgraphError, OutputError, PhyError) as error:
        child.refuse(str(error)[:MAX_TEXT_BYTES])


if __name__ == "__main__":
    main(*sys.argv[1:])
