"""Three computers, as far as the network is concerned: each process has a network namespace of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from semcom.apps.report.result_folder import write_file_whole
from semcom.experiments.services.service_processes import ServiceTrio, wait_until

pytestmark = pytest.mark.timeout(300)
PORT = 5701
SUBNETS = {"tx": "10.213.1", "rx": "10.213.2"}
"""Of the cables between a host and the radio, which has .1 on each."""


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=120)


class Network:
    """Namespaces ``tx``, ``radio`` and ``rx``; a cable from the radio to each of the hosts, and nothing else."""

    def __init__(self) -> None:
        self._names = {name: f"semcom-{os.getpid()}-{name}" for name in ("tx", "radio", "rx")}

    def __getitem__(self, name: str) -> str:
        return self._names[name]

    def build(self) -> None:
        for namespace in self._names.values():
            ip("netns", "add", namespace)
            ip("-n", namespace, "link", "set", "lo", "up")
        for host, subnet in SUBNETS.items():
            near, far = ("eth0", "netns", self[host]), (f"to-{host}", "netns", self["radio"])
            ip("link", "add", *near, "type", "veth", "peer", "name", *far)
            for namespace, device, address in ((self[host], "eth0", 2), (self["radio"], f"to-{host}", 1)):
                ip("-n", namespace, "addr", "add", f"{subnet}.{address}/24", "dev", device)
                ip("-n", namespace, "link", "set", device, "up")

    def plug(self, host: str, state: str) -> None:
        """Its cable ``up`` or ``down``."""
        ip("-n", self[host], "link", "set", "eth0", state)

    def remove(self) -> None:
        for namespace in self._names.values():
            subprocess.run(["ip", "netns", "del", namespace], capture_output=True, timeout=120, check=False)


@pytest.fixture
def network() -> Iterator[Network]:
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("network namespaces need root and the command ip: sudo scripts/setup namespaces; sudo make test")
    network = Network()
    try:
        network.build()
    except subprocess.CalledProcessError as error:
        network.remove()
        said = error.stderr.decode(errors="replace").strip()
        pytest.skip(f"network namespaces cannot be made here, try sudo make test: {said}")
    yield network
    network.remove()


def test_pictures_travel_between_three_computers(network: Network, tmp_path: Path, packet: bytes) -> None:
    trio = ServiceTrio(tmp_path)
    local = trio.address
    for name in ("tx", "radio", "rx"):
        address = f"tcp://{SUBNETS.get(name, '0.0.0')}.{1 if name in SUBNETS else 0}:{PORT}"
        trio.commands[name] = tuple(address if word == local else word for word in trio.commands[name])
        trio.started_with[name] = ("ip", "netns", "exec", network[name])

    def complete() -> int:
        return sum(json.loads(path.read_text())["complete"] for path in trio.results.glob("*-*-*/result.json"))

    try:
        trio.start()
        trio.wait_up()
        assert trio.status("tx")["radio"]["address"] == f"tcp://10.213.1.1:{PORT}"
        write_file_whole(trio.photos / "a.sem", packet)
        wait_until(lambda: complete() == 1, trio.log("rx"))
        network.plug("tx", "down")
        wait_until(lambda: not trio.status("tx")["radio"]["connected"], trio.log("tx"))
        wait_until(lambda: "tx" not in trio.status("radio")["hosts"], trio.log("radio"))
        wait_until(lambda: trio.status("tx")["receiving_host"]["state"] == "away", trio.log("tx"))
        write_file_whole(trio.photos / "b.sem", packet)
        assert not any(trio.status("tx")["queues"].values())  # nothing is begun that nobody could take
        network.plug("tx", "up")
        wait_until(lambda: complete() == 2, trio.log("tx"))
        wait_until(lambda: trio.status("tx")["account"]["complete"] == 2, trio.log("tx"))
        assert [trio.stop(name) for name in ("tx", "radio", "rx")] == [0, 0, 0]
        totals = json.loads((trio.states["tx"] / "account.json").read_text())["totals"]
        assert totals["sent"] == totals["delivered"] + totals["repaired"] and totals["lost"] == 0
    finally:
        trio.close()
