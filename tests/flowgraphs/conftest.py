"""Flowgraphs of GNU Radio Companion, compiled once, and run as a user would: each in a process with a time limit."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcom.experiments.services.service_processes import free_port
from semcom.semantic import ModelError, encode

TIMEOUT_S = 120.0
WAIT_S = 120.0
STOP_S = 120.0
POLL_S = 0.05


@pytest.fixture(scope="session")
def environment(repository):
    path = os.pathsep.join(filter(None, [str(repository / ".dev"), os.environ.get("PYTHONPATH", "")]))
    blocks = str(repository / "grc")
    return {**os.environ, "PYTHONPATH": path, "GRC_BLOCKS_PATH": blocks, "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="session")
def grcc(environment):
    """Compile files into a folder; gives the finished process."""
    if shutil.which("grcc") is None:
        pytest.skip("grcc not found: install GNU Radio Companion (Debian: apt-get install gnuradio)")

    # It runs no kernel, and its Python may have another numba, that would compile all of them again.
    settings = {"env": environment | {"NUMBA_DISABLE_JIT": "1"}}

    def run(folder, *files):
        command = ["grcc", "-o", str(folder), *map(str, files)]
        return subprocess.run(command, **settings, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)

    return run


@pytest.fixture(scope="session")
def compiled(repository, grcc, tmp_path_factory):
    """Folder with the Python file of every .grc."""
    folder = tmp_path_factory.mktemp("compiled")
    sources = sorted((repository / "flowgraphs" / "grc").glob("*.grc"))
    done = grcc(folder, *sources)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list(folder.glob("*.py"))) == len(sources) > 0
    return folder


class Flowgraphs:
    """Runs compiled flowgraphs by the stem of their .grc."""

    def __init__(self, folder: Path, environment: dict[str, str]):
        self._folder, self._environment = folder, environment

    def command(self, name, arguments):
        return [sys.executable, str(self._folder / f"semcom_{name}.py"), *map(str, arguments)]

    def run(self, name, *arguments):
        """To its end; gives the finished process."""
        command = self.command(name, arguments)
        settings = {"env": self._environment, "capture_output": True, "text": True}
        return subprocess.run(command, **settings, timeout=TIMEOUT_S, check=False)

    @contextmanager
    def running(self, name, *arguments):
        """Until the block ends, then stopped as Ctrl-C does; it must end in order."""
        command, settings = self.command(name, arguments), {"env": self._environment, "stderr": subprocess.STDOUT}
        with subprocess.Popen(command, stdout=subprocess.PIPE, **settings) as process:
            try:
                yield process
                process.send_signal(signal.SIGINT)
                output, _ = process.communicate(timeout=STOP_S)
                assert process.returncode == 0 and b"Traceback" not in output, output.decode(errors="replace")
            finally:
                process.kill()


@pytest.fixture
def flowgraphs(compiled, environment):
    return Flowgraphs(compiled, environment)


@pytest.fixture
def wait_until():
    """Ask again until it is so, or until the process has ended or time is up."""

    def wait(condition, process):
        deadline = time.monotonic() + WAIT_S
        while not condition():
            assert process.poll() is None, process.stdout.read().decode(errors="replace")
            assert time.monotonic() < deadline, "time is up"
            time.sleep(POLL_S)

    return wait


@pytest.fixture
def free_ports():
    """Ports of this machine that nobody uses, as text."""

    def find(count, kind=socket.SOCK_STREAM):
        ports = set()
        while len(ports) < count:
            ports.add(str(free_port(kind)))
        return list(ports)

    return find


@pytest.fixture(scope="session")
def photo(tmp_path_factory):
    """A small picture file, and the packet that is made of it."""
    rng = np.random.default_rng(20260101)
    image = np.full((96, 128, 3), 200, np.uint8)
    image[40:, :64] = rng.integers(0, 80, (56, 64, 3))
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    Image.fromarray(image).save(path)
    try:
        return path, encode(image)
    except ModelError as error:
        pytest.skip(f"no networks to extract meaning with, scripts/setup demo: {error}")
