"""`semcom modem tunnel` as its own process: KISS programs and IP, on two frequencies and on one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from semcom.experiments.services.service_processes import free_port
from semcom.link.packets.kiss import KissParser, encode_kiss

pytestmark = pytest.mark.timeout(500)
LIMIT_S = 150.0
ECHO = """
import socket, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
    ours.bind(("", 9999))
    while True:
        data, sender = ours.recvfrom(1 << 16)
        ours.sendto(data[::-1], sender)
"""
ASK = """
import os, socket, sys, time
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
    ours.settimeout(2)
    for size in map(int, sys.argv[2:]):
        data = os.urandom(size)
        for _ in range(40):
            ours.sendto(data, (sys.argv[1], 9999))
            try:
                came = ours.recv(1 << 16)
                while came != data[::-1]:
                    came = ours.recv(1 << 16)
                break
            except OSError:
                pass
        else:
            sys.exit(f"{size} bytes did not come back")
print("all came back")
"""


@contextmanager
def tunnel(*arguments: str) -> Iterator[subprocess.Popen]:
    command = [sys.executable, "-m", "semcom.apps.cli", "modem", "tunnel", *arguments, "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def account_of(process: subprocess.Popen) -> list[dict]:
    """Ended by SIGTERM, in order."""
    process.send_signal(signal.SIGTERM)
    _, words = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0, words
    return json.loads(words.strip().splitlines()[-1])


def connected(port: int, process: subprocess.Popen) -> socket.socket:
    deadline = time.monotonic() + LIMIT_S
    while True:
        try:
            ours = socket.create_connection(("127.0.0.1", port), 1.0)
        except OSError:
            assert process.poll() is None and time.monotonic() < deadline, process.poll()
            time.sleep(0.1)
        else:
            ours.settimeout(LIMIT_S)
            return ours


def read_packets(ours: socket.socket, count: int) -> list[bytes]:
    parser, packets = KissParser(), []
    while len(packets) < count:
        packets += parser.push(ours.recv(1 << 16))
    return packets


@pytest.mark.parametrize("options", [("--snr-db", "12"), ("--snr-db", "8.5"), ("--half-duplex", "--snr-db", "12")])
def test_programs_for_packet_radio_hear_each_other(options, rng):
    """Packets of all lengths both ways at once; at 8.5 dB some blocks are lost (16-QAM-1/2) and sent again."""
    ports = free_port(), free_port()
    mcs = "16qam-1/2" if "8.5" in options else "qpsk-1/2"
    names = [f"kiss:{port}" for port in ports]
    with tunnel(*names, "--radio", "loopback", "--mcs", mcs, "--callsign", "DL0ABC", *options) as process:
        with connected(ports[0], process) as left, connected(ports[1], process) as right:
            sent = [[rng.bytes(size) for size in (1, 100, 1500, 6000, 30)] for _ in range(2)]
            for ours, packets in zip((left, right), sent, strict=True):
                ours.sendall(b"".join(map(encode_kiss, packets)))
            assert sorted(read_packets(right, 5)) == sorted(sent[0])
            assert sorted(read_packets(left, 5)) == sorted(sent[1])
        accounts = account_of(process)
    for account in accounts:
        assert account["sent"]["packets_in"] == account["received"]["packets_out"] == 5
        assert account["sent"]["identifications"] >= 1
        # On one frequency reports meet other bursts and are lost: what came and was not reported counts as lost.
        assert "--half-duplex" in options or account["sent"]["lost"] == 0
        assert account["received"]["same_source"] == 0


@pytest.fixture
def namespaces() -> Iterator[tuple[str, str]]:
    if os.geteuid() != 0 or shutil.which("ip") is None or not os.path.exists("/dev/net/tun"):  # noqa: PTH110
        pytest.skip(
            "TUN devices need root, /dev/net/tun and the command ip: sudo scripts/setup namespaces; sudo make test"
        )
    names = f"semcom-{os.getpid()}-l", f"semcom-{os.getpid()}-r"
    try:
        for name in names:
            done = subprocess.run(["ip", "netns", "add", name], capture_output=True, timeout=120, check=False)
            if done.returncode:
                pytest.skip("no network namespace can be made: sudo scripts/setup namespaces; sudo make test")
        yield names
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, timeout=120, check=False)


def test_ip_packets_cross_between_two_networks(namespaces):
    """An echo of datagrams that fit the MTU and that the kernel cuts to it."""
    left, right = namespaces
    ports = f"tun:semcom0@{left},10.213.9.1/24", f"tun:semcom1@{right},10.213.9.2/24"
    with tunnel(*ports, "--radio", "loopback", "--snr-db", "15", "--mtu", "576") as process:
        echo = subprocess.Popen(["ip", "netns", "exec", right, sys.executable, "-c", ECHO])
        try:
            ask = ["ip", "netns", "exec", left, sys.executable, "-c", ASK, "10.213.9.2", "0", "56", "548", "4000"]
            deadline = time.monotonic() + LIMIT_S
            while subprocess.run(["ip", "-n", left, "link", "show", "semcom0"], capture_output=True).returncode:
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.2)
            done = subprocess.run(ask, capture_output=True, text=True, timeout=LIMIT_S, check=False)
            assert done.stdout == "all came back\n", done.stderr
        finally:
            echo.kill()
            echo.wait()
        accounts = account_of(process)
    assert all(account["sent"]["packets_in"] >= 11 and account["sent"]["lost"] == 0 for account in accounts)


def test_without_rights_a_sentence_says_what_to_do():
    """As nobody: root may do everything."""
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):  # noqa: PTH110
        pytest.skip("giving up rights needs root and /dev/net/tun: sudo scripts/setup namespaces; sudo make test")
    from semcom.apps.modem.errors import PortError
    from semcom.apps.modem.ports.tun import TunPort

    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setgid(65534)
            os.setuid(65534)
            TunPort("semcom9")
        except PortError as error:
            status = 0 if "sudo ip tuntap add dev semcom9 mode tun user $USER" in str(error) else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
