"""Fixtures: the doubles, started and given back; and frames carried from one end of a radio to the other."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest

from semcom.flowgraphs.live.receive import Listener, ReceptionSummary, run_receive
from semcom.flowgraphs.live.transmit import Transmission, run_transmit
from semcom.sdr_configs.radio import parse_radio

HERE = Path(__file__).resolve().parent
UHD_MODULES = ("/usr/lib/*/uhd/modules/libsoapySupport.so", "/usr/lib/*/uhd/*/modules/libsoapySupport.so")
CENTER = {"center_freq_hz": 2.4e9}


@pytest.fixture(scope="session")
def soapy_driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SoapySDR double, compiled; its folder is where SoapySDR of this process looks."""
    if shutil.which("g++") is None or not Path("/usr/include/SoapySDR/Device.hpp").exists():
        pytest.skip("g++ and libsoapysdr-dev are needed for the SoapySDR double: scripts/setup doubles")
    pytest.importorskip("gnuradio.soapy", reason="gr-soapy is needed: apt-get install gnuradio")
    folder = tmp_path_factory.mktemp("soapy")
    command = ["g++", "-O2", "-fPIC", "-shared", "-std=c++17", str(HERE / "soapy_air.cpp"), "-lSoapySDR"]
    subprocess.run([*command, "-o", str(folder / "libairSupport.so")], check=True, timeout=120)
    os.environ["SOAPY_SDR_PLUGIN_PATH"] = str(folder)  # read once, at the first look for a device
    return folder


@pytest.fixture
def soapy_args(soapy_driver: Path, tmp_path: Path) -> str:
    """Arguments of a SoapySDR device of one's own."""
    return f"driver=air,air={tmp_path / 'air'}"


@pytest.fixture
def soapy_radio(soapy_args: str) -> Callable:
    """Makes settings of a SoapySDR radio; ``device`` is added to the device's arguments."""

    def make(device: str = "", **settings):
        return parse_radio({"driver": "soapy", "device_args": soapy_args + device, **CENTER, **settings})

    return make


@pytest.fixture
def usrp_radio(soapy_args: str) -> Callable:
    """Makes settings of a USRP that is a SoapySDR double."""
    pytest.importorskip("gnuradio.uhd", reason="gr-uhd is needed: apt-get install gnuradio")
    if not any(list(Path("/").glob(pattern[1:])) for pattern in UHD_MODULES):
        pytest.skip("uhd-soapysdr is needed for the USRP double: scripts/setup doubles")

    def make(device: str = "", **settings):
        antennas = {"tx_antenna": "TX", "rx_antenna": "RX"}
        args = f"type=soapy,{soapy_args}{device}"
        return parse_radio({"driver": "uhd", "device_args": args, **CENTER, **antennas, **settings})

    return make


class IioDaemon:
    """The Pluto double in its own process.

    Unless unplugged it ends with ours, not with the test: a source of gr-iio that was opened and never ran has a thread
    that ends the process where it finds no daemon at its first question.
    """

    _started: ClassVar[list[subprocess.Popen[str]]] = []
    """Kept, as Python warns of a process that runs and is known to nobody."""

    def __init__(self) -> None:
        self.port = 0
        self.plug_in()

    @property
    def uri(self) -> str:
        return f"ip:127.0.0.1:{self.port}"

    def plug_in(self) -> None:
        command = [sys.executable, str(HERE / "iio_daemon.py"), str(self.port)]
        read_end, _never_closed = os.pipe()  # the daemon ends when nobody holds the other end any more
        self._process = subprocess.Popen(command, stdin=read_end, stdout=subprocess.PIPE, text=True)
        os.close(read_end)
        self._started.append(self._process)
        with self._process.stdout as told:
            self.port = int(told.readline())

    def unplug(self) -> None:
        self._process.kill()
        self._process.wait(timeout=120)


@pytest.fixture
def iio_daemon() -> IioDaemon:
    pytest.importorskip(
        "iio", reason="pylibiio and libiio0 are needed: scripts/setup radios,doubles", exc_type=ImportError
    )
    return IioDaemon()


@pytest.fixture
def pluto_radio(iio_daemon: IioDaemon) -> Callable:
    """Makes settings of a Pluto that is the IIO double."""

    def make(**settings):
        if settings.get("library") == "pyadi-iio":
            pytest.importorskip("adi", reason="pyadi-iio is needed: scripts/setup radios", exc_type=ImportError)
        else:
            pytest.importorskip("gnuradio.iio", reason="gr-iio is needed: apt-get install gnuradio")
        return parse_radio({"driver": "pluto", "uri": iio_daemon.uri, **CENTER, **settings})

    return make


class Reception:
    """A receiver in a thread of its own, that keeps what it hears."""

    def __init__(self, radio, enough_frames: int, timeout_s: float, on_burst=lambda burst: None, **options):
        self.frames: list = []
        self.bursts: list = []
        self.events: list[str] = []
        self.summary: ReceptionSummary | None = None
        self.error: BaseException | None = None
        self.listening = threading.Event()
        self.stop_now = threading.Event()
        self._enough_frames = enough_frames
        self._on_burst = on_burst
        listener = Listener(self.frames.append, self._take_burst, self.events.append, self._enough)
        self._thread = threading.Thread(target=self._run, args=(radio, listener, timeout_s, options), daemon=True)
        self._thread.start()

    def _take_burst(self, burst) -> None:
        self.bursts.append(burst)
        self._on_burst(burst)

    def _enough(self) -> bool:
        self.listening.set()
        return self.stop_now.is_set() or len(self.frames) >= self._enough_frames

    def _run(self, radio, listener: Listener, timeout_s: float, options: dict) -> None:
        try:
            self.summary = run_receive(radio, listener, timeout_s=timeout_s, **options)
        except BaseException as error:
            self.error = error
        self.listening.set()

    def join(self, timeout_s: float = 90.0) -> ReceptionSummary:
        self._thread.join(timeout_s)
        if self.error is not None:
            raise self.error
        assert self.summary is not None, "the receiver must end in time"
        return self.summary


def carry(radio, frames, receiving_radio=None, timeout_s: float = 60.0, **options) -> tuple[Transmission, Reception]:
    """Send frames and receive them with the same radio, or another one."""
    reception = Reception(receiving_radio or radio, len(frames), timeout_s, **options)
    assert reception.listening.wait(timeout_s)
    if reception.error is not None:
        raise reception.error
    sent = run_transmit(radio, frames, timeout_s=timeout_s)
    reception.join()
    return sent, reception
