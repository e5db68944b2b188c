"""Metadata of recordings: what is honoured, what is refused by name, and samples without any."""

import json
import os

import numpy as np
import pytest

from semcom.phy.errors import RecordingError, RecordingNotFoundError
from semcom.phy.recording.metadata import MAX_META_BYTES, MAX_META_ENTRIES, read_recording


def test_a_recording_says_what_it_holds(make):
    captures = [{"core:sample_start": 0, "core:frequency": 2.4e9}]
    keys = {"semcom:waveform": "ofdm256", "semcom:max_cfo_subcarriers": 3, "semcom:signal_freq_hz": 2.41e9}
    it = read_recording(make(captures=captures, **keys))
    assert (it.datatype.name, it.sample_rate_hz, it.num_samples, it.center_freq_hz) == ("ci16_le", 1e6, 20, 2.4e9)
    assert (it.waveform, it.max_cfo_subcarriers, it.signal_freq_hz, it.notes) == ("ofdm256", 3.0, 2.41e9, ())


@pytest.mark.parametrize("ending", ["", ".sigmf-meta", ".sigmf-data"])
def test_either_file_names_the_recording(make, ending):
    make(name="with.dots")
    assert read_recording(str(make(name="with.dots")) + ending).num_samples == 20


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"core:datatype": "ri16_le"}, "core:datatype must be complex"),
        ({"core:datatype": ["cf32_le"]}, r"core:datatype must be one of .*, got \['cf32_le'\]"),
        ({"core:sample_rate": "2e6"}, r"core:sample_rate must be above 0 and at most 1e\+09, got '2e6'"),
        ({"core:sample_rate": float("nan")}, "core:sample_rate must be above 0 .*, got nan"),
        ({"core:sample_rate": -2e6}, "core:sample_rate must be above 0 .*, got -2000000.0"),
        ({"core:sample_rate": 10**400}, "core:sample_rate must be above 0"),
        ({"core:sample_rate": None}, "core:sample_rate must be above 0 .*, got None"),
        ({"core:num_channels": 2}, "core:num_channels must be 1, got 2"),
        ({"core:dataset": "/etc/passwd"}, "core:dataset must not be given but as the name of a file beside"),
        ({"core:dataset": "../it.sigmf-data"}, "core:dataset must not be given but"),
        ({"core:dataset": ".."}, "core:dataset must not be given but"),
        ({"core:dataset": 7}, "core:dataset must not be given but .*, got 7"),
        ({"core:dataset": "capture.raw"}, "metadata alone: core:dataset says that its samples are in 'capture.raw'"),
        ({"core:sha512": "0" * 128}, "core:sha512 must be that of the data"),
        ({"core:trailing_bytes": -1}, "core:trailing_bytes must be a whole number from 0 on, got -1"),
        ({"core:trailing_bytes": 80}, "must hold samples, there is none in its 80 bytes"),
        ({"core:offset": 0.5}, "core:offset must be a whole number from 0 on, got 0.5"),
        ({"core:extensions": "all"}, "core:extensions must be a list, got 'all'"),
        (
            {"core:extensions": [{"name": "odd", "optional": False}]},
            "core:extensions: 'odd' must be optional, it is not",
        ),
    ],
)
def test_what_cannot_be_received_is_refused_with_key_rule_and_value(make, keys, message):
    with pytest.raises(RecordingError, match=message):
        read_recording(make(**keys))


@pytest.mark.parametrize(
    "entry", [{"name": "odd", "optional": True}, {"name": "capture_details", "optional": False}, {"name": "odd"}, 3]
)
def test_extensions_that_change_no_sample_are_no_hindrance(make, entry):
    assert read_recording(make(**{"core:extensions": [entry]})).num_samples == 20


@pytest.mark.parametrize("text", ["{", "[" * 100_000, '{"global": NaN', "\xff"])
def test_what_is_no_json_is_said(make, text):
    stem = make()
    stem.with_suffix(".sigmf-meta").write_text(text, encoding="latin-1")
    with pytest.raises(RecordingError, match=r"it\.sigmf-meta: must be JSON, got"):
        read_recording(stem)


@pytest.mark.parametrize("text", ["[]", "3", '{"global": []}', "{}"])
def test_json_without_a_global_object_is_said(make, text):
    stem = make()
    stem.with_suffix(".sigmf-meta").write_text(text)
    with pytest.raises(RecordingError, match="global must hold keys and values, got"):
        read_recording(stem)


def test_metadata_are_bounded_before_they_are_read_and_before_they_are_parsed(make):
    stem = make()
    with stem.with_suffix(".sigmf-meta").open("wb") as file:
        file.truncate(MAX_META_BYTES + 1)
    with pytest.raises(RecordingError, match="metadata must be at most 33554432 bytes, got 33554433"):
        read_recording(stem)
    stem.with_suffix(".sigmf-meta").write_text('{"global": [' + "[]," * (MAX_META_ENTRIES // 2) + "1]}")
    with pytest.raises(RecordingError, match="metadata must have at most 4000000 entries, got 40000"):
        read_recording(stem)


def test_the_26_megabytes_that_an_earlier_version_wrote_are_read(make):
    entry = {"core:sample_start": 10**9, "core:sample_count": 9999, "core:label": "qpsk-1/2", "core:comment": "x" * 60}
    stem = make()
    meta = json.loads(stem.with_suffix(".sigmf-meta").read_text())
    meta["annotations"] = [entry] * 100_000
    text = json.dumps(meta, indent=4)
    assert 20e6 < len(text) < MAX_META_BYTES
    stem.with_suffix(".sigmf-meta").write_text(text)
    assert read_recording(stem).num_samples == 20


def test_files_that_are_not_there_are_named(make, tmp_path):
    with pytest.raises(RecordingNotFoundError, match=r"none\.sigmf-meta: cannot be read: No such file"):
        read_recording(tmp_path / "none.sigmf-data")
    stem = make()
    stem.with_suffix(".sigmf-meta").unlink()
    with pytest.raises(
        RecordingNotFoundError, match=r"No such file.*; told their rate .* samples are read without metadata"
    ):
        read_recording(stem)
    make(**{"core:metadata_only": True}).with_suffix(".sigmf-data").unlink()
    with pytest.raises(RecordingNotFoundError, match=r"given out without samples \(core:metadata_only\)"):
        read_recording(stem)
    with pytest.raises(RecordingError, match="a collection lists recordings: name one of them"):
        read_recording(tmp_path / "all.sigmf-collection")


def test_a_pipe_is_refused_instead_of_waited_for(make):
    stem = make()
    stem.with_suffix(".sigmf-data").unlink()
    os.mkfifo(stem.with_suffix(".sigmf-data"))
    with pytest.raises(RecordingNotFoundError, match=r"it\.sigmf-data: must be a file, it is none"):
        read_recording(stem)


def test_a_dataset_of_another_kind_lies_beside_its_metadata(make, tmp_path):
    stem = make(**{"core:dataset": "raw.bin", "core:trailing_bytes": 5, "core:sha512": "0" * 128})
    (tmp_path / "raw.bin").write_bytes(bytes(85))
    with pytest.raises(RecordingError, match="core:sha512"):
        read_recording(stem)
    it = read_recording(stem, verify=False)
    assert it.data_path == tmp_path / "raw.bin" and it.num_samples == 20


def test_nothing_recorded_is_said(make):
    with pytest.raises(RecordingError, match=r"it\.sigmf-data: must hold samples, there is none in its 0 bytes"):
        read_recording(make(data=b""))


@pytest.mark.parametrize(("name", "datatype"), [("a.cu8", ""), ("a.sigmf-data", "cu8"), ("a.bin", "cu8"), ("a", "cu8")])
def test_samples_alone_are_read_when_rate_and_datatype_are_told(tmp_path, name, datatype):
    (tmp_path / name).write_bytes(bytes(41))
    it = read_recording(tmp_path / name, sample_rate_hz=2.4e6, datatype=datatype)
    assert (it.num_samples, it.sample_rate_hz, it.datatype.name) == (20, 2.4e6, "cu8")
    assert it.notes == (f"{tmp_path / name}: the last sample is cut off: 1 of its 2 bytes are there, and left out",)


def test_samples_alone_of_no_known_kind_ask_for_their_datatype(tmp_path):
    (tmp_path / "a.bin").write_bytes(bytes(40))
    with pytest.raises(RecordingError, match=r"a\.bin: datatype must be told for samples without metadata"):
        read_recording(tmp_path / "a.bin", sample_rate_hz=2e6)


def test_what_is_told_counts_more_than_what_is_written(make):
    stem = make()
    assert read_recording(stem, sample_rate_hz=2e6).sample_rate_hz == 2e6
    assert read_recording(stem, datatype="ci8").num_samples == 40
    stem.with_suffix(".sigmf-meta").write_text("{")  # with both, damaged metadata are not even opened
    assert read_recording(stem, sample_rate_hz=2e6, datatype="cf32_le").num_samples == 10


GLOBAL_KEYS = ("datatype", "sample_rate", "num_channels", "dataset", "sha512", "trailing_bytes", "offset", "extensions")
CAPTURE_KEYS = ("sample_start", "header_bytes", "global_index", "frequency", "datetime")


@pytest.mark.parametrize("seed", range(40))
def test_metadata_with_parts_replaced_at_random_are_read_or_refused(make, seed):
    """Nothing but `RecordingError` comes out, whatever values stand at which keys."""
    rng = np.random.default_rng(seed)
    odd = [None, -1, 0, 1, 2.5, 1e308, 10**40, "", "x", "2025-13-99T99:99:99Z", [], {}, [[]], True, float("inf")]

    def any_of(names):
        chosen = rng.choice(names, rng.integers(1, 4))
        return {f"core:{name}": odd[rng.integers(len(odd))] for name in chosen}

    captures = [{"core:sample_start": 0} | any_of(CAPTURE_KEYS) for _ in range(rng.integers(0, 3))]
    try:
        it = read_recording(make(captures=captures, **(any_of(GLOBAL_KEYS) if rng.random() < 0.7 else {})))
    except RecordingError:
        return
    assert it.num_samples > 0
