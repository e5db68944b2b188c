"""Faults by a random schedule, under load: is anything that was confirmed missing, torn, or there twice?

    python -m semcom.experiments.services.service_faults --minutes 60

Pictures are put into the watched folder, each its own: the number of a picture is in the text that it carries. All the
while faults are drawn, by a seed: a process is killed (host tx, radio, its flowgraph's child, its accepting front,
host rx), stopped for 1 to 30 s, the disk of the results is full for 1 to 10 s, a second host with the same key runs
for some seconds, all are killed and started in any order, the wall clock of all is stepped by up to an hour either way
(where there is a C compiler; the monotonic clock is left alone). At the end everything runs, what is left is sent, and
the books are compared: what host tx calls complete, and what lies in the results. Writes service_faults.md to the
output folder.

How long is long enough? A fault that loses pictures in a share p of its occurrences stays unseen in n of them with
probability (1 - p)^n. An hour has about 300 faults of 8 kinds, 38 of each: what loses something every thirteenth time
is missed with probability 0.05. Shorter runs are for what breaks often: in 90 s there are 4 to 8 faults, and a loss by
every third of them is missed with probability 0.2 to 0.04.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import re
import resource
import shlex
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

from semcom.experiments.services import preloaded
from semcom.experiments.services.fault_outcome import Outcome, report
from semcom.experiments.services.service_processes import FLOWGRAPH, FRONT, ServiceTrio, wait_until
from semcom.experiments.services.stepped_clock import SteppedClock
from semcom.semantic import SemanticPacket, encode
from semcom.semantic.layers import encode_layer
from semcom.semantic.layers.caption import Caption

AHEAD = 24
"""Pictures in the folder that host tx has not called complete."""

PHOTO_EVERY = 3
MEAN_PAUSE_S = 6.0
END_LIMIT_S = 600.0
HOSTS = ("tx", "radio", "rx")


class Pictures:
    """Packets that say in their caption which they are: small ones, header and caption alone.

    Parameters
    ----------
    photo_every : int
        Every so many is that of a photo, with layers that take several frames; 0: none.
    """

    def __init__(self, photo_every: int = 0) -> None:
        self._photo_every = photo_every
        self._small = encode(np.zeros((48, 64, 3), np.uint8)).layers[:2]
        self._photo = encode(np.ascontiguousarray(data.astronaut()[:320:2, :480:2])).layers

    def packet(self, number: int) -> bytes:
        is_photo = self._photo_every and number % self._photo_every == 0
        header, caption, *others = self._photo if is_photo else self._small
        own = encode_layer(caption.key, caption.kind, Caption(f"Picture {number}."))
        return SemanticPacket(0, 0, 1, (header, own, *others)).to_bytes()


class Faults:
    """Draws faults and makes them.

    Parameters
    ----------
    trio : ServiceTrio
        All of it runs.
    rng : Random
    outcome : Outcome
        Where faults and recoveries are noted.
    clock : SteppedClock or None
        Of all processes; None: their clock is never stepped.
    """

    def __init__(
        self, trio: ServiceTrio, rng: random.Random, outcome: Outcome, clock: SteppedClock | None = None
    ) -> None:
        self._trio, self._rng, self._outcome = trio, rng, outcome
        self.kinds: dict[str, Callable[[], None]] = {
            "kill": self._kill,
            "kill the flowgraph": lambda: trio.kill_below("radio", FLOWGRAPH),
            "kill a front": lambda: [trio.kill_below(name, FRONT) for name in HOSTS],
            "stall": self._stall,
            "disk full": self._fill_disk,
            "second process": self._second_process,
            "restart all": self._restart_all,
        }
        if clock is not None:
            self.kinds["clock step"] = lambda: clock.step(self._rng.randint(-3600, 3600))

    def next(self) -> None:
        """One fault, whichever."""
        kind = self._rng.choice(list(self.kinds))
        self._outcome.faults[kind] += 1
        print(f"{time.strftime('%H:%M:%S')} {kind}", flush=True)
        self.kinds[kind]()

    def _kill(self) -> None:
        victim = self._rng.choice(HOSTS)
        self._trio.kill(victim)
        self._start(victim)

    def _start(self, name: str) -> None:
        since_s = time.monotonic()
        self._trio.start(name)
        wait_until(lambda: self._trio.is_up(name), lambda: f"{name} is up; {self._trio.log(name)}", END_LIMIT_S)
        self._outcome.recovery_s.setdefault(name, []).append(time.monotonic() - since_s)

    def _stall(self) -> None:
        victim = self._rng.choice(HOSTS)
        self._trio.processes[victim].send_signal(signal.SIGSTOP)
        time.sleep(min(30.0, self._rng.expovariate(1 / 6) + 1))
        self._trio.processes[victim].send_signal(signal.SIGCONT)

    def _fill_disk(self) -> None:
        """The process may write no file beyond a size: EFBIG instead of ENOSPC, where none can be mounted."""
        pid = self._trio.processes[self._rng.choice(("rx", "tx"))].pid
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (self._rng.choice((0, 2000, 20_000)), before[1]))
        time.sleep(self._rng.uniform(1, 10))
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)

    def _second_process(self) -> None:
        """With the same key, from another folder; it ends again, the first goes on."""
        name, number = self._rng.choice(("tx", "rx")), self._outcome.faults["second process"]
        folder = self._trio.folder / f"second{number}"
        watch = ("--watch", str(folder), "--listen", "tcp://127.0.0.1:*") if name == "tx" else ("--out", str(folder))
        self._trio.commands["second"] = (*self._trio.commands[name], *watch, "--state", str(folder / "state"))
        self._trio.start("second", keys_of=name)
        time.sleep(self._rng.uniform(2, 8))
        self._trio.kill("second")
        del self._trio.processes["second"], self._trio.commands["second"]

    def _restart_all(self) -> None:
        for name in self._rng.sample(HOSTS, len(HOSTS)):
            self._trio.kill(name)
        order = self._rng.sample(HOSTS, len(HOSTS))
        for name in order:
            self._trio.start(name)
            time.sleep(self._rng.uniform(0, 1))
        for name in order:
            wait_until(
                lambda name=name: self._trio.is_up(name),
                lambda name=name: f"{name}; {self._trio.log(name)}",
                END_LIMIT_S,
            )


def run(seconds: float, seed: int, folder: Path) -> Outcome:
    """Load and faults for so long, then the books."""
    rng, outcome, pictures = random.Random(seed), Outcome(), Pictures(PHOTO_EVERY)
    trio = ServiceTrio(folder, tx_options=("--stream", str(rng.randrange(1 << 16))))
    clock = SteppedClock(folder) if preloaded.is_possible() else None
    trio.started_with = dict.fromkeys((*HOSTS, "second"), clock.start_with) if clock else {}
    try:
        trio.start()
        trio.wait_up()
        since_s = time.monotonic()
        faults, fault_at_s = Faults(trio, rng, outcome, clock), since_s + rng.expovariate(1 / MEAN_PAUSE_S)
        while time.monotonic() - since_s < seconds:
            outcome.confirmed = trio.status("tx").get("account", {}).get("complete", outcome.confirmed)
            while outcome.put - outcome.confirmed < AHEAD:
                _put(trio, outcome.put, pictures.packet(outcome.put))
                outcome.put += 1
            if time.monotonic() >= fault_at_s:
                faults.next()
                fault_at_s = time.monotonic() + rng.expovariate(1 / MEAN_PAUSE_S)
            time.sleep(0.05)
        print("no more faults: what is left is sent", flush=True)
        _until_sent(trio, outcome)
        outcome.seconds = time.monotonic() - since_s
        codes = [trio.stop(name) for name in HOSTS]
        assert codes == [0, 0, 0], (codes, trio.log("tx"), trio.log("rx"))
        _compare(trio, outcome)
    finally:
        trio.close()
    return outcome


def _until_sent(trio: ServiceTrio, outcome: Outcome) -> None:
    def complete() -> bool:
        outcome.confirmed = trio.status("tx").get("account", {}).get("complete", outcome.confirmed)
        return outcome.confirmed >= outcome.put

    wait_until(complete, lambda: f"all sent: {trio.status('tx')} {trio.log('tx')}", END_LIMIT_S)
    with contextlib.suppress(AssertionError):  # the books say what is missing
        wait_until(lambda: trio.status("rx").get("results", {}).get("complete", 0) >= outcome.put, "", END_LIMIT_S)


def _put(trio: ServiceTrio, number: int, packet: bytes) -> None:
    aside = trio.photos / f".{number:06d}.sem"
    aside.write_bytes(packet)
    aside.rename(trio.photos / f"{number:06d}.sem")


def _compare(trio: ServiceTrio, outcome: Outcome) -> None:
    """What is in the results, against what was put and what was called complete."""
    found: Counter[str] = Counter()
    for path in trio.results.glob("*-*-*/result.json"):
        try:
            told = json.loads(path.read_text())
            found[told["caption"]] += 1
            if not told["complete"]:
                outcome.torn.append(f"{path.parent.name}: a part of the picture, confirmed as whole")
            SemanticPacket.from_bytes((path.parent / "packet.sem").read_bytes())
            for picture in path.parent.glob("*.png"):
                Image.open(picture).load()
        except Exception as error:
            outcome.torn.append(f"{path.parent.name}: {error}")
    exported = json.loads((trio.states["tx"] / "account.json").read_text())
    totals = outcome.account = exported["totals"]
    outcome.confirmed, outcome.shown = totals["complete"], sum(found.values())
    outcome.sums_match = totals["sent"] == totals["delivered"] + totals["repaired"] + totals["lost"]
    numbers = {int(re.sub(r"\D", "", text) or -1): times for text, times in found.items()}
    outcome.missing = [str(number) for number in range(outcome.put) if number not in numbers]
    outcome.twice = [str(number) for number, times in numbers.items() if times > 1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--folder", type=Path, help="of the run, kept with logs and results; default: one that is removed"
    )
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    arguments = parser.parse_args()
    if arguments.folder is not None:
        arguments.folder.mkdir(parents=True)
    kept = contextlib.nullcontext(arguments.folder) if arguments.folder else tempfile.TemporaryDirectory()
    with kept as folder:
        outcome = run(60 * arguments.minutes, arguments.seed, Path(folder))
    command = f"python -m semcom.experiments.services.service_faults {shlex.join(sys.argv[1:])}"
    text = report(outcome, command)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "service_faults.md").write_text(text, encoding="utf-8")
    print(text)
    sys.exit(0 if outcome.is_good else 1)


if __name__ == "__main__":
    main()
