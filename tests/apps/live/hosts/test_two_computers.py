"""Two processes of `semcom live` with radios between them, each page in a browser, as two people would have them."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from semcom.phy.receiver import Receiver
from semcom.phy.recording.metadata import read_recording
from semcom.phy.recording.reader import RecordingReader
from semcom.phy.waveform import Waveform

from ..conftest import LIMIT_S, expect, expect_connected, expect_picture, photo_file, watched

pytest.importorskip("fastapi", reason="the live page's packages are not here: scripts/setup live")
pytest.importorskip("playwright", reason="Playwright is not here: scripts/setup live,browser")

ORDER = """() => { window.order = []; new MutationObserver(() => {
    const caption = document.getElementById("caption").textContent, picture = document.getElementById("shown").src;
    if (caption && !window.order.includes("words")) window.order.push("words");
    if (picture && !window.order.includes("picture")) window.order.push("picture");
}).observe(document.getElementById("receiver"), {subtree: true, childList: true, attributes: true}); }"""


def radio_file(folder: Path, text: str) -> Path:
    file = folder / "mine.yml"
    file.write_text(text)
    return file


@pytest.fixture
def zmq_radio(tmp_path: Path) -> Path:
    return radio_file(
        tmp_path, f"driver: zmq\nwaveform: ofdm64\nsample_rate_hz: 1.0e+6\naddress: ipc://{tmp_path}/air\n"
    )


@pytest.fixture
def soapy_double(tmp_path: Path, soapy_args: str) -> Path:
    settings = "center_freq_hz: 2.4e+9\nwaveform: ofdm64\nsample_rate_hz: 1.0e+6\n"
    return radio_file(tmp_path, f"driver: soapy\ndevice_args: {soapy_args}\n{settings}")


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Starts the command; the process, and the address of its page. What is still there at the end is killed."""
    with contextlib.ExitStack() as stack:

        def start(*options: str) -> tuple[subprocess.Popen[str], str]:
            name = options[0].strip("-")
            command = [sys.executable, "-m", "semcom.apps.cli", "live", *options, "--port", "0"]
            command += ["--folder", str(tmp_path / name)]
            said = stack.enter_context((tmp_path / f"{name}.log").open("w"))
            environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
            process = stack.enter_context(
                subprocess.Popen(
                    command,
                    stdout=subprocess.PIPE,
                    stderr=said,
                    text=True,
                    start_new_session=True,
                    env=environment,
                    cwd=tmp_path,
                )
            )
            stack.callback(lambda: process.poll() is None and os.killpg(process.pid, signal.SIGKILL))
            for line in process.stdout:
                if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                    return process, found[0]
            raise AssertionError((tmp_path / f"{name}.log").read_text())

        yield start


def session_of(process: str) -> int:
    """Of a process of this computer, by its number; 0 where it is gone, or dead and not yet taken away."""
    try:
        state, _, _, session = Path("/proc", process, "stat").read_text().rpartition(")")[2].split()[:4]
    except OSError:
        return 0
    return 0 if state == "Z" else int(session)


def num_bursts_in(recording: Path) -> int:
    """Bursts with a signal field that a receiver finds in the samples."""
    about = read_recording(recording)
    receiver = Receiver(Waveform.load(about.waveform), sample_rate_hz=about.sample_rate_hz)
    with RecordingReader(about) as reader:
        bursts = receiver.push(reader.read(about.num_samples)[0]) + receiver.flush()
    return sum(burst.header_ok for burst in bursts)


@pytest.mark.parametrize("radio", ["zmq_radio", pytest.param("soapy_double", marks=pytest.mark.long)])
def test_a_photo_dropped_on_one_page_appears_on_the_other_words_first(radio, request, browser, live, tmp_path):
    file = str(request.getfixturevalue(radio))
    rx, rx_address = live("--rx", "--radio", file)
    tx, tx_address = live("--tx", "--radio", file, "--confirm-transmit")
    (tmp_path / "a photo.jpg").write_bytes(photo_file(240, 160))
    said: list[str] = []
    pages = [browser.new_page(), browser.new_page()]
    for page, address in zip(pages, (tx_address, rx_address), strict=True):
        watched(page, said).goto(address)
        expect_connected(page)
    sender, receiver = pages
    receiver.evaluate(ORDER)
    records = radio == "zmq_radio"  # there samples come with bursts alone: of the other, they would fill the disk
    if records:
        receiver.click("#record")
        expect(receiver, "#record", "Stop recording")
    sender.set_input_files("#file", str(tmp_path / "a photo.jpg"))
    expect(sender, "#stage", "a photo.jpg")
    expect(receiver, "#came", "complete")
    expect_picture(receiver, 240)
    assert receiver.evaluate("window.order") == ["words", "picture"]
    assert receiver.inner_text("#caption") != ""
    expect(sender, "#caption-sent", receiver.inner_text("#caption"))
    receiver.locator("#timeline span").first.wait_for()
    receiver.locator("#spectrum").wait_for()
    expect(receiver, "#span-now", "1 MHz")
    if records:
        receiver.click("#record")
        expect(receiver, "#recorded", "Recorded: out/live-recordings/live-")
        assert num_bursts_in(tmp_path / receiver.inner_text("#recorded").removeprefix("Recorded: ")) > 0
    assert not sender.is_visible("#receiver") and not receiver.is_visible("#sender")
    for page in pages:
        page.close()
    assert said == []
    for process in (tx, rx):
        process.send_signal(signal.SIGTERM)
        assert process.wait(LIMIT_S) == 0
    left = [entry for entry in Path("/proc").glob("[0-9]*") if session_of(entry.name) in (tx.pid, rx.pid)]
    assert left == []
    for name in ("tx", "rx"):
        told = (tmp_path / f"{name}.log").read_text()
        assert "Traceback" not in told and "no longer" not in told, told
