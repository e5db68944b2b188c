"""`kill -9` of any process of a link at random moments, under load: how long until service resumes, and what is lost.

    python -m semcom.experiments.services.service_kills --kills 200

Pictures are put into the watched folder as fast as they are sent. Each round kills one of radio, host tx and host rx
at a random moment and starts it again at once, or kills the radio's flowgraph with its driver, which the radio starts
again by itself; it takes the time until the next picture is complete at the receiver. At
the end every picture must have a complete result, every result file must be readable, and the account must match.
Writes service_kills.csv and service_kills.md to the output folder.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import shlex
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

from semcom.experiments.services.service_processes import FLOWGRAPH, ServiceTrio, wait_until
from semcom.semantic import SemanticPacket, encode

OPEN_PICTURES = 4
"""Pictures that wait in the watched folder while the load goes on."""

KEPT_PICTURES = 100
"""Pictures that stay in the watched folder."""

VICTIMS = ("radio", "tx", "rx", "flowgraph")


class Load:
    """Puts packets into the watched folder, a few ahead of what ``done`` says."""

    def __init__(self, trio: ServiceTrio, packet: bytes, done: Callable[[], int]) -> None:
        self._trio, self._packet, self._done = trio, packet, done
        self.put, self._stopped = 0, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(0.05):
            if self.put - self._done() < OPEN_PICTURES:
                aside = self._trio.photos / f".{self.put:06d}.sem"
                aside.write_bytes(self._packet)
                aside.rename(self._trio.photos / f"{self.put:06d}.sem")
                self.put += 1
                old = self._trio.photos / f"{self.put - KEPT_PICTURES:06d}.sem"
                old.unlink(missing_ok=True)  # it has been sent long ago


def complete_results(trio: ServiceTrio) -> int:
    """Complete results that lie in the receiver's folder."""
    return sum(bool(_json(path).get("complete")) for path in trio.results.glob("*-*-*/result.json"))


def unreadable_results(trio: ServiceTrio) -> list[str]:
    """Files of complete results that cannot be read."""
    bad = []
    for path in trio.results.glob("*-*-*/result.json"):
        if not _json(path).get("complete"):
            continue
        try:
            SemanticPacket.from_bytes((path.parent / "packet.sem").read_bytes())
            for picture in path.parent.glob("*.png"):
                Image.open(picture).load()
        except Exception as error:
            bad.append(f"{path.parent.name}: {error}")
    return bad


def run(kills: int, seed: int, radio: str) -> tuple[list[tuple[str, float, float]], dict]:
    """Victim, seconds until it answers, seconds until the next picture is complete, per kill; and what came of all."""
    rng = random.Random(seed)
    packet = encode(np.ascontiguousarray(data.astronaut()[:320:2, :480:2])).to_bytes()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        trio = ServiceTrio(Path(folder), ("--radio", radio))

        def as_it_is() -> str:
            names = trio.processes
            return "\n".join(f"{name}: {json.dumps(trio.status(name))}\n{trio.log(name)}" for name in names)

        try:
            trio.start()
            trio.wait_up()
            load = Load(trio, packet, lambda: complete_results(trio))
            wait_until(lambda: complete_results(trio) > 0, trio.log("rx"))
            for number in range(kills):
                time.sleep(rng.uniform(0.0, 1.5))
                victim, since = rng.choice(VICTIMS), time.monotonic()
                _kill_and_wait(trio, victim)
                up_s, before = time.monotonic() - since, complete_results(trio)
                wait_until(lambda before=before: complete_results(trio) > before, as_it_is)
                rows.append((victim, up_s, time.monotonic() - since))
                print(f"{number + 1}/{kills} {victim}: up {up_s:.1f} s, picture {rows[-1][2]:.1f} s", flush=True)
            load.stop()
            wait_until(lambda: not trio.status("tx").get("queues", {"open_pictures": 1})["open_pictures"], "all closed")
            # Pictures of the folder that have been sent; a restart sends one again, so there may be more results.
            wait_until(lambda: trio.status("tx")["account"]["complete"] >= load.put, as_it_is)
            wait_until(lambda: complete_results(trio) >= load.put, as_it_is)
            codes = [trio.stop(name) for name in ("tx", "radio", "rx")]
            account = _json(trio.states["tx"] / "account.json")
            results = {"pictures": load.put, "complete": complete_results(trio), "exit_codes": codes}
            results |= {"unreadable": unreadable_results(trio), "account": account["totals"]}
            results |= {"left_over": len(list(trio.results.glob(".semcom-*")))}
            results |= {"lost_by_cause": account["lost_by_cause"]}
        finally:
            trio.close()
    return rows, results


def _kill_and_wait(trio: ServiceTrio, victim: str) -> None:
    """Until it is up again."""
    if victim != "flowgraph":
        trio.kill(victim)
        trio.start(victim)
        wait_until(lambda: trio.is_up(victim), lambda: f"{victim}: {trio.log(victim)}")
        return
    starts = trio.status("radio")["air"]["child_starts"]
    trio.kill_below("radio", FLOWGRAPH)

    def is_up() -> bool:
        air = trio.status("radio").get("air", {"child_starts": 0})
        return air["child_starts"] > starts and air.get("state") != "starting again"

    wait_until(is_up, lambda: f"flowgraph: {trio.log('radio')}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--radio", default="loopback-clean")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    arguments = parser.parse_args()
    since = time.monotonic()
    rows, results = run(arguments.kills, arguments.seed, arguments.radio)
    arguments.out.mkdir(parents=True, exist_ok=True)
    with (arguments.out / "service_kills.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["victim", "up_s", "next_picture_s"])
        writer.writerows((victim, f"{up:.2f}", f"{picture:.2f}") for victim, up, picture in rows)
    text = _report(rows, results, time.monotonic() - since)
    (arguments.out / "service_kills.md").write_text(text, encoding="utf-8")
    print(text)


def _report(rows: list[tuple[str, float, float]], results: dict, seconds: float) -> str:
    totals = results["account"]
    lost = ", ".join(f"{count} {cause}" for cause, count in results["lost_by_cause"].items()) or "none"
    lines = [
        "# Kills of the processes of a link",
        "",
        f"`python -m semcom.experiments.services.service_kills {shlex.join(sys.argv[1:])}`",
        "",
        f"{len(rows)} kills in {seconds:.0f} s. {results['pictures']} pictures put in, {results['complete']} complete "
        f"results (a picture on its way when its sender is killed is sent again), "
        f"{len(results['unreadable'])} unreadable files, {results['left_over']} left-over folders.",
        "",
        f"Account: {totals['sent']} frames sent = {totals['delivered']} delivered + {totals['repaired']} repaired + "
        f"{totals['lost']} lost ({lost}).",
        "",
        "| process killed | times | up again, median | longest | next picture complete, median | longest |",
        "|---|---|---|---|---|---|",
    ]
    for victim in sorted(Counter(victim for victim, *_ in rows)):
        up = [row[1] for row in rows if row[0] == victim]
        picture = [row[2] for row in rows if row[0] == victim]
        numbers = " | ".join(f"{value:.1f} s" for value in (np.median(up), max(up), np.median(picture), max(picture)))
        lines.append(f"| {victim} | {len(up)} | {numbers} |")
    return "\n".join(lines) + "\n"


def _json(path: Path) -> dict:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


if __name__ == "__main__":
    main()
