"""Recordings: written, validated by the `sigmf` package, replayed, and refused where they are none."""

import json

import numpy as np
import pytest

from semcom.flowgraphs.errors import RadioNotFoundError, RadioSettingError
from semcom.flowgraphs.live.receive import Listener, run_receive
from semcom.flowgraphs.live.transmit import run_transmit
from semcom.flowgraphs.radios.sigmf_files import SigmfRecorder, read_recording
from semcom.sdr_configs.radio import parse_radio

from ...radio_doubles.fixtures import carry

pytestmark = pytest.mark.timeout(180)


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
    _, live = carry(radio, frames, record_to=recorder.data_path)
    for burst in live.bursts:
        recorder.take_burst(burst)
    recorder.finish()
    recording = sigmf.fromfile(str(recorder.meta_path))
    recording.validate()
    assert recording.get_captures()[0]["core:frequency"] == 2.4e9 + 0.2e6  # where the oscillator was
    assert len(recording.get_annotations()) == len(live.bursts) == 4
    found = read_recording(recorder.meta_path)
    assert (found.waveform, found.max_cfo_subcarriers) == ("ofdm64", 4.0)


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


GOOD = {"core:datatype": "cf32_le", "core:sample_rate": 2e6, "core:version": "1.2.0"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "must be JSON"),
        ("[" * 100_000, "must be JSON"),
        ("[]", "global must hold keys and values, got None"),
        (
            {**GOOD, "core:datatype": "rf32_be"},
            "core:datatype must be one of cf32_le, ci16_le, ci8, cu8, got 'rf32_be'",
        ),
        ({**GOOD, "core:datatype": ["cf32_le"]}, r"core:datatype must be one of .*, got \['cf32_le'\]"),
        ({**GOOD, "core:sample_rate": "2e6"}, "core:sample_rate must be above 0 and at most 2e8, got '2e6'"),
        ({**GOOD, "core:sample_rate": float("nan")}, "core:sample_rate must be above 0 and at most 2e8, got nan"),
        ({**GOOD, "core:num_channels": 2}, "core:num_channels must be 1, got 2"),
        ({**GOOD, "core:dataset": "/etc/passwd"}, "core:dataset must not be given"),
        ({**GOOD, "core:sha512": "0" * 128}, "core:sha512 must be that of the data"),
    ],
)
def test_what_is_no_recording_is_refused_with_key_rule_and_value(tmp_path, text, message):
    text = text if isinstance(text, str) else json.dumps({"global": text, "captures": [], "annotations": []})
    (tmp_path / "bad.sigmf-meta").write_text(text)
    (tmp_path / "bad.sigmf-data").write_bytes(bytes(80))
    with pytest.raises(RadioSettingError, match=message):
        read_recording(tmp_path / "bad")


def test_missing_and_cut_files_are_named(tmp_path):
    with pytest.raises(RadioNotFoundError, match=r"none\.sigmf-meta: cannot be read: No such file"):
        read_recording(tmp_path / "none.sigmf-data")
    (tmp_path / "cut.sigmf-meta").write_text(json.dumps({"global": GOOD, "captures": [], "annotations": []}))
    (tmp_path / "cut.sigmf-data").write_bytes(bytes(81))
    with pytest.raises(RadioSettingError, match="must hold whole samples of 8 bytes, got 81"):
        read_recording(tmp_path / "cut")
