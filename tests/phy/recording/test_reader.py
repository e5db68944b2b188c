"""Samples come out as they lie in the file, capture by capture, shifted where the signal lies beside."""

import numpy as np
import pytest

from semcom.phy.recording.metadata import read_recording
from semcom.phy.recording.reader import RecordingReader


def everything(reader, step):
    """Samples, and where each capture began among them."""
    parts, begins = [], []
    while True:
        samples, capture = reader.read(step)
        if capture is not None:
            begins.append((sum(map(len, parts)), capture.start_sample))
        if not len(samples):
            return np.concatenate(parts), begins
        parts.append(samples)


@pytest.fixture
def numbered(make):
    """100 samples numbered in I, of which the first 10 belong to no capture, with bytes of headers between."""
    values = np.zeros((100, 2), "<i2")
    values[:, 0] = np.arange(100)
    data = values.tobytes()
    data = data[: 10 * 4] + b"HEAD" + data[10 * 4 : 40 * 4] + b"headhead" + data[40 * 4 :]
    captures = [
        {"core:sample_start": 10, "core:header_bytes": 4, "core:frequency": 100e6},
        {"core:sample_start": 40, "core:header_bytes": 8, "core:frequency": 101e6},
    ]
    return make(data, captures, **{"semcom:signal_freq_hz": 100.25e6})


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_each_capture_gives_its_own_samples(numbered, step):
    with RecordingReader(read_recording(numbered)) as reader:
        samples, begins = everything(reader, step)
    assert begins == [(0, 10), (30, 40)]
    assert np.allclose(np.abs(samples) * 32768, np.arange(10, 100), atol=1e-3)  # the headers' bytes are no samples


def test_where_the_signal_lies_is_shifted_to_zero_in_each_capture(numbered):
    """The signal at 100.25 MHz lies 250 kHz above the first capture's middle, and 750 kHz below the second one's."""
    with RecordingReader(read_recording(numbered), center_offset_hz=1e3) as reader:
        samples, _ = everything(reader, 13)
    n = np.arange(30)
    first = (10 + n) / 32768 * np.exp(-2j * np.pi * 0.251 * n)
    assert np.allclose(samples[:30], first, atol=1e-6)
    n = np.arange(60)
    assert np.allclose(samples[30:], (40 + n) / 32768 * np.exp(-2j * np.pi * -0.749 * n), atol=1e-6)


def test_a_file_that_shrinks_meanwhile_ends_early(numbered):
    reader = RecordingReader(read_recording(numbered))
    reader.read(5)
    with numbered.with_suffix(".sigmf-data").open("r+b") as file:
        file.truncate(4 * 20 + 4 + 3)
    samples, begins = everything(reader, 4)
    assert len(samples) == 5 and begins == []
    reader.close()
