"""SigMF recordings in the place of a radio: replayed as a source, written as a sink. All in C++ but the metadata."""

from __future__ import annotations

from gnuradio import blocks, gr

from semcom.flowgraphs.errors import RadioSettingError
from semcom.flowgraphs.radios.endpoint import RadioEndpoint
from semcom.flowgraphs.radios.sigmf_files import Recording, SigmfRecorder, read_recording
from semcom.sdr_configs.sigmf import SigmfRadio

_FULL_SCALE = {"ci16_le": 32768.0, "ci8": 128.0}


def open_sink(radio: SigmfRadio) -> RadioEndpoint:
    """A new recording; its metadata is written on closing."""
    recorder = SigmfRecorder(_named(radio), radio)
    block = blocks.file_sink(gr.sizeof_gr_complex, str(recorder.data_path), False)

    def release() -> None:
        block.close()
        recorder.finish()

    return RadioEndpoint(block, radio.sample_rate_hz, endless=False, annotate=recorder.annotate, release=release)


def open_source(radio: SigmfRadio) -> RadioEndpoint:
    """A recording, as fast as it can be read; at the rate it was made with."""
    recording = read_recording(_named(radio))
    return RadioEndpoint(_reader(recording), recording.sample_rate_hz, endless=False)


def _named(radio: SigmfRadio) -> str:
    if not radio.recording:
        raise RadioSettingError("recording must be given for a radio of driver sigmf (`semcom replay FILE` does it)")
    return radio.recording


def _reader(recording: Recording) -> gr.basic_block:
    path = str(recording.data_path)
    if recording.datatype == "cf32_le":
        return blocks.file_source(gr.sizeof_gr_complex, path, False)
    return _IntegerSamples(path, recording.datatype)


class _IntegerSamples(gr.hier_block2):
    """A file of interleaved integers as complex64, full scale 1."""

    def __init__(self, path: str, datatype: str):
        gr.hier_block2.__init__(self, "integer samples", gr.io_signature(0, 0, 0), gr.io_signature(1, 1, 8))
        if datatype == "ci16_le":
            self._chain = [
                blocks.file_source(2 * gr.sizeof_short, path, False),
                blocks.interleaved_short_to_complex(True, False, _FULL_SCALE[datatype]),
            ]
        elif datatype == "ci8":
            self._chain = [
                blocks.file_source(2 * gr.sizeof_char, path, False),
                blocks.interleaved_char_to_complex(True, _FULL_SCALE[datatype]),
            ]
        else:  # cu8: RTL-SDR's bytes, 127.5 is zero
            self._chain = [
                blocks.file_source(gr.sizeof_char, path, False),
                blocks.uchar_to_float(),
                blocks.add_const_ff(-127.5),
                blocks.multiply_const_ff(1 / 128),
                blocks.stream_to_vector(gr.sizeof_float, 2),
                blocks.vector_to_stream(gr.sizeof_gr_complex, 1),
            ]
        self.connect(*self._chain, self)
