"""Recordings that are written: valid SigMF, true at every moment, bounded, and never in the place of another one."""

import errno
import json
import os
import resource
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from semcom.phy.errors import RecordingError
from semcom.phy.recording import writer as writer_module
from semcom.phy.recording.metadata import MAX_META_BYTES, read_recording
from semcom.phy.recording.reader import RecordingReader
from semcom.phy.recording.writer import RecordingWriter, check_free
from semcom.phy.recording.written_metadata import MAX_ANNOTATIONS, MAX_CAPTURES, About

RATE_HZ = 2.4e6
ABOUT = About(RATE_HZ, 2.4e9, {"core:hw": "test", "semcom:waveform": "ofdm64"}, (2.3996e9, 2.4004e9))
EPOCH_S = Fraction(1_760_000_000)


def noise(rng, count):
    return rng.normal(size=(count, 2)).astype(np.float32).view(np.complex64).ravel()


def samples_of(path):
    parts = []
    with RecordingReader(read_recording(path)) as reader:
        while len(part := reader.read(1000)[0]):
            parts.append(part)
    return np.concatenate(parts)


def test_what_is_written_is_read_again_and_valid(rng, tmp_path):
    sigmf = pytest.importorskip(
        "sigmf", reason="the package sigmf validates: scripts/setup radios", exc_type=ImportError
    )
    samples = noise(rng, 5000)
    recording = RecordingWriter(tmp_path / "deep" / "with.dots", ABOUT)
    recording.write(samples[:3000])
    recording.annotate(2000, 500, "second", "with a comment")
    recording.annotate(100, 500, "first")
    recording.write(samples[3000:])
    recording.close()
    recording.close()
    assert np.array_equal(samples_of(recording.meta_path), samples)
    other = sigmf.fromfile(str(recording.meta_path))
    other.validate()
    assert np.array_equal(other.read_samples(), samples)
    assert [mark["core:label"] for mark in other.get_annotations()] == ["first", "second"]
    assert other.get_global_info()["core:hw"] == "test" and other.get_captures()[0]["core:frequency"] == 2.4e9
    assert sorted(path.name for path in (tmp_path / "deep").iterdir()) == [
        "with.dots.sigmf-data",
        "with.dots.sigmf-meta",
    ]


def test_it_can_be_read_before_it_has_ended(rng, tmp_path):
    """As after a process that was killed: nothing was closed."""
    samples = noise(rng, 2000)
    recording = RecordingWriter(tmp_path / "it", ABOUT)
    assert read_meta(recording)["captures"][0]["core:sample_start"] == 0
    recording.write(samples)
    assert np.array_equal(samples_of(tmp_path / "it"), samples)
    recording.close()


def read_meta(recording):
    return json.loads(recording.meta_path.read_text())


@pytest.mark.parametrize("there", [".sigmf-meta", ".sigmf-data"])
def test_another_recording_is_never_replaced_unless_told(tmp_path, there):
    (tmp_path / f"it{there}").write_text("precious")
    for attempt in (
        lambda: check_free(tmp_path / "it.sigmf-meta", False),
        lambda: RecordingWriter(tmp_path / "it", ABOUT),
    ):
        with pytest.raises(RecordingError, match=rf"it{there}: is there already: take another name"):
            attempt()
    assert [path.read_text() for path in tmp_path.iterdir()] == ["precious"]
    recording = RecordingWriter(tmp_path / "it", ABOUT, overwrite=True)
    recording.write(np.ones(3, np.complex64))
    recording.close()
    assert samples_of(tmp_path / "it").tolist() == [1, 1, 1]


def test_names_that_cannot_be_are_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError, match=r"file/it\.sigmf-data: cannot be written: "):
        RecordingWriter(tmp_path / "file" / "it", ABOUT)
    with pytest.raises(RecordingError, match="recording must have a name"):
        check_free("/", False)


def test_a_gap_is_a_capture_with_the_exact_number_of_samples_that_are_missing(rng, tmp_path, monkeypatch):
    monkeypatch.setattr(writer_module, "WRITE_EVERY_S", -1.0)
    recording = RecordingWriter(tmp_path / "it", ABOUT)
    recording.set_time(EPOCH_S, EPOCH_S)
    recording.write(noise(rng, 1000))
    later_s = EPOCH_S + Fraction(1000 + 777) / Fraction(RATE_HZ)
    recording.begin_capture(later_s, later_s)
    recording.write(noise(rng, 500))
    assert len(read_meta(recording)["captures"]) == 2  # at once, not at the end
    recording.begin_capture(center_freq_hz=2.5e9)
    recording.write(noise(rng, 10))
    recording.close()
    first, second, third = read_recording(tmp_path / "it").captures
    assert (first.num_samples, second.num_samples, third.num_samples) == (1000, 500, 10)
    assert second.stream_sample == 1777 and not second.continues
    assert first.time_s == EPOCH_S and abs(second.time_s - later_s) < Fraction(1, 10**9)
    assert third.center_freq_hz == 2.5e9 and third.stream_sample == 2277  # tuned elsewhere, and none missing


def test_a_loss_of_unknown_length_is_dated_by_the_computers_clock(rng, tmp_path, monkeypatch):
    clock_ns = [1_760_000_000 * 10**9]
    monkeypatch.setattr("semcom.phy.recording.written_metadata.time.time_ns", lambda: clock_ns[0])
    recording = RecordingWriter(tmp_path / "it", ABOUT)
    clock_ns[0] += 3 * 10**9  # until samples come
    recording.write(noise(rng, 1000))
    clock_ns[0] += 10**9
    recording.begin_capture()
    recording.write(noise(rng, 1000))
    recording.close()
    first, second = read_recording(tmp_path / "it").captures
    assert (first.time_s, second.time_s) == (EPOCH_S + 3, EPOCH_S + 4)
    assert second.stream_sample == RATE_HZ and not second.continues


def test_two_gaps_at_one_sample_are_one(rng, tmp_path):
    recording = RecordingWriter(tmp_path / "it", ABOUT)
    recording.set_time(None, Fraction(5))
    recording.write(noise(rng, 100))
    for seconds in (6, 7):
        recording.begin_capture(radio_time_s=Fraction(seconds))
    recording.write(noise(rng, 100))
    recording.close()
    captures = read_recording(tmp_path / "it").captures
    assert [capture.stream_sample for capture in captures] == [0, round(2 * RATE_HZ)]


def test_metadata_stay_readable_however_much_happens(tmp_path):
    recording = RecordingWriter(tmp_path / "it", ABOUT)
    for number in range(MAX_CAPTURES + 5):
        recording.write(np.zeros(1, np.complex64))
        recording.begin_capture(radio_time_s=Fraction(number + 1))
        recording.annotate(number * 10**6, 10**6, "qpsk-1/2", "SNR 25.0 dB, carrier offset 12345 Hz, and more words")
    recording.close()
    meta = read_meta(recording)
    assert len(meta["annotations"]) == MAX_ANNOTATIONS and len(meta["captures"]) == MAX_CAPTURES
    assert meta["global"]["semcom:annotations_not_listed"] == 5 and meta["global"]["semcom:captures_not_listed"] == 6
    assert recording.meta_path.stat().st_size < MAX_META_BYTES / 2
    assert read_recording(tmp_path / "it").num_samples == MAX_CAPTURES + 5


class FullDisk:
    """A file on a disk that has room for so many bytes."""

    def __init__(self, file, room):
        self._file, self._room = file, room

    def write(self, data):
        if not self._room:
            raise OSError(errno.ENOSPC, "No space left on device")
        part = data[: self._room]
        self._room -= len(part)
        return self._file.write(part)

    def close(self):
        self._file.close()


@pytest.mark.parametrize("room_for_metadata", [True, False])
def test_a_full_disk_is_said_and_leaves_a_recording(rng, tmp_path, monkeypatch, room_for_metadata):
    samples = noise(rng, 50_000)
    recording = RecordingWriter(tmp_path / "it", ABOUT)
    recording._file = FullDisk(recording._file, 8 * 40_000 + 5)
    write_metadata = recording._write_metadata

    def without_room(complete=False):
        if not room_for_metadata and recording.data_path.stat().st_size > 8 * 39_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_metadata(complete)

    monkeypatch.setattr(recording, "_write_metadata", without_room)
    assert recording.write(samples[:30_000]) and not recording.write(samples[30_000:])
    kept = recording.num_samples
    assert kept == 40_000 if room_for_metadata else 20_000 < kept < 39_000
    assert (
        f"ends after {kept / RATE_HZ:.2f} s: No space left on device; what is there can be replayed"
        in recording.trouble
    )
    assert not recording.write(samples)
    recording.close()
    assert np.array_equal(samples_of(tmp_path / "it"), samples[:kept])
    assert ("core:sha512" in read_meta(recording)["global"]) is room_for_metadata


def test_a_file_that_may_not_grow_ends_with_a_sentence(tmp_path):
    """The operating system's own refusal, in a process of its own."""
    program = (
        "import numpy as np\n"
        "from semcom.phy.recording.writer import About, RecordingWriter\n"
        f"recording = RecordingWriter({str(tmp_path / 'it')!r}, About(1e6))\n"
        "written = [recording.write(np.ones(1000, np.complex64)) for _ in range(20)]\n"
        "recording.close()\n"
        "print(sum(written), recording.trouble)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_001, 100_001)),
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("12 ") and "ends after 0.01 s: File too large" in done.stdout
    assert len(samples_of(tmp_path / "it")) == 12_500


def test_a_recording_without_a_sample_is_taken_away(tmp_path):
    recording = RecordingWriter(tmp_path / "it", ABOUT)
    recording.close()
    assert list(tmp_path.iterdir()) == []
