"""Two stations in one process, GNU Radio's channel model between them, at the pace of a radio.

Two frequencies    A: paced_modulator ═ channel_model ═ burst_receiver :B        and the same from B to A
One frequency      A: paced_modulator ═ add ═ channel_model ═ burst_receiver, for both, who also hear themselves
                   B: paced_modulator ═╝                    ╚═ band sensor
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gnuradio import blocks, gr

from semcom.blocks import burst_receiver
from semcom.flowgraphs.live.air import ON_AIR, AirEvent, Settled
from semcom.flowgraphs.live.band_sensor import BandSensor
from semcom.flowgraphs.live.blocks import listener, read_event
from semcom.flowgraphs.live.paced_modulator import paced_modulator
from semcom.flowgraphs.loopback.frame_feed import post_frame
from semcom.flowgraphs.loopback.headless import channel_model
from semcom.flowgraphs.loopback.result import SentBurst
from semcom.link.messages import Kind
from semcom.link.transports.mailbox import Mailbox
from semcom.phy.transport_block import NUM_PROCESSES
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.radio import Channel, LoopbackRadio

GAP_S = 256e-6
"""Silence before each burst."""

LARGEST_SEED = 2**31 - 1
QUEUED_CHUNKS = 512
"""About a second and a half at the pace of the modulator: while a long burst is decoded, the stream must not wait."""


class TwoWayLoopback:
    """Two `Air`, the ends of one loopback.

    Parameters
    ----------
    radio : LoopbackRadio
        Waveform, and the channel of each direction.
    sources : (int, int)
        Numbers that the bursts of the two ends carry.
    one_frequency : bool
        Who speaks disturbs the other.

    Attributes
    ----------
    ends : (LoopbackEnd, LoopbackEnd)
    """

    def __init__(self, radio: LoopbackRadio, sources: tuple[int, int], one_frequency: bool = False) -> None:
        self._top_block = gr.top_block("semcom two-way loopback", catch_exceptions=True)
        self.ends = tuple(LoopbackEnd(radio.waveform, source) for source in sources)
        # References of our own: a Python block without one is collected, and the flowgraph crashes.
        self._parts = self._connect_one(radio) if one_frequency else self._connect_two(radio)
        self._top_block.start()

    def close(self) -> None:
        self._top_block.stop()
        self._top_block.wait()
        for end in self.ends:
            end.close()

    def _connect_two(self, radio: LoopbackRadio) -> list[Any]:
        parts = []
        for number, (sender, hearer) in enumerate((self.ends, reversed(self.ends))):
            channel = _channel_model(radio.channel, sender.waveform, number)
            self._top_block.connect(sender.modulator, channel, hearer.receiver)
            parts.append(channel)
        self._connect_messages()
        return parts

    def _connect_one(self, radio: LoopbackRadio) -> list[Any]:
        adder, channel = blocks.add_cc(), _channel_model(radio.channel, self.ends[0].waveform, 0)
        for port, end in enumerate(self.ends):
            self._top_block.connect(end.modulator, (adder, port))
            self._top_block.connect(channel, end.receiver)
            end.sensor.connect(self._top_block, channel)
        self._top_block.connect(adder, channel)
        self._connect_messages()
        return [adder, channel]

    def _connect_messages(self) -> None:
        for end in self.ends:
            self._top_block.msg_connect(end.modulator, "statistics", end.listener, "in")
            for port in ("frames", "failed", "statistics"):
                self._top_block.msg_connect(end.receiver, port, end.listener, "in")


class LoopbackEnd:
    """An `Air`: one end of a two-way loopback."""

    has_feedback_channel = False
    hears_itself = transmits = receives = is_up = True

    def __init__(self, waveform: str, source: int) -> None:
        self.waveform = Waveform.load(waveform)
        self.source = source
        gap_samples = round(GAP_S * self.waveform.nominal_rate_hz)
        self.modulator = paced_modulator(self.waveform, gap_samples=gap_samples)
        self.modulator.set_log_level("warn")  # else it announces its buffer size on standard output
        self.receiver = burst_receiver(self.waveform, max_queued_chunks=QUEUED_CHUNKS)
        self.sensor = BandSensor(self.waveform.nominal_rate_hz)
        self._mailbox = Mailbox()
        # One listener for all: from several, what came first could be heard last.
        self.listener = listener("loopback end", self._hear)
        self._posted: deque[int] = deque()
        self._bursts: deque[tuple[int, list[int]]] = deque()  # end in samples, numbers of its frames
        self._num_posted = 0

    @property
    def band_is_busy(self) -> bool:
        """Whether there is a signal in the band."""
        return self.sensor.is_busy

    @property
    def air_s(self) -> float:
        """Seconds by the clock of this radio: samples given out, over their rate."""
        return self.modulator.nitems_written(0) / self.waveform.nominal_rate_hz

    def status(self) -> dict[str, Any]:
        return {"state": "running", "air_s": self.air_s, "late": self.modulator.num_late}

    def waits_on(self) -> Sequence[Any]:
        return (self._mailbox,)

    def tell(self, kind: Kind, body: dict[str, Any]) -> bool:
        return False

    def send(self, number: int, frame: bytes, mcs: str, repeat: Mapping[str, Any] | None = None) -> None:
        self.modulator.queue.check(frame, mcs)
        self._posted.append(number)
        numbers = {"process": self._num_posted % NUM_PROCESSES, "source": self.source, **(repeat or {})}
        self._num_posted += 1
        post_frame(self.modulator, frame, mcs, numbers)

    def events(self) -> Iterator[AirEvent]:
        for event in self._mailbox.take_all():
            if isinstance(event, SentBurst):
                numbers = [self._posted.popleft() for _ in range(event.num_frames)]
                self._bursts.append((event.start_sample + event.channel_uses, numbers))
            else:
                yield event
        given = self.modulator.nitems_written(0)
        while self._bursts and self._bursts[0][0] <= given:
            yield Settled([(number, ON_AIR) for number in self._bursts.popleft()[1]])

    def close(self) -> None:
        self._mailbox.close()

    def _hear(self, message: Any) -> None:
        self._mailbox.put(read_event(message))


def _channel_model(channel: Channel, waveform: Waveform, number: int) -> Any:
    """The channel of one direction, with noise of its own."""
    other_noise = channel.model_copy(update={"seed": (channel.seed + number - 1) % LARGEST_SEED + 1})
    return channel_model(other_noise, waveform.nominal_rate_hz)
