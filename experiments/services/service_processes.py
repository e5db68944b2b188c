"""The three processes of a link on this computer, to be started, killed and looked at: for recipes and tests."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from semcom.link.transports.key_files import make_acquainted

LIMIT_S = 150.0
ANSWER_S = 30.0
"""A service that has ended refuses at once: this is for one that has no turn."""

FIRST_PORT, NUM_PORTS, SIDE_BY_SIDE = 12_000, 20_000, 8
_given: set[int] = set()
FLOWGRAPH, FRONT = "semcom.apps.services.radio_process.air_child", "transports/front.py"
"""In the commands of processes below: the one with the driver, and those that take connections in."""


def wait_until(condition: Callable[[], Any], what: str | Callable[[], str], limit_s: float = LIMIT_S) -> Any:
    """Until a condition is true; its value. Too late, ``what`` is said, as it is then."""
    deadline = time.monotonic() + limit_s
    while not (value := condition()):
        if time.monotonic() >= deadline:
            raise AssertionError(f"{what() if callable(what) else what}: not within {limit_s:g} s")
        time.sleep(0.02)
    return value


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that nobody uses, nor gets by chance before it is used.

    It lies below those that the system gives away, was not given by this process before, and test processes that run
    side by side draw from ports of their own.
    """
    side_by_side = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % SIDE_BY_SIDE
    for _ in range(1000):
        port = FIRST_PORT + SIDE_BY_SIDE * secrets.randbelow(NUM_PORTS // SIDE_BY_SIDE) + side_by_side
        if port in _given:
            continue
        with socket.socket(socket.AF_INET, kind) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            _given.add(port)
            return port
    raise OSError(f"no free port was found from {FIRST_PORT} on")


class ServiceTrio:
    """`semcom radio`, `semcom host tx` and `semcom host rx` in a folder.

    Parameters
    ----------
    folder : Path
        Exists and is empty.
    radio_options, tx_options, rx_options : sequence of str
        Further options of these commands.
    virtual_air : sequence of str
        Options of `semcom air`: then there are two radio processes, ``radio`` with host tx and ``far_radio`` with host
        rx, and the air between.
    far_radio_options : sequence of str
        Options of the ``far_radio`` where the two meet without an air.

    Attributes
    ----------
    commands : dict of tuple of str
        What each process is started with.
    started_with : dict of sequence of str
        A program to start a process with: ``{"tx": ("ip", "netns", "exec", "elsewhere")}``.
    """

    def __init__(
        self,
        folder: Path,
        radio_options: Sequence[str] = ("--radio", "loopback-clean"),
        tx_options: Sequence[str] = (),
        rx_options: Sequence[str] = (),
        virtual_air: Sequence[str] = (),
        far_radio_options: Sequence[str] = (),
    ) -> None:
        self.folder, self.photos, self.results = folder, folder / "photos", folder / "out"
        self.photos.mkdir()
        make_acquainted(folder / "keys", ["tx", "radio", "rx", "me", "air", "far_radio"])
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.desk_address = f"tcp://127.0.0.1:{free_port()}"
        self.states = {"tx": folder / "tx", "radio": folder / "radio", "rx": self.results / ".state"}
        for_radio = ("--listen", self.address, "--state", str(self.states["radio"]), *radio_options)
        for_tx = ("--radio", self.address, "--watch", str(self.photos), "--listen", self.desk_address, "--stream", "0")
        self.commands = {
            "radio": ("radio", *for_radio),
            "tx": ("host", "tx", *for_tx, "--state", str(self.states["tx"]), *tx_options),
            "rx": ("host", "rx", "--radio", self.address, "--out", str(self.results), *rx_options),
        }
        self.commands |= self._far(far_radio_options) if virtual_air or far_radio_options else {}
        self.commands |= self._virtual(virtual_air) if virtual_air else {}
        self.started_with: dict[str, Sequence[str]] = {}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str, keys_of: str | None = None) -> None:
        """Processes by name, all by default; with the keys of another one where ``keys_of`` says so."""
        for name in names or self.commands:
            keys = ("--keys", str(self.folder / "keys" / (keys_of or name)), "--metrics-port", "0")
            log = (self.folder / f"{name}.log").open("ab")
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
            program = (*self.started_with.get(name, ()), sys.executable)
            command = [*program, "-m", "semcom.apps.cli", *self.commands[name], *keys]
            self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
            log.close()

    def _far(self, options: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Commands of the second radio, and of the host that is there."""
        far = f"tcp://127.0.0.1:{free_port()}"
        self.states["far_radio"] = self.folder / "far_radio"
        rx = ("host", "rx", "--radio", far, "--radio-key", "far_radio", "--out", str(self.results))
        return {"far_radio": ("radio", "--listen", far, "--state", str(self.states["far_radio"]), *options), "rx": rx}

    def _virtual(self, options: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The air, and the radios' commands with its address."""
        air = f"tcp://127.0.0.1:{free_port()}"
        self.states["air"] = self.folder / "air"
        radios = {name: (*self.commands[name], "--air", air) for name in ("radio", "far_radio")}
        return {"air": ("air", "--listen", air, "--state", str(self.states["air"]), *options), **radios}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command that ends by itself."""
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-m", "semcom.apps.cli", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, env=environment)

    def kill(self, name: str) -> None:
        self.processes[name].kill()
        self.processes[name].wait(LIMIT_S)

    def kill_below(self, name: str, script: str) -> None:
        """Kill the processes that one has started with this in their command."""
        for task in Path(f"/proc/{self.processes[name].pid}/task").glob("*/children"):
            with suppress(OSError):  # thread or process may have ended meanwhile
                for pid in map(int, task.read_text().split()):
                    command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
                    if script in command.replace("\0", " "):
                        os.kill(pid, signal.SIGKILL)

    def stop(self, name: str) -> int:
        """Its exit status after SIGTERM."""
        self.processes[name].send_signal(signal.SIGTERM)
        return self.processes[name].wait(LIMIT_S)

    def close(self) -> None:
        for process in self.processes.values():
            process.kill()
            process.wait(LIMIT_S)

    def status(self, name: str) -> dict[str, Any]:
        """What the service tells; empty where it does not answer."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(ANSWER_S)
                connection.connect(str(self.states[name] / "status.sock"))
                data = b"".join(iter(lambda: connection.recv(65536), b""))
            return json.loads(data)
        except (OSError, ValueError):
            return {}

    def is_up(self, name: str) -> bool:
        """Whether this very process (not one before it) answers and, but for the radio, has met the radio."""
        status = self.status(name)
        if status.get("pid") != self.processes[name].pid:
            return False
        return name not in ("rx", "tx") or status.get("radio", {}).get("connected", False)

    def wait_up(self) -> None:
        for name in self.processes:
            wait_until(lambda name=name: self.is_up(name), lambda name=name: f"{name} is up; {self.log(name)}")

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""
