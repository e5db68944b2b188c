"""A radio's flowgraph in a child process that is watched, and started anew when native code ends it or it hangs.

    send ─ frames not taken yet ─ socket ─ `air_child` ≈≈≈ `air_child` ─ socket ─ events

Frames that the child had not settled go out again, in their order: what came twice counts once.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import socket
import subprocess
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from semcom.apps.services.radio_process.air_child import OUTCOMES, pack, whole_messages
from semcom.apps.services.radio_process.child_start import StartedChild, start_child
from semcom.flowgraphs.errors import RadioError, RadioLostError
from semcom.flowgraphs.live.air import AirEvent, Settled
from semcom.flowgraphs.live.spectrum import Spectrum
from semcom.flowgraphs.loopback.result import BurstStatistics, ReceivedFrame
from semcom.link.arq.combining import Repeat
from semcom.link.messages import Kind, Message
from semcom.phy.burst_layout import block_layout
from semcom.phy.mcs import find_mcs
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
"""Between one start and the next; each pause is twice the one before, until a child has run for `STEADY_S`."""

STEADY_S = 30.0
HANGS_AFTER_S = 20.0
"""A child that has told nothing for so long is killed; while it starts, `START_S`."""

START_S = 120.0
END_PATIENCE_S = 35.0
_READ_BYTES = 1 << 16
_NAMES = {code: outcome for outcome, code in OUTCOMES.items()}
log = logging.getLogger("semcom.radio")


class ChildAir:
    """An `Air` whose flowgraph runs in another process.

    Parameters
    ----------
    options : str
        What `child_options` makes.
    waveform : Waveform
    tell : callable
        Given lines that a person should read before anything is transmitted.
    first : StartedChild, optional
        A child with these options that has been started already.

    Attributes
    ----------
    about : str
        What the air is, in words.
    pid : int
        Of the child.

    Raises
    ------
    RadioError
        The radio is not there at the first start, or refuses a setting.
    """

    has_feedback_channel = False

    def __init__(
        self, options: str, waveform: Waveform, tell: Callable[[str], None], first: StartedChild | None = None
    ) -> None:
        self._options, self._waveform, self._tell_person = options, waveform, tell
        self._frames: OrderedDict[int, bytes] = OrderedDict()  # not settled yet, as messages
        self._told: dict[str, Any] = {}
        self._facts: dict[str, Any] = {}
        self.counts: Counter[str] = Counter()
        self._pause_s, self._start_at_s = FIRST_PAUSE_S, 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._events: list[AirEvent] = []
        self._idle: tuple[socket.socket, socket.socket] | None = None
        self._socket = socket.socket(socket.AF_UNIX)
        self._start(first)
        try:
            while not self._is_ready:
                select.select([self._socket], [], [], 0.1)
                self._look()
        except BaseException:
            self.close()
            raise
        self.about = self._facts["about"]
        self.transmits, self.receives = self._facts["transmits"], self._facts["receives"]
        self.hears_itself = self._facts["hears_itself"]
        self._tell_person = lambda line: None  # it was said

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_up(self) -> bool:
        return self._is_ready and bool(self._told.get("is_up", True))

    @property
    def recording(self) -> str:
        """Path of the file that the child writes samples to; empty: none."""
        return self._told.get("recording", "") if self._is_ready else ""

    def record(self, path: str) -> None:
        """Let the child write samples there, on this computer; empty: no longer. `recording` says when it does."""
        if self._is_ready:
            self._out += pack(Kind.FEEDBACK, feedback=json.dumps({"record": path}).encode())
            self._flush()

    def status(self) -> dict[str, Any]:
        told = {name: value for name, value in self._told.items() if name != "is_up"}
        state = {} if self._is_ready else {"state": "starting again"}
        return {**told, **state, "frames_unsettled": len(self._frames), "child_starts": self.counts["starts"]}

    def waits_on(self) -> Sequence[Any]:
        return (self._socket,)  # of the same number after each start

    def send(self, number: int, frame: bytes, mcs: str, repeat: Mapping[str, Any] | None = None) -> None:
        block_layout(self._waveform, find_mcs(mcs), TransportBlock(frame))  # raises where no burst can carry it
        told = Repeat(**repeat).to_bytes() if repeat else b""
        self._frames[number] = pack(Kind.FRAME, number=number, mcs=mcs, frame=frame, repeat=told)
        if self._is_ready:
            self._out += self._frames[number]
            self._flush()

    def tell(self, kind: Kind, body: dict[str, Any]) -> bool:
        return False

    def events(self) -> Iterator[AirEvent]:
        self._look()
        yield from self._events
        self._events.clear()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()
        if self._idle is not None:
            self._idle[1].close()
        if self._process is not None:
            try:
                self._process.wait(END_PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _start(self, first: StartedChild | None = None) -> None:
        if self._idle is not None:
            self._idle[1].close()
            self._idle = None
        ours, self._process = first or start_child(self._options)
        self._put_in_place(ours)
        self._heard, self._out, self._is_ready = bytearray(), bytearray(), False
        self._started_at_s = self._heard_at_s = time.monotonic()
        self.counts["starts"] += 1

    def _put_in_place(self, ours: socket.socket) -> None:
        """A socket takes the number of the one before it: whoever polls that goes on."""
        os.dup2(ours.fileno(), self._socket.fileno(), inheritable=False)
        ours.close()
        self._socket.setblocking(False)

    def _look(self) -> None:
        if self._process is None:
            if time.monotonic() >= self._start_at_s:
                self._start()
            return
        ended = False
        try:
            while data := self._socket.recv(_READ_BYTES):
                self._heard += data
                for message in whole_messages(self._heard):
                    self._hear(message)
            ended = True
        except (BlockingIOError, TimeoutError):
            pass
        except ConnectionError:
            ended = True
        self._flush()
        silent_s = time.monotonic() - self._heard_at_s
        if ended or silent_s > (HANGS_AFTER_S if self._is_ready else START_S):
            self._end("" if ended else f"it told nothing for {silent_s:.0f} s")

    def _hear(self, message: Message) -> None:
        self._heard_at_s = time.monotonic()
        body = message.body
        match message.kind:
            case Kind.FEEDBACK:
                told = json.loads(body["feedback"])
                if "about" in told:
                    self._facts = told
                else:
                    self._told = told
            case Kind.ANSWER:
                self._tell_person(body["text"])
            case Kind.WELCOME:
                self._is_ready = True
                self._out += b"".join(self._frames.values())
                if self.counts["starts"] > 1:
                    self.counts["frames_again"] += len(self._frames)
                    log.warning("radio's flowgraph runs again; %d frames go out again", len(self._frames))
            case Kind.REFUSED if self.counts["starts"] == 1 and not self._is_ready:
                raise RadioError(body["reason"])
            case Kind.REFUSED if self._is_ready:
                raise RadioLostError(body["reason"])
            case Kind.REFUSED:
                log.warning("radio's flowgraph: %s", body["reason"])  # it is tried again
            case Kind.OUTCOMES:
                for number, _ in body["outcomes"]:
                    self._frames.pop(number, None)
                self._events.append(Settled([(number, _NAMES[code]) for number, code in body["outcomes"]]))
            case Kind.RECEIVED:
                self._events.append(ReceivedFrame.from_received(body))
            case Kind.BURST:
                self._events.append(BurstStatistics.from_burst(body))
            case Kind.SPECTRUM:
                self._events.append(Spectrum(**body))

    def _end(self, why: str) -> None:
        """The child has ended, or hangs: another one is started after a pause."""
        self._idle = socket.socketpair()  # until the next one is started, nothing comes
        self._put_in_place(self._idle[0])
        if why:
            self._process.kill()
        try:
            status = self._process.wait(END_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        if time.monotonic() - self._started_at_s > STEADY_S:
            self._pause_s = FIRST_PAUSE_S
        why = why or (f"signal {-status} ended it" if status < 0 else f"it ended with status {status}")
        log.error("radio's flowgraph is gone (%s); it is started again in %.1f s", why, self._pause_s)
        if self.counts["starts"] == 1 and not self._is_ready:
            raise RadioError(f"radio's flowgraph must start, it did not: {why}")
        self._start_at_s = time.monotonic() + self._pause_s
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
        self._process, self._is_ready = None, False

    def _flush(self) -> None:
        try:
            while self._out:
                del self._out[: self._socket.send(memoryview(self._out)[:_READ_BYTES].tobytes())]
        except (BlockingIOError, TimeoutError, ConnectionError):
            pass  # more when there is room; what a child that is gone did not take goes to the next one
