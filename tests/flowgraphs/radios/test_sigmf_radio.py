"""Recordings: written, validated by the `sigmf` package, replayed, and refused where they are none."""

import json

import numpy as np
import pytest

from semcom.flowgraphs.live.receive import Listener, run_receive
from semcom.flowgraphs.live.transmit import run_transmit
from semcom.flowgraphs.radios.sigmf_files import SigmfRecorder
from semcom.phy.recording.metadata import read_recording
from semcom.sdr_configs.radio import parse_radio

from ...radio_doubles.fixtures import carry

pytestmark = pytest.mark.timeout(400)


def replay(path, **settings):
    frames, bursts = [], []
    radio = parse_radio({"driver": "sigmf", "recording": str(path), **settings})
    summary = run_receive(radio, Listener(frames.append, bursts.append), timeout_s=60.0)
    return frames, bursts, summary


@pytest.fixture
def written(rng, tmp_path):
    """A recording that was transmitted into, and the frames in it."""
    frames = [(rng.bytes(100), mcs) for mcs in ("bpsk-1/2", "qpsk-1/2", "16qam-3/4") for _ in range(10)]
    radio = parse_radio({"driver": "sigmf", "recording": str(tmp_path / "sent.v1"), "center_freq_hz": 2.4e9})
    return tmp_path / "sent.v1", frames, run_transmit(radio, frames, timeout_s=60)


def test_what_is_transmitted_into_a_recording_is_received_from_it(written):
    path, frames, sent = written
    received, bursts, summary = replay(path)
    assert [frame.data for frame in received] == [frame for frame, _ in frames]
    assert summary.ended == "end of recording" and len(bursts) == len(sent.sent_bursts) == 6


def test_swapped_i_and_q_are_swapped_back_on_request(written):
    path, frames, _ = written
    data = path.with_name(path.name + ".sigmf-data")
    samples = np.fromfile(data, "<f4").reshape(-1, 2)
    samples[:, ::-1].tofile(data)
    about = path.with_name(path.name + ".sigmf-meta")
    meta = json.loads(about.read_text())
    meta["global"].pop("core:sha512", None)
    about.write_text(json.dumps(meta))
    received, bursts, _ = replay(path)
    assert received == [] and len(bursts) == 6
    received, _, _ = replay(path, iq_swap=True)
    assert [frame.data for frame in received] == [frame for frame, _ in frames]


def test_recordings_are_valid_and_each_burst_is_annotated(written):
    sigmf = pytest.importorskip(
        "sigmf", reason="the package sigmf validates: scripts/setup radios", exc_type=ImportError
    )
    path, _, sent = written
    recording = sigmf.fromfile(str(path) + ".sigmf-meta")
    recording.validate()
    marks = recording.get_annotations()
    assert [mark["core:label"] for mark in marks] == [burst.mcs for burst in sent.sent_bursts]
    samples = recording.read_samples()
    for mark in marks:
        first, count = mark["core:sample_start"], mark["core:sample_count"]
        assert 9 < -10 * np.log10(np.mean(np.abs(samples[first : first + count]) ** 2)) < 15  # 12 dB below full scale
        assert np.max(np.abs(samples[first - 200 : first - 80])) < 1e-3  # silence before
    assert recording.get_captures()[0]["core:frequency"] == 2.4e9


def test_a_live_reception_and_its_replay_give_the_same(rng, soapy_radio, tmp_path):
    sigmf = pytest.importorskip(
        "sigmf", reason="the package sigmf validates: scripts/setup radios", exc_type=ImportError
    )
    radio = soapy_radio(lo_offset_hz=0.2e6, max_cfo_subcarriers=4)
    frames = [(rng.bytes(150), "qpsk-1/2") for _ in range(30)]
    recorder = SigmfRecorder(tmp_path / "air_record", radio)
    heard = []

    def keep(burst):
        heard.append(burst)
        recorder.take_burst(burst)

    carry(radio, frames, recorder=recorder, on_burst=keep)
    recording = sigmf.fromfile(str(recorder.meta_path))
    recording.validate()
    assert recording.get_captures()[0]["core:frequency"] == 2.4e9 + 0.2e6  # where the oscillator was
    assert len(recording.get_annotations()) == len(heard) == 4
    found = read_recording(recorder.meta_path)
    assert (found.waveform, found.max_cfo_subcarriers) == ("ofdm64", 4.0)
    again, _, _ = replay(recorder.meta_path, max_cfo_subcarriers=4)  # where the signal lies it says itself
    assert [frame.data for frame in again] == [data for data, _ in frames]
    assert [frame.start_sample for frame in again[::8]] == [burst.start_sample for burst in heard]


def test_a_driver_that_prints_its_losses_begins_captures_by_them(tmp_path):
    recorder = SigmfRecorder(tmp_path / "it", parse_radio({"driver": "sigmf"}))
    recorder.take_events({"O": 1})  # before the radio is open
    sink = recorder.open(2e6)
    for losses in ({"O": 1}, {"O": 2}, {"O": 2, "D": 1}):
        sink.writer.write(np.ones(100, np.complex64))
        recorder.take_events(losses)
    sink.tells_time = True  # from then on its tags say more
    sink.writer.write(np.ones(100, np.complex64))
    recorder.take_events({"O": 9})
    sink.writer.write(np.ones(100, np.complex64))
    recorder.open(2e6)  # lost, and found again
    sink.writer.write(np.ones(100, np.complex64))
    recorder.close()
    assert [capture.start_sample for capture in read_recording(tmp_path / "it").captures] == [0, 200, 300, 500]


def test_positions_and_times_are_those_of_the_recording(written, tmp_path):
    """With an offset of the first capture, a gap told by its index, and the time of the first sample."""
    path, frames, sent = written
    meta = json.loads(path.with_name(path.name + ".sigmf-meta").read_text())
    middle = 2 * sent.sent_bursts[3].start_sample - 500
    meta["captures"] = [
        {"core:sample_start": 100, "core:datetime": "2025-10-09T08:53:20Z", "core:global_index": 100},
        {"core:sample_start": middle, "core:global_index": middle + 2_000_000},
    ]
    path.with_name(path.name + ".sigmf-meta").write_text(json.dumps(meta))
    received, bursts, summary = replay(path)
    assert [frame.data for frame in received] == [frame for frame, _ in frames]
    assert summary.events["gaps"] == 1
    for number, (burst, out) in enumerate(zip(bursts, sent.sent_bursts, strict=True)):
        assert abs(burst.start_sample - 2 * out.start_sample) < 200  # the filters of the sender
        seconds = (burst.start_sample - 100) / 2e6 + (number >= 3)
        assert burst.rx_time_full_s - 1_760_000_000 + burst.rx_time_frac_s == pytest.approx(seconds, abs=1e-9)
        assert burst.utc.startswith("2025-10-09T08:53:2") and burst.utc_source == "rx_time"


@pytest.mark.parametrize("datatype", ["ci16_le", "ci8", "cu8"])
def test_recordings_of_integers_are_read(written, tmp_path, datatype):
    path, frames, _ = written
    meta = json.loads(path.with_name(path.name + ".sigmf-meta").read_text())
    values = np.fromfile(path.with_name(path.name + ".sigmf-data"), np.float32)
    scale, kind, zero = {"ci16_le": (32767, "<i2", 0), "ci8": (127, "i1", 0), "cu8": (127, "u1", 127.5)}[datatype]
    (tmp_path / "int.sigmf-data").write_bytes(np.round(values * scale + zero).astype(kind).tobytes())
    meta["global"] |= {"core:datatype": datatype}
    del meta["global"]["core:sha512"]
    (tmp_path / "int.sigmf-meta").write_text(json.dumps(meta))
    received, _, _ = replay(tmp_path / "int")
    assert [frame.data for frame in received] == [frame for frame, _ in frames]
