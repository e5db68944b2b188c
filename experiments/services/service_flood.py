"""Connections by a stranger at every port: what is left of the throughput, beside the same flood at another listener.

    python -m semcom.experiments.services.service_flood --seconds 60 --rate 10000

For each port of the three processes (radio, requests of host tx, pages of numbers) packets
are sent for so long under a flood at it, and under the same flood at a listener that belongs to nobody: the flood takes
processor time wherever it goes. *fast* ones are closed at once, *slow* ones stay open and say nothing, as many as the
stranger's own limit of descriptors allows. Writes service_flood.md to the output folder.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import shlex
import socket
import sys
import tempfile
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from semcom.experiments.services.service_faults import AHEAD, HOSTS, Pictures
from semcom.experiments.services.service_processes import ServiceTrio, wait_until

KINDS = ("fast", "slow")


def flood(port: int, rate: float, slow: bool, stop: multiprocessing.Event, made: multiprocessing.Value) -> None:
    """A stranger: connections at a rate until told to stop."""
    most_open = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 64 if slow else 0
    kept: deque[socket.socket] = deque()
    since_s = time.monotonic()
    while not stop.is_set():
        if made.value >= rate * (time.monotonic() - since_s):
            time.sleep(0.0005)
            continue
        made.value += 1
        connection = socket.socket()
        connection.settimeout(0.2)
        with suppress(OSError):
            connection.connect(("127.0.0.1", port))
        kept.append(connection)
        while len(kept) > most_open:
            kept.popleft().close()


def listen(port: multiprocessing.Value) -> None:
    """The listener that belongs to nobody: takes connections and closes them."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as server:
        port.value = server.getsockname()[1]
        while True:
            server.accept()[0].close()


class Load:
    """Keeps packets in the watched folder, and tells how many a second are confirmed."""

    def __init__(self, trio: ServiceTrio) -> None:
        self._trio, self._pictures, self.put = trio, Pictures(), 0

    def complete(self) -> int:
        return self._trio.status("tx").get("account", {}).get("complete", 0)

    def rate(self, seconds: float) -> float:
        """Pictures a second; a process that has ended is an error."""
        before, since_s = self.complete(), time.monotonic()
        while time.monotonic() - since_s < seconds:
            self.top_up()
            time.sleep(0.05)
            ended = [name for name in HOSTS if self._trio.processes[name].poll() is not None]
            assert not ended, f"{ended} ended: {self._trio.log(ended[0])}"
        return (self.complete() - before) / (time.monotonic() - since_s)

    def top_up(self) -> None:
        while self.put - self.complete() < AHEAD:
            aside = self._trio.photos / f".{self.put:06d}.sem"
            aside.write_bytes(self._pictures.packet(self.put))
            aside.rename(self._trio.photos / f"{self.put:06d}.sem")
            self.put += 1


def under_flood(load: Load, port: int, rate: float, slow: bool, seconds: float) -> tuple[float, float]:
    """Pictures a second, and connections a second that the stranger made."""
    stop, made = multiprocessing.Event(), multiprocessing.Value("q", 0)
    stranger = multiprocessing.Process(target=flood, args=(port, rate, slow, stop, made))
    stranger.start()
    try:
        pictures = load.rate(seconds)
    finally:
        stop.set()
        stranger.join(10)
        stranger.kill()
    return pictures, made.value / seconds


def ports_of(trio: ServiceTrio) -> dict[str, int]:
    """The ports that a stranger on the same computer reaches."""
    pages = {f"page of numbers of {name}": trio.status(name)["metrics_port"] for name in HOSTS}
    return {
        "radio": urlsplit(trio.address).port,
        "requests of host tx": urlsplit(trio.desk_address).port,
        **pages,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=10_000, help="connections a second that the stranger tries")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    arguments = parser.parse_args()
    lines = [
        "# Floods of connections at every port",
        "",
        f"`python -m semcom.experiments.services.service_flood {shlex.join(sys.argv[1:])}`",
        "",
        "| port | connections | made a second | pictures a second | the same flood at another listener | ratio |",
        "|---|---|---|---|---|---|",
    ]
    elsewhere = multiprocessing.Value("q", 0)
    listener = multiprocessing.Process(target=listen, args=(elsewhere,), daemon=True)
    listener.start()
    with tempfile.TemporaryDirectory() as folder:
        trio = ServiceTrio(Path(folder))
        try:
            trio.start()
            trio.wait_up()
            load = Load(trio)
            wait_until(lambda: load.top_up() or load.complete() > 2 * AHEAD, trio.log("tx"))
            for name, port in ports_of(trio).items():
                for kind in arguments.kinds:
                    beside, _ = under_flood(load, elsewhere.value, arguments.rate, kind == "slow", arguments.seconds)
                    at_it, made = under_flood(load, port, arguments.rate, kind == "slow", arguments.seconds)
                    ratio = f"{100 * at_it / beside:.0f} %" if beside else "–"
                    lines.append(f"| {name} | {kind} | {made:.0f} | {at_it:.1f} | {beside:.1f} | {ratio} |")
                    print(lines[-1], flush=True)
            wait_until(lambda: load.complete() >= load.put, f"all that was put in; {trio.log('tx')}", 600)
        finally:
            trio.close()
            listener.kill()
    lines += [
        "",
        f"{load.put} pictures put in, all confirmed; no process ended. The stranger, a process of this computer,",
    ]
    lines += [f"tries {arguments.rate:g} connections a second; a port that takes fewer makes it wait for each."]
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "service_flood.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines[-2:]))


if __name__ == "__main__":
    main()
