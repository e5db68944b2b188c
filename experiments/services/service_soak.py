"""Hours of pictures through the three processes: does anything grow?

    python -m semcom.experiments.services.service_soak --minutes 60

Pictures are sent as fast as they are taken. Every few seconds the resident memory and the open descriptors of each
process are noted; the drift is that between the second quarter of the run and the last one. At the end the account must
match. Writes service_soak.csv and service_soak.md to the output folder.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shlex
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from skimage import data

from semcom.experiments.services.service_kills import Load, complete_results
from semcom.experiments.services.service_processes import ServiceTrio, wait_until
from semcom.semantic import encode

NAMES = ("radio", "tx", "rx")
SAMPLE_EVERY_S = 5.0


def resident_bytes(pid: int) -> tuple[int, int]:
    """Bytes resident, and those that are the process's own: the rest are pages of files, libraries above all."""
    _, resident, of_files, *_ = map(int, Path(f"/proc/{pid}/statm").read_text().split())
    page = os.sysconf("SC_PAGE_SIZE")
    return resident * page, (resident - of_files) * page


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def run(minutes: float, radio: str, keep: int) -> tuple[list[list[float]], dict]:
    """Rows of (seconds, pictures, then bytes, own bytes and descriptors of each process), and the account."""
    packet = encode(np.ascontiguousarray(data.astronaut()[:320:2, :480:2])).to_bytes()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        trio = ServiceTrio(Path(folder), ("--radio", radio), rx_options=("--keep", str(keep)))
        try:
            trio.start()
            trio.wait_up()
            load = Load(trio, packet, lambda: trio.status("tx").get("account", {}).get("pictures", 0))
            since = time.monotonic()
            while (now := time.monotonic() - since) < 60 * minutes:
                pictures = trio.status("tx").get("account", {}).get("pictures", 0)
                pids = [trio.processes[name].pid for name in NAMES]
                rows.append([now, pictures, *(n for pid in pids for n in (*resident_bytes(pid), descriptors(pid)))])
                time.sleep(SAMPLE_EVERY_S)
            load.stop()
            wait_until(lambda: trio.status("tx")["account"]["complete"] >= load.put, trio.log("tx"))
            wait_until(lambda: complete_results(trio) >= min(keep, load.put), trio.log("rx"))
            codes = [trio.stop(name) for name in ("tx", "radio", "rx")]
            account = json.loads((trio.states["tx"] / "account.json").read_text())
        finally:
            trio.close()
    return rows, {"account": account["totals"], "exit_codes": codes}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--radio", default="loopback-clean")
    parser.add_argument("--keep", type=int, default=500, help="results that host rx keeps")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    arguments = parser.parse_args()
    rows, outcome = run(arguments.minutes, arguments.radio, arguments.keep)
    arguments.out.mkdir(parents=True, exist_ok=True)
    with (arguments.out / "service_soak.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["seconds", "pictures", *(f"{name}_{what}" for name in NAMES for what in ("bytes", "own_bytes", "fds"))]
        )
        writer.writerows([f"{row[0]:.0f}", *row[1:]] for row in rows)
    table, totals = np.array(rows), outcome["account"]
    second, last = np.array_split(table, 4)[1], np.array_split(table, 4)[3]
    lines = [
        "# Hours of pictures through three processes",
        "",
        f"`python -m semcom.experiments.services.service_soak {shlex.join(sys.argv[1:])}`",
        "",
        f"{table[-1, 0] / 60:.1f} minutes, {totals['pictures']} pictures, {totals['complete']} complete; "
        f"{totals['sent']} frames sent = {totals['delivered']} delivered + {totals['repaired']} repaired + "
        f"{totals['lost']} lost.",
        "",
        "| process | memory in the second quarter | in the last quarter | drift | of it its own, without pages of "
        "files | descriptors, median of both | most |",
        "|---|---|---|---|---|---|---|",
    ]
    for at, name in enumerate(NAMES):
        (before, own_before), (after, own_after) = (q[:, 2 + 3 * at :][:, :2].mean(axis=0) for q in (second, last))
        handles = [quarter[:, 4 + 3 * at].astype(int) for quarter in (second, last)]
        medians = ", ".join(f"{np.median(quarter):.0f}" for quarter in handles)
        lines.append(
            f"| {name} | {before / 2**20:.1f} MiB | {after / 2**20:.1f} MiB | {100 * (after / before - 1):+.1f} % | "
            f"{(own_after - own_before) / 2**20:+.1f} MiB | {medians} | {max(quarter.max() for quarter in handles)} |"
        )
    text = "\n".join(lines) + "\n"
    (arguments.out / "service_soak.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
