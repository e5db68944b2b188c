"""IP over the modem: ping and UDP between two network namespaces, through `semcom modem tunnel` and a two-way loopback.

    sudo python -m semcom.experiments.modem.tunnel [--mcs 16qam-3/4] [--repeats] [--out FOLDER]

The two stations run at the pace of a radio of 1 Msps. *Ping*: 56 B, nothing else on the air. *UDP*: 1472 B datagrams
one way, offered faster than the radio carries them. Writes tunnel.md.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from semcom.phy.airtime import airtime_function
from semcom.phy.mcs import find_mcs
from semcom.phy.waveform import Waveform

LEFT, RIGHT, FAR = "semcom-left", "semcom-right", "10.213.7.2"
UDP_BYTES, IP_BYTES, OVERHEAD_BYTES = 1472, 1500, 17
"""Of a datagram, of its IP packet, of the link around it."""

PING = """
import os, socket, statistics, struct, time
def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF
ours, times_ms = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP), []
ours.settimeout(2)
for number in range(60):
    body = struct.pack("!HH", os.getpid() & 0xFFFF, number) + bytes(56)
    packet = struct.pack("!BBH", 8, 0, checksum(b"\\x08\\x00\\x00\\x00" + body)) + body
    began = time.perf_counter()
    ours.sendto(packet, (FAR, 0))
    try:
        while ours.recv(2048)[20] != 0:
            pass
    except TimeoutError:
        continue
    times_ms.append(1e3 * (time.perf_counter() - began))
    time.sleep(0.05)
print(len(times_ms), statistics.median(times_ms), max(times_ms))
"""
SEND = """
import socket, time
ours, until = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), time.monotonic() + SECONDS
while time.monotonic() < until:
    ours.sendto(bytes(1472), (FAR, 9999))
    time.sleep(8 * 1472 / RATE)
"""
RECEIVE = """
import socket, time
ours, times = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), []
ours.bind(("", 9999))
ours.settimeout(60)
print("ready", flush=True)
try:
    while True:
        ours.recv(1 << 16)
        times.append(time.perf_counter())
        ours.settimeout(3)
except TimeoutError:
    print(len(times), 8 * 1472 * (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 0)
"""


def run_in(namespace: str, code: str, **values: object) -> subprocess.Popen[str]:
    """A Python program in a network namespace."""
    code = "".join(f"{name} = {value!r}\n" for name, value in values.items()) + code
    return subprocess.Popen(
        ["ip", "netns", "exec", namespace, sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    )


def net_rate_bps(mcs: str) -> float:
    """UDP payload of full bursts without gaps, preamble and signal field counted: what the modem could carry."""
    waveform = Waveform.load("ofdm64")
    uses = airtime_function(waveform)(find_mcs(mcs).name, 8, IP_BYTES + OVERHEAD_BYTES)
    return 8 * 8 * UDP_BYTES * waveform.nominal_rate_hz / uses


def measure(mcs: str, repeats: bool, seconds: float) -> dict[str, float]:
    """One tunnel: ping, then UDP."""
    ports = f"tun:semcom0@{LEFT},10.213.7.1/24", f"tun:semcom1@{RIGHT},{FAR}/24"
    command = [sys.executable, "-m", "semcom.apps.cli", "modem", "tunnel", *ports, "--radio", "loopback", "--json"]
    command += ["--snr-db", "20", "--mcs", mcs, "--repeats" if repeats else "--no-repeats"]
    tunnel = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        while subprocess.run(
            ["ip", "-n", LEFT, "link", "show", "semcom0"], capture_output=True, check=False
        ).returncode:
            time.sleep(0.2)
        time.sleep(5)  # kernels are compiled or read
        pings, median_ms, worst_ms = map(float, run_in(LEFT, PING, FAR=FAR).communicate()[0].split())
        receiver = run_in(RIGHT, RECEIVE)
        receiver.stdout.readline()
        run_in(LEFT, SEND, FAR=FAR, SECONDS=seconds, RATE=1.1 * net_rate_bps(mcs)).wait()
        datagrams, rate_bps = map(float, receiver.communicate()[0].split())
        tunnel.send_signal(signal.SIGTERM)
        account = json.loads(tunnel.communicate()[1].strip().splitlines()[-1])
    finally:
        tunnel.kill()
    late = sum(end["air"]["late"] for end in account)
    found = {"pings": pings, "median_ms": median_ms, "worst_ms": worst_ms, "datagrams": datagrams, "udp_bps": rate_bps}
    return {**found, "share": rate_bps / net_rate_bps(mcs), "late": late}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mcs", default="16qam-3/4")
    parser.add_argument("--repeats", action="store_true")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args()
    for namespace in (LEFT, RIGHT):
        subprocess.run(["ip", "netns", "add", namespace], check=True)
    try:
        found = measure(options.mcs, options.repeats, options.seconds)
    finally:
        for namespace in (LEFT, RIGHT):
            subprocess.run(["ip", "netns", "del", namespace], check=False)
    load = os.getloadavg()[0]
    lines = ["# IP over the modem", "", "`sudo python -m semcom.experiments.modem.tunnel`", ""]
    lines += [" ".join((__doc__ or "").split("\n\n")[2].split()), ""]
    lines += ["| | |", "|---|---|", f"| MCS, repeats | {options.mcs}, {'with' if options.repeats else 'without'} |"]
    came, median_ms, worst_ms = (found[name] for name in ("pings", "median_ms", "worst_ms"))
    lines += [f"| ping of 56 B | {came:.0f} of 60, median {median_ms:.1f} ms, worst {worst_ms:.0f} ms |"]
    lines += [f"| UDP one way | {found['udp_bps'] / 1e3:.0f} kb/s of payload |"]
    lines += [f"| of what full bursts carry, preamble and signal field counted | {found['share']:.1%} |"]
    lines += [f"| the computer was late | {found['late']:.0f} times by 0.1 s |"]
    lines += [f"| load average | {load:.1f} on {os.cpu_count()} cores |"]
    text = "\n".join(lines) + "\n"
    print(text)
    (options.out / "tunnel.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
