"""The example units are what systemd takes, and their commands run as a stranger with a read-only disk and no home."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from semcom.experiments.services.service_processes import LIMIT_S, free_port
from semcom.link.transports.key_files import make_acquainted

pytestmark = pytest.mark.timeout(900)
UNITS = ("radio", "air", "host-tx", "host-rx")
USER = 61234
"""In no list of users."""

MOST_EXPOSED = 2.0
"""Of ten, by systemd-analyze security."""

ROOM = """
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /srv
mkdir /srv/state /srv/cache /srv/etc /srv/credentials
mount --bind "$ROOM/state" /srv/state
mount --bind "$ROOM/cache" /srv/cache
cp -r "$ROOM/keys" "$ROOM/semcom.yml" /srv/etc
cp "$ROOM/keys/$KEY/secret.key" /srv/credentials
chmod 755 /srv/etc/keys/*  # as docs/operation.md says
chmod 440 /srv/credentials/*  # what an access list for the service alone looks like
chown -R $USER_ID /srv/credentials
mount -t tmpfs -o mode=1777 tmpfs /tmp  # PrivateTmp=
mount -o remount,bind,ro /
cd /
exec setpriv --reuid $USER_ID --regid $USER_ID --clear-groups --no-new-privs env -i "$@"
"""
"""A mount namespace in which only state, cache and a temporary folder can be written."""


@pytest.fixture(scope="module")
def units(repository: Path) -> dict[str, dict[str, str]]:
    """Settings of each unit with those of its drop-ins, the later ones counting."""
    folder, found = repository / "examples" / "operation" / "systemd", {}
    for name in UNITS:
        files = [folder / f"semcom-{name}.service"]
        files += sorted(folder.glob("semcom-.service.d/*")) + sorted(folder.glob(f"semcom-{name}.service.d/*"))
        texts = [file.read_text(encoding="utf-8") for file in files]
        found[name] = dict(re.findall(r"^(\w+)=(.*)$", "\n".join(texts), re.M))
    return found


@pytest.fixture
def installed(repository: Path, tmp_path: Path) -> Path:
    """The units with a program in them that is here."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("the program systemd-analyze is not here: scripts/setup units")
    shutil.copytree(repository / "examples" / "operation" / "systemd", tmp_path / "units")
    for file in tmp_path.glob("units/**/*.*"):
        if file.is_file():
            file.write_text(file.read_text(encoding="utf-8").replace("/usr/bin/semcom", "/bin/true"))
    return tmp_path / "units"


def analyse(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{installed}:"}
    command = ["systemd-analyze", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_the_unit_and_finds_it_shut(installed: Path, name: str) -> None:
    checked = analyse(installed, "verify", f"semcom-{name}.service")
    assert checked.returncode == 0 and not checked.stderr, checked.stderr
    limit = f"--threshold={10 * MOST_EXPOSED:.0f}"
    rated = analyse(installed, "security", "--offline=true", limit, f"semcom-{name}.service")
    assert rated.returncode == 0, rated.stdout[-2000:]


def test_limits_leave_time_to_compile_and_the_watchdog_is_on(units) -> None:
    for unit in units.values():
        assert unit["Type"] == "notify" and unit["DynamicUser"] == "yes" and unit["ProtectSystem"] == "strict"
        assert unit["ExecStartPre"] == "/usr/bin/semcom doctor --warm" and unit["TimeoutStartSec"] == "15min"
        assert int(unit["WatchdogSec"]) >= 60 and "MemoryDenyWriteExecute" not in unit
    assert units["radio"]["PrivateDevices"] == "no" and units["air"]["PrivateDevices"] == "yes"
    assert len({unit["StateDirectory"] for unit in units.values()}) == len(UNITS)


def test_there_is_an_image_for_each_service_and_it_looks_at_the_right_health_page(repository: Path) -> None:
    text = (repository / "examples" / "operation" / "container" / "Containerfile").read_text(encoding="utf-8")
    images = dict(re.findall(r"^FROM \w+ AS ([\w-]+)\n((?:(?!FROM).*\n?)*)", text, re.M))
    ports = {"host-tx": 9601, "radio": 9602, "host-rx": 9603, "air": 9604}
    for name in UNITS:
        words = json.dumps(["semcom", *name.split("-")])
        assert f"ENTRYPOINT {words}\n" in images[name] and f"127.0.0.1:{ports[name]}/healthz" in images[name]


class Room:
    """Runs commands of units where little can be written, as a user of no name, with a service manager's socket."""

    def __init__(self, folder: Path, repository: Path) -> None:
        self.folder, self.repository = folder, repository
        for name in ("state", "cache"):
            (folder / name).mkdir()
            os.chown(folder / name, USER, USER)
        make_acquainted(folder / "keys", ["tx", "radio", "rx", "air"])
        text = (repository / "examples" / "operation" / "semcom.yml").read_text(encoding="utf-8")
        (folder / "semcom.yml").write_text(text.replace("/etc/semcom", "/srv/etc"))
        self._name = f"semcom-test-{os.getpid()}"
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind(f"\0{self._name}")
        self.manager.settimeout(1.0)
        self.log = folder / "log"
        self.radio, self.air = (f"tcp://127.0.0.1:{free_port()}" for _ in range(2))

    def start(self, command: str, key: str, with_cache: bool = True) -> subprocess.Popen[bytes]:
        """A unit's command, with the settings of a service manager."""
        program, *words = shlex.split(command.replace("%S", "/srv/state").replace("/etc/semcom", "/srv/etc"))
        assert program == "/usr/bin/semcom"
        settings = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(self.repository / ".dev"),
            "STATE_DIRECTORY": "/srv/state",
            "CREDENTIALS_DIRECTORY": "/srv/credentials",
            "NOTIFY_SOCKET": f"@{self._name}",
            "WATCHDOG_USEC": "4000000",
            "SEMCOM_RADIO_LISTEN": self.radio,
            "SEMCOM_HOST_TX_RADIO": self.radio,
            "SEMCOM_HOST_RX_RADIO": self.radio,
            "SEMCOM_AIR_LISTEN": self.air,
            **{f"SEMCOM_{name}_METRICS_PORT": "0" for name in ("RADIO", "AIR", "HOST_TX", "HOST_RX")},
            **({"CACHE_DIRECTORY": "/srv/cache"} if with_cache else {}),
        }
        told = [f"{name}={value}" for name, value in settings.items()]
        run = ["unshare", "-m", "bash", "-c", ROOM, "room", *told, sys.executable, "-m", "semcom.apps.cli", *words]
        environment = {**os.environ, "ROOM": str(self.folder), "USER_ID": str(USER), "KEY": key}
        with self.log.open("ab") as log:
            return subprocess.Popen(run, env=environment, stdout=log, stderr=log)

    def wait_for(self, process: subprocess.Popen[bytes], word: str) -> None:
        """Until the service manager is told this."""
        deadline = time.monotonic() + 3 * LIMIT_S
        while True:
            assert time.monotonic() < deadline and process.poll() is None, self.log.read_text()[-3000:]
            try:
                if self.manager.recv(4096).decode() == word:
                    return
            except TimeoutError:
                continue

    def kernels(self) -> set[str]:
        return {path.name for path in (self.folder / "cache").rglob("*.nbi")}


@pytest.fixture(scope="module")
def room(repository: Path, tmp_path_factory) -> Iterator[Room]:
    needed = ("unshare", "setpriv", "mount")
    if os.geteuid() != 0 or any(shutil.which(name) is None for name in needed):
        pytest.skip("a read-only disk needs root and util-linux: sudo scripts/setup units; sudo make test")
    readable = subprocess.run(
        ["setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups", sys.executable, "-c", ""],
        cwd="/",
        env={"PYTHONPATH": str(repository / ".dev")},
        capture_output=True,
    )
    if readable.returncode:
        pytest.xfail("another user cannot read this checkout: chmod -R o+rX FOLDER, and of the folders above it")
    room = Room(tmp_path_factory.mktemp("room"), repository)
    yield room
    room.manager.close()


@pytest.fixture(scope="module")
def warm(room: Room, units) -> set[str]:
    """The cache is filled by what runs before the service."""
    warming = room.start(units["radio"]["ExecStartPre"], "radio")
    assert warming.wait(600) == 0, room.log.read_text()
    assert "compiled kernels kept below /srv/cache/numba" in room.log.read_text()
    return room.kernels()


def run_once(room: Room, unit: dict[str, str], with_cache: bool = True) -> None:
    """Start, be ready, feed the watchdog, and end when told so."""
    key = re.search(r"keys/(\w+)/secret.key", unit["LoadCredential"])[1]
    process = room.start(unit["ExecStart"], key, with_cache)
    try:
        room.wait_for(process, "READY=1")
        room.wait_for(process, "WATCHDOG=1")
        process.send_signal(signal.SIGTERM)
        assert process.wait(LIMIT_S) == 0, room.log.read_text()[-3000:]
    finally:
        process.kill()
        process.wait(LIMIT_S)
    assert "Traceback" not in room.log.read_text()


@pytest.mark.long
@pytest.mark.parametrize("name", UNITS)
def test_the_command_runs_as_a_stranger_without_a_home_on_a_read_only_disk(room, warm, units, name: str) -> None:
    assert len(warm) > 50
    run_once(room, units[name])
    assert room.kernels() == warm  # nothing was left to be compiled
    assert name not in ("host-tx", "host-rx") or list(
        (room.folder / "state").rglob("journal" if "tx" in name else "frames")
    )


@pytest.mark.parametrize("name", ["host-tx", pytest.param("air", marks=pytest.mark.long)])
def test_without_any_cache_it_still_starts(room, units, name: str) -> None:
    run_once(room, units[name], with_cache=False)
    assert "compiled kernels cannot be kept" in room.log.read_text()
