"""Frames through GNU Radio's channel model and back, headless: what `semcom send` uses.

    frames ─ burst_modulator ═ channels.channel_model ═ burst_receiver ─ frames and statistics

Works offline, as fast as the computer allows. The same frames over the same channel with the same seed give the same
samples but for their last bits, in which GNU Radio's kernels differ with the length of its buffers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gnuradio import channels, gr

from semcom.blocks import burst_modulator, burst_receiver
from semcom.blocks.message_block import MessageBlock
from semcom.blocks.pdu import llr_bytes, read_pdu, read_symbols
from semcom.flowgraphs.loopback.burst_view import pack_view
from semcom.flowgraphs.loopback.channel_taps import channel_taps
from semcom.flowgraphs.loopback.frame_feed import FrameFeed
from semcom.flowgraphs.loopback.result import BurstStatistics, LoopbackResult, ReceivedFrame, SentBurst
from semcom.flowgraphs.loopback.watchdog import run_to_end
from semcom.phy.coding.soft_buffers import SoftBuffers
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.radio import Channel

STREAM_BUFFER_SAMPLES = 1 << 16


class collector(MessageBlock):  # noqa: N801
    """Keeps the messages of one port."""

    def __init__(self, name: str):
        MessageBlock.__init__(self, name, "in")
        self.messages: list[Any] = []

    def handle(self, message: Any) -> None:
        self.messages.append(message)


def noise_voltage(channel: Channel) -> float:
    """Root mean square of the noise beside bursts of mean power 1."""
    return 0.0 if channel.snr_db is None else 10 ** (-channel.snr_db / 20)


class LoopbackTopBlock(gr.top_block):
    """Modulator, channel model, receiver.

    Parameters
    ----------
    waveform : str or Waveform
    channel : Channel
        From a radio file; its SNR is over bursts of mean power 1 (docs/conventions.md).
    max_blocks_per_burst : int
        Consecutive frames of equal length and mode that may share a burst.
    gap_samples : int
        Silence before each burst.
    wait_for_full_bursts : bool
        See `burst_modulator`.
    modulator, listener : callable
        What makes the modulator, and the three blocks that hear what it and the receiver say.
    """

    def __init__(
        self,
        waveform: str | Waveform = "ofdm64",
        channel: Channel | None = None,
        max_blocks_per_burst: int = 8,
        gap_samples: int = 256,
        wait_for_full_bursts: bool = True,
        modulator: Callable[..., Any] = burst_modulator,
        listener: Callable[[str], Any] = collector,
    ):
        gr.top_block.__init__(self, "semcom loopback", catch_exceptions=True)
        channel = channel or Channel()
        self.modulator = modulator(
            waveform,
            max_blocks_per_burst=max_blocks_per_burst,
            gap_samples=gap_samples,
            wait_for_full_bursts=wait_for_full_bursts,
        )
        self.modulator.set_log_level("warn")  # else it announces its buffer size on standard output
        self.modulator.set_min_output_buffer(STREAM_BUFFER_SAMPLES)
        rate_hz = self.modulator.waveform.nominal_rate_hz
        self.channel = channel_model(channel, rate_hz)
        self.receiver = burst_receiver(waveform)
        # A Python block without a reference of our own is collected, and the flowgraph crashes.
        self.sent_bursts = listener("sent bursts")
        self.received_frames = listener("received frames")
        self.received_bursts = listener("received bursts")
        self.connect(self.modulator, self.channel, self.receiver)
        self.msg_connect(self.modulator, "statistics", self.sent_bursts, "in")
        for port in ("frames", "failed"):
            self.msg_connect(self.receiver, port, self.received_frames, "in")
        self.msg_connect(self.receiver, "statistics", self.received_bursts, "in")

    def set_channel(self, channel: Channel) -> None:
        """Another SNR, carrier offset, sample clock and other paths while it runs; the seed stays."""
        rate_hz = self.modulator.waveform.nominal_rate_hz
        self.channel.set_noise_voltage(noise_voltage(channel))
        self.channel.set_frequency_offset(channel.cfo_hz / rate_hz)
        self.channel.set_timing_offset(1.0 + channel.clock_offset_ppm * 1e-6)
        self.channel.set_taps(channel_taps(channel, rate_hz).tolist())


def run_loopback(
    frames: Sequence[tuple[bytes, str] | tuple[bytes, str, Mapping[str, Any]]],
    waveform: str | Waveform = "ofdm64",
    channel: Channel | None = None,
    *,
    max_blocks_per_burst: int = 8,
    gap_samples: int = 256,
    progress: Callable[[int, int], None] = lambda done, total: None,
    timeout_s: float = 600.0,
    soft_buffers: SoftBuffers | None = None,
) -> LoopbackResult:
    """Send frames over the channel model and wait for what comes.

    Parameters
    ----------
    frames : sequence of (bytes, str) or (bytes, str, mapping)
        Each frame with the name of its mode (``"qpsk-1/2"``), in the order to send, and for repeats with its process,
        redundancy_version and new_data.
    waveform, channel, max_blocks_per_burst, gap_samples
        See `LoopbackTopBlock`.
    progress : callable
        Called now and then with (frames on air so far, all frames).
    timeout_s : float
    soft_buffers : SoftBuffers, optional
        What earlier rounds left in the receiver, so that repeats are combined with it.

    Raises
    ------
    ConfigurationError
        A mode or waveform that does not exist, a frame that fits no burst.
    FlowgraphTimeoutError
    """
    top_block = LoopbackTopBlock(waveform, channel, max_blocks_per_burst, gap_samples)
    if soft_buffers is not None:
        top_block.receiver.keep_soft_values_in(soft_buffers)
    run_to_end(top_block, timeout_s, FrameFeed(top_block.modulator, frames, progress))
    return LoopbackResult(
        frames=tuple(received_frame(message) for message in top_block.received_frames.messages),
        bursts=tuple(burst_statistics(message) for message in top_block.received_bursts.messages),
        sent_bursts=tuple(SentBurst(**read_pdu(message)[0]) for message in top_block.sent_bursts.messages),
        nominal_rate_hz=top_block.modulator.waveform.nominal_rate_hz,
    )


def channel_model(channel: Channel, rate_hz: float) -> channels.channel_model:
    """GNU Radio's channel model with the settings of a radio file, at the waveform's rate."""
    return channels.channel_model(
        noise_voltage=noise_voltage(channel),
        frequency_offset=channel.cfo_hz / rate_hz,
        epsilon=1.0 + channel.clock_offset_ppm * 1e-6,
        taps=channel_taps(channel, rate_hz).tolist(),
        noise_seed=channel.seed,
        block_tags=False,
    )


def received_frame(message: Any) -> ReceivedFrame:
    """A message of the receiver's ports ``frames`` and ``failed``."""
    meta, data = read_pdu(message)
    return ReceivedFrame(data=data if meta["crc_ok"] else None, **{**meta, "llr": llr_bytes(meta)})


def burst_statistics(message: Any) -> BurstStatistics:
    """A message of the receiver's port ``statistics``."""
    meta, symbols = read_symbols(message)
    view = pack_view(meta["channel"], symbols)
    return BurstStatistics(constellation=symbols, view=view, **{"mcs": None, **meta})
