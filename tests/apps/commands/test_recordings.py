"""`record`, `receive --record` and `replay`: radio first, nothing replaced, every end said, bare files rescued."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.signal
import yaml
from typer.testing import Result

from semcom.phy.recording.metadata import read_recording

from ...radio_doubles.waiting import wait_for
from ...stand_ins import stand_ins  # noqa: F401
from ..command_line import run

pytestmark = [pytest.mark.usefixtures("stand_ins"), pytest.mark.timeout(400)]


def said(result: Result) -> str:
    return " ".join(result.output.split())


@pytest.fixture
def no_radio(tmp_path: Path, soapy_radio) -> Path:
    """A radio that is not there."""
    (tmp_path / "unplugged").touch()
    path = tmp_path / "none.yml"
    path.write_text(yaml.safe_dump(soapy_radio(device=f",unplugged={tmp_path / 'unplugged'}").model_dump(mode="json")))
    return path


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A recording that somebody wants to keep."""
    for ending in (".sigmf-meta", ".sigmf-data"):
        (tmp_path / f"old{ending}").write_text("precious")
    return tmp_path / "old"


def is_kept(old: Path) -> bool:
    return all(old.with_suffix(ending).read_text() == "precious" for ending in (".sigmf-meta", ".sigmf-data"))


def commands(old: Path, radio: Path, tmp_path: Path) -> list[list[object]]:
    return [
        ["record", old, "--radio", radio, "--duration-s", 1],
        ["receive", "--radio", radio, "--record", old, "--out", tmp_path / "out", "--timeout-s", 1],
    ]


def test_a_radio_that_is_not_there_costs_no_recording(tmp_path, no_radio, old):
    for command in commands(old, no_radio, tmp_path):
        refused = run(*command, "--overwrite")
        assert refused.exit_code == 2 and "SoapySDR finds no device" in said(refused)
        assert is_kept(old)
    for command in commands(tmp_path / "new", no_radio, tmp_path):
        assert run(*command).exit_code == 2
        assert not list(tmp_path.glob("new*"))


def test_another_recording_is_replaced_only_when_told(tmp_path, radio_file, old):
    for command in commands(old, radio_file, tmp_path):
        refused = run(*command)
        assert refused.exit_code == 2 and "old.sigmf-meta: is there already: take another name" in said(refused)
        assert is_kept(old)
    done = run(*commands(old, radio_file, tmp_path)[0], "--overwrite")
    assert done.exit_code == 0 and read_recording(old).num_samples > 0


def start(*command: object, **options) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    words = [sys.executable, "-m", "semcom.apps.cli", *map(str, command)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(words, env=environment, **pipes, **options)


def with_ctrl_c() -> None:
    """As a shell starts what it does not put into the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize(("number", "name"), [(signal.SIGTERM, "SIGTERM"), (signal.SIGINT, "Ctrl-C")])
def test_a_signal_ends_a_recording_in_order_and_it_is_said(tmp_path, radio_file, number, name):
    command = ("record", tmp_path / "it", "--radio", radio_file, "--duration-s", 100)
    with start(*command, preexec_fn=with_ctrl_c) as process:
        samples = tmp_path / "it.sigmf-data"
        wait_for(lambda: samples.exists() and samples.stat().st_size > 100_000, timeout_s=90)
        assert read_recording(tmp_path / "it").num_samples > 0  # while it goes on
        process.send_signal(number)
        words, _ = process.communicate(timeout=60)
    assert process.returncode == 0, words
    assert "it.sigmf-meta: " in words and f"0 bursts, ended by {name}" in words
    assert "core:sha512" in json.loads((tmp_path / "it.sigmf-meta").read_text())["global"]
    assert read_recording(tmp_path / "it").num_samples == samples.stat().st_size // 8


def test_a_disk_that_takes_no_more_ends_a_recording_with_a_sentence_and_status_4(tmp_path, radio_file):
    def no_large_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (800_003, 800_003))

    command = ("record", tmp_path / "it", "--radio", radio_file, "--duration-s", 100)
    with start(*command, preexec_fn=no_large_files) as process:
        words, _ = process.communicate(timeout=120)
    assert process.returncode == 4, words
    words = " ".join(words.split())
    assert "it.sigmf-data ends after 0.05 s: File too large; what is there can be replayed" in words
    assert "it.sigmf-meta: 0.05 s, 0 bursts" in words and read_recording(tmp_path / "it").num_samples == 100_000


def test_samples_without_metadata_are_rescued(tmp_path, stand_ins):  # noqa: F811
    """A picture on the air at 1 Msps, kept as an RTL-SDR's bytes at 2.4 Msps, 300 kHz beside the middle."""
    radio = tmp_path / "into.yml"
    radio.write_text(f"driver: sigmf\nrecording: {tmp_path}/clean\nsample_rate_hz: 1.0e+6\nconfirm_transmit: true\n")
    sent = run("transmit", *photo(tmp_path), "--radio", radio)
    assert sent.exit_code == 0, sent.output
    assert run("transmit", *photo(tmp_path), "--radio", radio).exit_code == 2  # would replace the recording
    clean = np.fromfile(tmp_path / "clean.sigmf-data", np.complex64)
    samples = scipy.signal.resample_poly(clean, 12, 5)
    samples = samples * np.exp(2j * np.pi * 0.125 * np.arange(len(samples)))
    codes = np.round(np.stack([samples.real, samples.imag], 1) * 127 + 127.5).clip(0, 255).astype(np.uint8)
    (tmp_path / "bare.cu8").write_bytes(codes.tobytes())
    options = ("--center-offset-hz", 300e3, "--out", tmp_path / "got")
    alone = run("replay", tmp_path / "bare.cu8", *options)
    assert alone.exit_code == 2 and "bare.cu8.sigmf-meta: cannot be read" in said(alone)
    assert "told their rate (--sample-rate-hz) and datatype, samples are read without metadata" in said(alone)
    done = run("replay", tmp_path / "bare.cu8", "--sample-rate-hz", 2.4e6, *options)
    assert done.exit_code == 0, done.output
    (entry,) = json.loads((tmp_path / "got" / "report.json").read_text())
    assert entry["outcome"] == "complete" and entry["radio"]["sample_rate_hz"] == 2.4e6
    low = run("replay", tmp_path / "bare.cu8", "--sample-rate-hz", 250e3, "--out", tmp_path / "low")
    assert low.exit_code == 2 and "sample_rate_hz must be 844687.5 to 1e+09 to receive waveform ofdm64" in said(low)
    assert run("replay", tmp_path / "bare.cu8", "--sample-rate-hz", -1, "--out", tmp_path / "low").exit_code == 2


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("first_capture_not_0", 0, "the first 50000 samples belong to no capture, and are left out"),
        ("first_capture_not_0", 0, "15 frames (0 failed their CRC), 1 complete pictures"),
        ("partial_last_sample", 0, "the last sample is cut off: 1 of its 2 bytes are there, and left out"),
        ("partial_last_sample", 0, "15 frames (0 failed their CRC), 1 complete pictures"),
        ("rtlsdr_cu8_2400k", 0, "00007-001 partial: 227 bytes in 4 frames, SNR 25"),
        ("archive.sigmf", 0, "00007-001 partial: 227 bytes in 4 frames, SNR 25"),
        ("cut_burst_hides_followers", 3, "41 bursts, 48 frames (7 failed their CRC)"),
        ("dc_12dB_above", 3, "10 bursts, 10 frames (0 failed their CRC)"),
        ("spectrum_inverted", 3, "the spectrum is inverted: swap I and Q (iq_swap: true in the radio file)"),
        ("empty", 2, "empty.sigmf-data: must hold samples, there is none in its 0 bytes"),
        ("metadata_only_ncd", 2, "core:dataset says that its samples are in 'capture.raw', which is not here"),
    ],
)
def test_recordings_that_people_brought(shared_dir, tmp_path, name, status, words):
    folder = shared_dir / "cases" / "radio"
    if not folder.is_dir():
        pytest.skip(f"no reference data in {folder}: SEMCOM_SHARED=FOLDER make test, where FOLDER has cases/")
    done = run("replay", folder / name, "--out", tmp_path / "out")
    assert done.exit_code == status and words in said(done), done.output


def photo(tmp_path: Path) -> list[Path]:
    from PIL import Image

    from ...stand_ins import street

    path = tmp_path / "photo.png"
    Image.fromarray(street(160, 120)).save(path)
    return [path]
