"""What a radio delivers, kept as a SigMF recording: from the moment the radio is open, with gaps and bursts marked."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from semcom.blocks.recording_sink import recording_sink
from semcom.flowgraphs.loopback.result import BurstStatistics
from semcom.phy.any_rate_receiver import band_edge_hz
from semcom.phy.recording.metadata import SEARCH_KEY, SIGNAL_KEY, WAVEFORM_KEY
from semcom.phy.recording.writer import RecordingWriter, check_free, files_of
from semcom.phy.recording.written_metadata import About
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.real_radio import HardwareRadio, RealRadio

LOSS_LETTERS = ("O", "D", "S")
"""What drivers print where samples of a receiver are lost, see `stream_events`."""


class SigmfRecorder:
    """A recording of a radio. No file is made before `open`.

    Parameters
    ----------
    path : path
        With or without an ending.
    radio : RealRadio
        Whose samples they are.
    overwrite : bool
        Take the place of a recording of this name.

    Attributes
    ----------
    meta_path, data_path : Path

    Raises
    ------
    RecordingError
        There is a recording of this name.
    """

    def __init__(self, path: str | Path, radio: RealRadio, overwrite: bool = False):
        check_free(path, overwrite)
        self.meta_path, self.data_path = files_of(path)
        self._radio, self._overwrite = radio, overwrite
        self._writer: RecordingWriter | None = None
        self._sink: recording_sink | None = None
        self._first_sample = 0  # of the present stretch
        self._losses = 0

    @property
    def num_samples(self) -> int:
        """Written so far."""
        return self._writer.num_samples if self._writer else 0

    @property
    def trouble(self) -> str:
        """Why nothing more is written; empty while all is well."""
        return self._writer.trouble if self._writer else ""

    def open(self, sample_rate_hz: float) -> recording_sink:
        """A block that writes, for a radio that is open now. Called again where it was lost: a new capture begins.

        Raises
        ------
        RecordingError
            No file can be made.
        """
        if self._writer is None:
            self._writer = RecordingWriter(self.meta_path, about_radio(self._radio, sample_rate_hz), self._overwrite)
        elif self._writer.num_samples:
            self._writer.begin_capture()
        self._first_sample = self._writer.num_samples
        self._sink = recording_sink(self._writer, sample_rate_hz)
        return self._sink

    def take_burst(self, burst: BurstStatistics) -> None:
        """A burst that was received in it, positions counted from the last `open`."""
        if self._writer is None:
            return
        label = burst.mcs if burst.header_ok and burst.mcs else "unreadable burst"
        comment = f"SNR {burst.snr_db:.1f} dB, carrier offset {burst.cfo_hz:.0f} Hz"
        ratio = burst.sample_rate_hz / Waveform.load(self._radio.waveform).nominal_rate_hz
        start = self._first_sample + burst.start_sample
        self._writer.annotate(start, round(burst.channel_uses * ratio), label, comment)

    def take_events(self, counts: Mapping[str, int]) -> None:
        """What the driver has said by now: a radio that tags no times says losses by letters alone.

        The capture then begins where the recording is now, which is as exact as the driver's buffer is long.
        """
        losses = sum(counts.get(letter, 0) for letter in LOSS_LETTERS)
        if losses > self._losses and self._writer is not None and self._sink is not None and not self._sink.tells_time:
            self._writer.begin_capture()
        self._losses = losses

    def close(self) -> None:
        """After the flowgraph has stopped. A recording without a sample is taken away."""
        if self._writer is not None:
            self._writer.close()


def about_radio(radio: RealRadio, sample_rate_hz: float) -> About:
    """What a recording says of the radio whose samples it holds."""
    waveform = Waveform.load(radio.waveform)
    signal_hz = radio.rx_center_freq_hz if isinstance(radio, HardwareRadio) else getattr(radio, "center_freq_hz", 0.0)
    shifted = isinstance(radio, HardwareRadio) and radio.shifts_digitally
    facts = {
        "core:description": f"semcom, waveform {waveform.name}",
        "core:recorder": f"gr-semcom {_own_version()}",
        "core:hw": radio.description or radio.driver,
        WAVEFORM_KEY: waveform.name,
        SEARCH_KEY: radio.max_cfo_subcarriers,
    }
    if not signal_hz:
        return About(sample_rate_hz, None, facts)
    edge_hz = band_edge_hz(waveform)
    lo_offset_hz = radio.lo_offset_hz if shifted else 0.0
    facts[SIGNAL_KEY] = signal_hz
    return About(sample_rate_hz, signal_hz + lo_offset_hz, facts, (signal_hz - edge_hz, signal_hz + edge_hz))


def _own_version() -> str:
    try:
        return version("gr-semcom")
    except PackageNotFoundError:
        return "unknown"
