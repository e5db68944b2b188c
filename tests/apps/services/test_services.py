"""Three processes end to end: pictures arrive whoever is killed; strangers and full disks do no harm."""

from __future__ import annotations

import json
import random
import resource
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from semcom.apps.report.result_folder import write_file_whole
from semcom.experiments.services.service_processes import ServiceTrio, wait_until
from semcom.semantic import SemanticPacket

from ...stand_ins import street

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[ServiceTrio]:
    trio = ServiceTrio(tmp_path)
    yield trio
    trio.close()


def results(trio: ServiceTrio) -> dict[str, dict]:
    """Results by the numbers of the picture; each one must be whole."""
    found = {}
    for path in trio.results.glob("*-*-*/result.json"):
        result = json.loads(path.read_text())
        found["-".join(map(str, result["identity"].values()))] = result
        if result["complete"]:
            SemanticPacket.from_bytes((path.parent / "packet.sem").read_bytes())
            for name in ("drawing.png", "reconstruction.png", "provenance.png"):
                Image.open(path.parent / name).load()
    return found


def account(trio: ServiceTrio) -> dict:
    """The account that host tx exported; its sums must match."""
    exported = json.loads((trio.states["tx"] / "account.json").read_text())
    totals = exported["totals"]
    assert totals["sent"] == totals["delivered"] + totals["repaired"] + totals["lost"]
    assert totals["lost"] == sum(exported["lost_by_cause"].values())
    return exported


def test_pictures_travel_through_three_processes(trio: ServiceTrio, packet: bytes) -> None:
    trio.start()
    trio.wait_up()
    write_file_whole(trio.photos / "watched.sem", packet)
    (trio.folder / "asked.sem").write_bytes(packet)
    (trio.folder / "broken.png").write_bytes(b"no picture")
    (trio.photos / "broken.png").write_bytes(b"no picture")
    me = ("--keys", str(trio.folder / "keys" / "me"), "--at", trio.desk_address)
    for name, expected in (("asked.sem", 0), ("broken.png", 2), ("none.png", 2)):
        pushed = trio.run("push", str(trio.folder / name), *me)
        assert pushed.returncode == expected, pushed
    wait_until(lambda: sum(r["complete"] for r in results(trio).values()) == 2, trio.log("rx"))
    assert sorted(results(trio)) == ["0-1-1", "0-1-2"]
    assert all(r["caption"].startswith("A red car") for r in results(trio).values())
    wait_until(lambda: "0-1-2" in (trio.results / "index.html").read_text(), "index.html")
    wait_until(lambda: trio.status("tx")["account"]["complete"] == 2, trio.log("tx"))
    wait_until(lambda: trio.status("tx")["counts"].get("refused_pictures") == 1, "the broken picture is refused")
    metrics = f"http://127.0.0.1:{trio.status('radio')['metrics_port']}/metrics"
    text = urllib.request.urlopen(metrics, timeout=120).read().decode()
    taken = trio.status("radio")["frames"]["taken"]
    assert f'semcom_radio_frames_total{{event="taken"}} {taken:.1f}\n' in text
    assert 'semcom_radio_lost_total{cause="crc"} 0.0\n' in text
    assert trio.stop("tx") == trio.stop("radio") == trio.stop("rx") == 0
    totals = account(trio)["totals"]
    assert totals["delivered"] == totals["sent"] == taken and totals["complete"] == 2


@pytest.mark.parametrize("kills", [3, pytest.param(10, marks=pytest.mark.long)])
def test_kill_any_process_and_nothing_is_lost_or_corrupt(trio: ServiceTrio, packet: bytes, kills: int) -> None:
    rng = random.Random(5)
    trio.start()
    trio.wait_up()
    for number in range(kills):
        write_file_whole(trio.photos / f"{number:02d}.sem", packet)
        victim = ("radio", "rx", "tx")[number % 3]
        time.sleep(rng.uniform(0.0, 1.0))  # a random moment, not a wait for something
        trio.kill(victim)
        results(trio)
        trio.start(victim)
        wait_until(lambda victim=victim: trio.is_up(victim), f"{victim} is up again; {trio.log(victim)}")

    def all_sent() -> bool:
        status = trio.status("tx")
        return status.get("account", {}).get("complete", 0) >= kills and not status["queues"]["open_pictures"]

    wait_until(all_sent, f"all sent; {trio.status('tx')} {trio.log('tx')}")
    complete = trio.status("tx")["account"]["complete"]
    wait_until(lambda: sum(r["complete"] for r in results(trio).values()) >= complete, trio.log("rx"))
    assert [trio.stop(name) for name in ("tx", "radio", "rx")] == [0, 0, 0]
    exported = account(trio)
    assert exported["totals"]["complete"] == kills and set(exported["lost_by_cause"]) <= {"sender was started anew"}
    assert not list(trio.results.glob(".semcom-*"))


def test_a_full_disk_is_said_and_survived(trio: ServiceTrio, packet: bytes) -> None:
    """Stands in for a small disk: the process may write no file beyond a size (EFBIG instead of ENOSPC)."""
    trio.start()
    trio.wait_up()
    write_file_whole(trio.photos / "before.sem", packet)
    wait_until(lambda: len(results(trio)) == 1, trio.log("rx"))
    pid = trio.processes["rx"].pid
    unlimited = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, unlimited[1]))
    write_file_whole(trio.photos / "during.sem", packet)
    trouble = wait_until(lambda: trio.status("rx")["trouble"], trio.log("rx"))
    assert "cannot be written" in trouble
    assert list(results(trio)) == ["0-1-1"] and not list(trio.results.glob(".semcom-*"))
    resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)
    wait_until(lambda: sum(r["complete"] for r in results(trio).values()) == 2, trio.log("rx"))
    wait_until(lambda: trio.status("tx")["account"]["complete"] == 2, trio.log("tx"))
    wait_until(lambda: not trio.status("rx")["trouble"], "no more trouble")
    assert trio.stop("tx") == 0
    assert account(trio)["totals"]["lost"] == 0


def test_two_radios_meet_on_a_virtual_air(tmp_path: Path, packet: bytes) -> None:
    trio = ServiceTrio(tmp_path, virtual_air=("--snr-db", "12", "--cfo-hz", "2000"))
    try:
        trio.start()
        trio.wait_up()
        wait_until(lambda: len(trio.status("air").get("radios", ())) == 2, trio.log("air"))
        write_file_whole(trio.photos / "a.sem", packet)
        wait_until(lambda: sum(r["complete"] for r in results(trio).values()) == 1, trio.log("far_radio"))
        wait_until(lambda: trio.status("tx")["account"]["complete"] == 1, trio.log("tx"))
        quality = trio.status("rx")["quality"]
        assert abs(quality["snr_db"] - 12) < 1.5 and abs(quality["cfo_hz"] - 2000) < 100
        assert [trio.stop(name) for name in ("tx", "radio", "far_radio", "rx", "air")] == [0] * 5
        totals = account(trio)["totals"]
        assert totals["delivered"] == totals["sent"] > 0
    finally:
        trio.close()


@pytest.mark.long
def test_a_small_disk_fills_up_and_is_emptied(tmp_path: Path, packet: bytes) -> None:
    """The same with a disk that is really full, where one can be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small disk can be mounted by root only: sudo make test")
    trio = ServiceTrio(tmp_path)
    trio.commands["rx"] = (*trio.commands["rx"], "--out", str(disk / "out"))
    trio.results, trio.states["rx"] = disk / "out", disk / "out" / ".state"
    try:
        trio.start()
        trio.wait_up()
        write_file_whole(trio.photos / "before.sem", packet)
        wait_until(lambda: len(results(trio)) == 1, trio.log("rx"))
        with pytest.raises(OSError, match="No space left"), (disk / "filler").open("wb", buffering=0) as filler:
            while filler.write(bytes(4096)):
                pass
        write_file_whole(trio.photos / "during.sem", packet)
        trouble = wait_until(lambda: trio.status("rx")["trouble"], trio.log("rx"))
        assert "No space left" in trouble and list(results(trio)) == ["0-1-1"]
        (disk / "filler").unlink()
        wait_until(lambda: sum(r["complete"] for r in results(trio).values()) == 2, trio.log("rx"))
        wait_until(lambda: trio.status("tx")["account"]["complete"] == 2, trio.log("tx"))
        assert trio.stop("tx") == 0 and account(trio)["totals"]["lost"] == 0
    finally:
        trio.close()
        subprocess.run(["umount", str(disk)], check=True)


def test_more_of_a_picture_is_asked_for_and_comes(trio: ServiceTrio) -> None:
    pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
    trio.start()
    trio.wait_up()
    Image.fromarray(street(320, 240)).save(trio.folder / "aside.png")
    (trio.folder / "aside.png").rename(trio.photos / "street.png")

    def layers() -> int:
        return len(results(trio).get("0-1-1", {"complete": False, "layers": []})["layers"])

    wait_until(lambda: results(trio).get("0-1-1", {}).get("complete"), f"picture; {trio.log('tx')}")
    before = layers()
    ask = ("ask", "scene", "--rx", str(trio.results), "--picture", "0-1-1", "--answer-bytes", "4000")
    asked = trio.run(*ask)
    assert asked.returncode == 0, asked
    wait_until(lambda: layers() == before + 1, f"answer; {trio.log('tx')} {trio.log('rx')}")
    assert trio.run("ask", "scene", "--rx", str(trio.results), "--picture", "0-9-9").returncode == 2
    wait_until(lambda: trio.status("tx")["account"]["pictures"] == 2, "the answer has an account of its own")
    assert [trio.stop(name) for name in ("tx", "radio", "rx")] == [0, 0, 0]
    account(trio)
