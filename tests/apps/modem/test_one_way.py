"""`semcom modem tx` and `rx` as a user types them: every byte arrives, or what is missing is named."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from semcom.link.packets.length_prefix import encode_length_prefix

from ..command_line import run

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def file(tmp_path: Path, rng) -> Path:
    path = tmp_path / "bytes"
    path.write_bytes(rng.bytes(20_000))
    return path


def test_a_file_crosses_the_loopback(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run(
        "modem", "tx", file, "--radio", "loopback", "--mcs", "16qam-1/2", "--snr-db", 15, "--sink", out, "--json"
    )
    assert result.exit_code == 0 and out.read_bytes() == file.read_bytes()
    account = json.loads(result.stderr)
    assert account["sent"]["bytes_in"] == account["received"]["bytes_out"] == 20_000
    assert account["received"]["stream_intact"] is True and account["received"]["missing_bytes"] == 0


def test_a_recording_in_the_place_of_a_radio(file: Path, tmp_path: Path) -> None:
    recording, out = tmp_path / "call.sigmf-meta", tmp_path / "out"
    sent = run("modem", "tx", file, "--to", recording, "--mcs", "64qam-3/4", "--callsign", "DL0ABC")
    assert sent.exit_code == 0, sent.output
    came = run("modem", "rx", out, "--from", recording)
    assert came.exit_code == 0 and out.read_bytes() == file.read_bytes()
    assert came.stderr.count("heard station DL0ABC") == 2  # first and last
    came = run("modem", "rx", tmp_path / "too", "--from", recording, "--workers", 1)
    assert came.exit_code == 0 and (tmp_path / "too").read_bytes() == file.read_bytes()
    again = run("modem", "tx", file, "--to", recording)
    assert again.exit_code == 2 and "is there already" in again.stderr


def test_what_is_lost_on_the_air_is_named_by_offset(file: Path, tmp_path: Path) -> None:
    """A recording that lacks its middle: the stream goes on behind the hole, with status 4."""
    recording, out = tmp_path / "call.sigmf-meta", tmp_path / "out"
    run("modem", "tx", file, "--to", recording, "--mcs", "qpsk-1/2")
    data = tmp_path / "call.sigmf-data"
    samples = np.fromfile(data, np.complex64)
    loud = np.flatnonzero(samples)  # how much silence lies around the bursts is up to the computer's speed
    samples[loud[len(loud) // 3] : loud[len(loud) // 2]] = 0
    samples.tofile(data)
    meta = json.loads(recording.read_text(encoding="utf-8"))
    del meta["global"]["core:sha512"]
    recording.write_text(json.dumps(meta), encoding="utf-8")
    came = run("modem", "rx", out, "--from", recording)
    assert came.exit_code == 4 and "of the stream are missing; what follows was written behind" in came.stderr
    whole, part = file.read_bytes(), out.read_bytes()
    begin = int(came.stderr.split("bytes ")[-1].split(" to ")[0].replace(",", ""))
    assert whole[:begin] == part[:begin] and whole.endswith(part[begin:]) and 0 < len(part) < len(whole)


def test_half_a_packet_is_not_sent_and_the_whole_ones_are(tmp_path: Path) -> None:
    packets, out = tmp_path / "packets", tmp_path / "out"
    whole = encode_length_prefix(b"one") + encode_length_prefix(b"") + encode_length_prefix(bytes(5000))
    packets.write_bytes(whole + b"\0\0\0\5xy")
    result = run("modem", "tx", packets, "--radio", "loopback", "--framing", "length", "--sink", out)
    assert result.exit_code == 2 and "last packet must be whole, got 2 of 5 bytes; it is not sent" in result.stderr
    assert out.read_bytes() == whole


def test_deep_in_the_noise_nothing_arrives_and_status_says_so(tmp_path: Path, file: Path) -> None:
    result = run("modem", "tx", file, "--radio", "loopback", "--snr-db", -15, "--sink", tmp_path / "out")
    assert result.exit_code == 3 and not (tmp_path / "out").exists()


def test_what_no_radio_took_is_counted(file: Path, tmp_path: Path) -> None:
    radio = tmp_path / "nobody.yml"
    radio.write_text(f"driver: zmq\nconfirm_transmit: true\naddress: ipc://{tmp_path}/air\n", encoding="utf-8")
    command = [sys.executable, "-m", "semcom.apps.cli", "modem", "tx", str(file), "--radio", str(radio)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as sending:
        for line in sending.stderr:
            if "it takes no samples for 5 s: a receiver must run at" in line:
                break
        sending.send_signal(signal.SIGTERM)
        said = sending.stderr.read()
    assert sending.returncode == 4 and "blocks did not go out" in said, said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("tx", "none", "--radio", "loopback"), "none: cannot be read: No such file"),
        (("rx", "--radio", "loopback"), "a loopback has no other end to receive from"),
        (("rx",), "either --radio or a recording"),
        (("rx", "--from", "none.sigmf-meta"), "none.sigmf-meta"),
        (("tx", "--radio", "zmq", "--sample-rate-hz", "-5"), "sample_rate_hz must be greater than 0, got -5"),
        (("tx", "--radio", "zmq", "--sample-rate-hz", "1e99"), "less than or equal to 200000000, got 1e+99"),
        (("tx", "--radio", "zmq", "--sample-rate-hz", "5e5"), "a whole number of times, got 500000"),
        (("rx", "--radio", "zmq", "--sample-rate-hz", "5e5"), "to receive waveform ofdm64, whose carriers fill 828125"),
        (("tx", "--radio", "loopback", "--frame-bytes", "9000"), "frame_bytes must be 64 to 8192"),
        (("tx", "--radio", "loopback", "--mcs", "what"), "mcs must be one of"),
        (("tunnel", "tun:a", "tun:b", "--radio", "loopback", "--mtu", "70000"), "the longest packet, got 70000"),
        (("tunnel", "udp:1", "--radio", "loopback"), "two ports, got 1"),
        (("tunnel", "udp:1", "udp:2", "--radio", "zmq"), "one port, got 2"),
        (
            ("tunnel", "udp:1", "udp:2", "--radio", "loopback", "--source", "7", "--far-source", "7"),
            "source numbers of two stations must differ, got 7 for both",
        ),
    ],
)
def test_bad_input_is_one_sentence(arguments: tuple[str, ...], words: str) -> None:
    result = run("modem", *arguments)
    lines = [line for line in result.stderr.splitlines() if line.startswith("semcom: ")]
    assert result.exit_code == 2 and len(lines) == 1 and words in lines[0], result.output
