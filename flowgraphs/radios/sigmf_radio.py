"""SigMF recordings in the place of a radio: replayed as a source, written as a sink."""

from __future__ import annotations

from semcom.blocks.recording_sink import recording_sink
from semcom.blocks.recording_source import recording_source
from semcom.flowgraphs.errors import RadioLostError, RadioSettingError
from semcom.flowgraphs.radios.endpoint import RadioEndpoint
from semcom.flowgraphs.radios.sigmf_files import about_radio
from semcom.phy.recording.metadata import read_recording
from semcom.phy.recording.writer import RecordingWriter
from semcom.sdr_configs.sigmf import SigmfRadio


def open_sink(radio: SigmfRadio) -> RadioEndpoint:
    """A new recording."""
    writer = RecordingWriter(_named(radio), about_radio(radio, radio.sample_rate_hz), radio.overwrite)

    def release() -> None:
        writer.close()
        if writer.trouble:
            raise RadioLostError(writer.trouble)

    block = recording_sink(writer, radio.sample_rate_hz)
    return RadioEndpoint(block, radio.sample_rate_hz, endless=False, annotate=writer.annotate, release=release)


def open_source(radio: SigmfRadio) -> RadioEndpoint:
    """A recording, as fast as it can be read; at the rate it was made with, or the one that is told."""
    recording = read_recording(_named(radio), True, radio.recorded_rate_hz, radio.datatype)
    block = recording_source(recording, center_offset_hz=radio.center_offset_hz)
    return RadioEndpoint(
        block,
        recording.sample_rate_hz,
        endless=False,
        first_sample=block.first_sample,
        notes=list(recording.notes),
    )


def _named(radio: SigmfRadio) -> str:
    if not radio.recording:
        raise RadioSettingError("recording must be given for a radio of driver sigmf (`semcom replay FILE` does it)")
    return radio.recording
