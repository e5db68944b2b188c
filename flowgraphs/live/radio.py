"""A real radio for as long as a service runs: lost and found again, with all frames that are not out yet.

    send ─ FramesOut ─ LiveTopBlock ≈≈≈ LiveTopBlock ─ Mailbox ─ events

A thread of its own opens the radio, runs its flowgraph, notices that the radio is lost, and opens it again. Nothing of
the other end comes back to this one: a frame is settled as `ON_AIR` when the driver has taken the end of its burst.
"""

from __future__ import annotations

import gc
import logging
import math
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from semcom.blocks.burst_queue import BurstQueue
from semcom.flowgraphs.errors import RadioError, RadioLostError
from semcom.flowgraphs.live.air import ON_AIR, AirEvent, Settled
from semcom.flowgraphs.live.band_sensor import BandSensor
from semcom.flowgraphs.live.frames_out import FrameOut, FramesOut
from semcom.flowgraphs.live.radio_settings import LiveSettings
from semcom.flowgraphs.live.radio_taps import RadioTaps
from semcom.flowgraphs.live.top_block import LiveTopBlock
from semcom.flowgraphs.loopback.result import BurstStatistics, ReceivedFrame, SentBurst
from semcom.flowgraphs.loopback.watchdog import run_to_end
from semcom.flowgraphs.radios.live_ptt import LivePtt
from semcom.flowgraphs.radios.rate_watch import RateWatch
from semcom.flowgraphs.radios.stream_events import ADVICE, StreamEvents
from semcom.link.messages import Kind
from semcom.link.transports.mailbox import Mailbox
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.real_radio import RealRadio

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
"""Between attempts to open a lost radio; each pause is twice the one before."""

CLOSE_PATIENCE_S = 30.0
"""A driver may hang while it opens a device."""

RUNNING, LOST, ENDED = "running", "lost", "ended"
_WAKE = object()

log = logging.getLogger("semcom.flowgraphs")


class LiveRadio:
    """An `Air`: a radio of any driver.

    Parameters
    ----------
    radio : RealRadio
    settings : LiveSettings

    Attributes
    ----------
    taps : RadioTaps or None

    Raises
    ------
    RadioError
        The radio is not there now, or refuses a setting.
    """

    has_feedback_channel = False

    def __init__(self, radio: RealRadio, settings: LiveSettings) -> None:
        self._radio, self._settings = radio, settings
        self.transmits, self.receives = settings.transmits, settings.receives
        self.hears_itself = settings.hears_itself and settings.transmits and settings.receives
        self.waveform = Waveform.load(radio.waveform)
        self.counts: Counter[str] = Counter()
        self._receiver_counts: Counter[str] = Counter()  # of the present stretch
        self._checks = BurstQueue(self.waveform)
        self._frames, self._settled = FramesOut(), deque[int]()
        self._mailbox = Mailbox()
        self._ptt = LivePtt(radio)
        self._closing = threading.Event()
        self._failure: BaseException | None = None
        self._state, self._trouble = RUNNING, ""
        self._stream_events = StreamEvents().__enter__()
        self._told_letters: set[str] = set()
        self._stretch = 0
        self._sensor: BandSensor | None = None
        self.taps = RadioTaps() if settings.with_taps else None
        try:
            top_block = self._open()
        except BaseException:
            self._stream_events.__exit__()
            self._mailbox.close()
            raise
        self._thread = threading.Thread(target=self._supervise, args=(top_block,), name="live radio", daemon=True)
        self._thread.start()

    @property
    def band_is_busy(self) -> bool:
        """Whether there is a signal in the band; never where nobody asked to sense it."""
        return self._sensor is not None and self._sensor.is_busy

    @property
    def is_up(self) -> bool:
        return self._state != LOST

    def waits_on(self) -> Sequence[Any]:
        return (self._mailbox,)

    def send(self, number: int, frame: bytes, mcs: str, repeat: Mapping[str, Any] | None = None) -> None:
        self._checks.check(frame, mcs)
        self._frames.add(FrameOut(number, frame, mcs, repeat))
        self._hand_over()

    def tell(self, kind: Kind, body: dict[str, Any]) -> bool:
        return False

    def events(self) -> Iterator[AirEvent]:
        yield from (entry for entry in self._mailbox.take_all() if entry is not _WAKE)
        numbers = [self._settled.popleft() for _ in range(len(self._settled))]
        if numbers:
            yield Settled([(number, ON_AIR) for number in numbers])
        if self.taps is not None:
            yield from self.taps.news()
        if self._failure is not None:
            raise self._failure

    def status(self) -> dict[str, Any]:
        return {
            "state": self._state,
            "trouble": self._trouble,
            "frames_waiting": len(self._frames),
            "dropped_events": self._mailbox.dropped,
            **(self.counts + self._receiver_counts),
            "stream_events": dict(self._stream_events.counts),
            **(self.taps.status() if self.taps is not None else {}),
        }

    def close(self) -> None:
        self._closing.set()
        self._thread.join(CLOSE_PATIENCE_S)
        self._stream_events.__exit__()
        self._mailbox.close()

    def _open(self) -> LiveTopBlock:
        self._stretch += 1
        hear = partial(self._hear, self._stretch)
        top_block = LiveTopBlock(
            self._radio, self.transmits, self.receives, self._settings.source, self.hears_itself, hear
        )
        self._sensor = BandSensor(top_block.inward.radio.sample_rate_hz) if self._settings.senses_band else None
        if self._sensor is not None:
            self._sensor.connect(top_block, top_block.inward.blocks[-2])
        if self.taps is not None:
            self.taps.connect(top_block, top_block.inward)
        for words in {words: None for endpoint in top_block.endpoints for words in endpoint.differences}:
            log.warning("%s", words)
        return top_block

    def _supervise(self, top_block: LiveTopBlock | None) -> None:
        try:
            while top_block is not None:
                trouble = self._run(top_block)
                top_block = None  # the last reference, so that the driver lets go of the device
                if self._closing.is_set() or self._state == ENDED:
                    break
                self._become_lost(trouble)
                top_block = self._open_again()
        except BaseException as error:
            self._failure = error
            self._mailbox.put(_WAKE)

    def _run(self, top_block: LiveTopBlock) -> str:
        """One stretch; in which way the radio was lost."""
        trouble = ""
        rate_watch = RateWatch(top_block.inward.radio.sample_rate_hz if top_block.inward is not None else 1.0)
        if self.transmits:
            self._frames.attach(top_block.post)

        def meanwhile() -> None:
            nonlocal trouble
            self._ptt.follow(len(self._frames) > 0)
            self._hand_over()
            self._settle(top_block)
            self._count(top_block)
            self._watch_stream()
            self._watch_rate(top_block, rate_watch)
            self._watch_socket(top_block)
            if self.taps is not None:
                self.taps.count()
            trouble = top_block.lost(self._frames.in_flowgraph)
            if trouble or self._closing.is_set():
                raise _StopRunning

        try:
            run_to_end(top_block, math.inf, meanwhile)
            trouble = "its stream ended"
            if not any(endpoint.endless for endpoint in top_block.endpoints):
                self._state, self._trouble = ENDED, "recording or socket is at its end"
                log.info("radio: %s", self._trouble)
        except _StopRunning:
            pass
        except RuntimeError as error:  # a device that cannot be started
            trouble = " ".join(str(error).split())
        finally:
            self._settle(top_block)
            self._count(top_block)
            self._ptt.follow(False, at_once=True)
            top_block.close_radio()
        return trouble

    def _become_lost(self, trouble: str) -> None:
        self._state, self._trouble = LOST, trouble
        self.counts += self._receiver_counts
        self._receiver_counts = Counter()
        self.counts["times_lost"] += 1
        self._stretch += 1  # what its flowgraph still says does not count
        self._frames.take_back()
        log.warning("radio lost: %s; %d frames wait for it", trouble, len(self._frames))

    def _open_again(self) -> LiveTopBlock | None:
        """The radio, once it is back; None when we are to end."""
        since_s, pause_s = time.monotonic(), FIRST_PAUSE_S
        while not self._closing.is_set():
            gc.collect()  # a driver may hold the device until the last of the old blocks is gone
            try:
                top_block = self._open()
            except (RadioError, OSError, RuntimeError) as error:
                self.counts["attempts"] += 1
                self._trouble = str(error)
                if time.monotonic() - since_s > self._settings.give_up_s:
                    raise RadioLostError(
                        f"radio must return within {self._settings.give_up_s:g} s, it did not: {error}"
                    ) from None
                self._closing.wait(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            else:
                self._state, self._trouble = RUNNING, ""
                log.warning("radio is back after %.1f s", time.monotonic() - since_s)
                return top_block
        return None

    def _hand_over(self) -> None:
        if self._ptt.is_on:
            self._frames.hand_over()

    def _settle(self, top_block: LiveTopBlock) -> None:
        if numbers := self._frames.taken(top_block.samples_taken):
            self._settled.extend(numbers)
            self._mailbox.put(_WAKE)

    def _hear(self, stretch: int, event: SentBurst | ReceivedFrame | BurstStatistics) -> None:
        if not isinstance(event, SentBurst):
            self._mailbox.put(event)
        elif stretch == self._stretch:
            self._frames.burst_made(event.num_frames, event.start_sample + event.channel_uses)
            self.counts["bursts_sent"] += 1

    def _count(self, top_block: LiveTopBlock) -> None:
        if top_block.inward is not None:
            counts = top_block.inward.receiver.counts
            self._receiver_counts = Counter({name: counts[name] for name in ("gaps", "own_bursts", "failed_chunks")})

    def _watch_rate(self, top_block: LiveTopBlock, watch: RateWatch) -> None:
        """Say once where a device delivers another rate than it says; files and sockets have none."""
        inward = top_block.inward
        if inward is None or not inward.radio.endless or self.counts["wrong_rate"]:
            return
        if words := watch.look(inward.num_samples, time.monotonic(), not inward.receiver.is_behind):
            self.counts["wrong_rate"] += 1
            log.warning("%s", words)

    def _watch_socket(self, top_block: LiveTopBlock) -> None:
        """Say where nobody takes samples from a socket, each time that it begins."""
        if (words := top_block.waits(self._frames.in_flowgraph)) and not self._trouble:
            log.warning("radio: %s", words)
        self._trouble = words

    def _watch_stream(self) -> None:
        """Say once what over- and underruns mean; how many there are is in the status."""
        for letter in self._stream_events.counts.keys() - self._told_letters:
            self._told_letters.add(letter)
            log.warning("radio: %s", ADVICE[letter])


class _StopRunning(Exception):  # noqa: N818 (no error: a way out)
    """The flowgraph is to be stopped."""
