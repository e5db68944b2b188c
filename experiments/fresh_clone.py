"""Recipe: how long the README's two commands take in an empty clone → docs/results/fresh_clone.md.

Run: ``python -m semcom.experiments.fresh_clone``. Needs the network for packages; what the distribution has installed
already is said in the table. Takes about four minutes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "results")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        clone = Path(scratch) / "gr-semcom"
        subprocess.run(["git", "clone", "-q", str(REPOSITORY), str(clone)], check=True)
        before = "GNU Radio was installed before" if shutil.which("gnuradio-config-info") else "with GNU Radio from apt"
        rows = [
            ("`make demo`, empty clone", "≤ 300 s", f"{timed('demo', clone)} s ({before})"),
            ("`make demo`, second time", "≤ 60 s", f"{timed('demo', clone)} s"),
            ("`make test`, its packages included", "≤ 600 s", f"{timed('test', clone)} s"),
        ]
    lines = [
        "# The README's commands in an empty clone",
        "",
        f"`python -m semcom.experiments.fresh_clone` on {len(os.sched_getaffinity(0))} cores.",
        "",
        "| what | asked | measured |",
        "|---|---|---|",
        *(f"| {what} | {asked} | {measured} |" for what, asked, measured in rows),
        "",
    ]
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "fresh_clone.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


def timed(target: str, clone: Path) -> int:
    """Seconds that a make target takes; it must succeed."""
    start = time.perf_counter()
    settings = {**os.environ, "SEMCOM_SHARED": os.environ.get("SEMCOM_SHARED", str(REPOSITORY.parent / "shared"))}
    subprocess.run(["make", target], cwd=clone, check=True, env=settings, timeout=3600)
    return round(time.perf_counter() - start)


if __name__ == "__main__":
    main()
