"""Every parser by `coverage_fuzz`, in pieces, until each has had ten million inputs or an hour of a core.

    pip install atheris
    python -m semcom.experiments.robustness.fuzz_rounds --folder out/fuzz --minutes 600

The folder keeps what reaches new lines, a folder for each parser, and ``account.json``: how many inputs each has had
and how many seconds of a core. Called again, it goes on from there, in a new folder from the page of results; who has
had least comes first. A piece that ends by trouble is named, its input lies beside the account, and the command ends
with 1; that parser rests until its trouble is mended and its word in the account taken out. Of coverage_fuzz.md the
head and the table are written anew, what stands below stays.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

ENOUGH_INPUTS, ENOUGH_S = 10_000_000, 3600.0
SLOWEST_INPUT_S = 120
"""Longer than any input may take on a busy machine; one that hangs is killed a minute after the piece's end."""
COMPILED = (
    "packet", "payloads", "layer", "drawing", "text", "label map", "binary map", "sub-image", "refinement request",
    "encode request", "signal field", "soft block",
)  # fmt: skip
"""Parsers most of whose time goes to what numba compiles: they run compiled."""


@dataclass
class Share:
    """What a parser has had."""

    inputs: int = 0
    core_s: float = 0.0
    trouble: str = ""

    @property
    def enough(self) -> bool:
        return self.inputs >= ENOUGH_INPUTS or self.core_s >= ENOUGH_S


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("out/fuzz"))
    parser.add_argument("--minutes", type=float, default=60.0, help="of this call, by the clock")
    parser.add_argument("--piece-minutes", type=float, default=5.0, help="of one parser at a time")
    parser.add_argument("--only", nargs="+", help="these parsers alone")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args(arguments)
    from semcom.experiments.robustness.fuzzed_parsers import PARSERS

    if unknown := set(options.only or ()) - set(PARSERS):
        parser.error(f"parsers must be of {', '.join(PARSERS)}, got {', '.join(sorted(unknown))}")
    options.folder.mkdir(parents=True, exist_ok=True)
    page = options.out / "coverage_fuzz.md"
    written = page.read_text(encoding="utf-8") if page.exists() else ""
    account = read_account(options.folder, list(PARSERS), written)
    end = time.monotonic() + 60 * options.minutes
    while (name := next_parser(account, options.only)) is not None and time.monotonic() < end:
        piece(name, account[name], options.folder, min(60 * options.piece_minutes, end - time.monotonic()))
        kept = {each: asdict(share) for each, share in account.items()}
        (options.folder / "account.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")
        print(
            f"{name}: {account[name].inputs:,} inputs, {account[name].core_s:.0f} s {account[name].trouble}", flush=True
        )
    options.out.mkdir(parents=True, exist_ok=True)
    page.write_text(as_markdown(account) + below_the_table(written), encoding="utf-8")
    return int(any(share.trouble for share in account.values()))


def read_account(folder: Path, parsers: list[str], page: str = "") -> dict[str, Share]:
    """What each parser has had so far, by the folder's account or else by the page; of those that are new, nothing."""
    path = folder / "account.json"
    if path.exists():
        kept = {name: Share(**share) for name, share in json.loads(path.read_text(encoding="utf-8")).items()}
    else:
        kept = account_of(page)
    return {name: kept.get(name, Share()) for name in parsers}


def account_of(page: str) -> dict[str, Share]:
    """The account that a page's table tells."""
    rows = re.findall(r"^\| ([^|]+) \| ([\d,]+) \| (\d+) \| (?:yes|no) \| (.*) \|$", page, re.MULTILINE)
    return {
        name: Share(int(inputs.replace(",", "")), float(core_s), "" if trouble == "none" else trouble)
        for name, inputs, core_s, trouble in rows
    }


def below_the_table(page: str) -> str:
    """What a person wrote below a page's table, with the empty line before it; nothing where there is no table."""
    _, table, rest = page.partition("\n| parser |")
    return "\n" + rest.partition("\n\n")[2] if table and "\n\n" in rest else ""


def next_parser(account: dict[str, Share], only: list[str] | None = None) -> str | None:
    """The one that has had least of what is enough; None where all have had it, or trouble."""
    left = [n for n, share in account.items() if not (share.enough or share.trouble) and (only is None or n in only)]
    return min(left, key=lambda n: max(account[n].inputs / ENOUGH_INPUTS, account[n].core_s / ENOUGH_S), default=None)


def piece(name: str, share: Share, folder: Path, seconds: float) -> None:
    """So many seconds of one parser, into its share."""
    stem = name.replace(" ", "_")
    command = [
        sys.executable, "-m", "semcom.experiments.robustness.coverage_fuzz", name, str(folder / stem),
        f"-max_total_time={max(1, round(seconds))}", f"-runs={ENOUGH_INPUTS - share.inputs}", "-print_final_stats=1",
        f"-timeout={SLOWEST_INPUT_S}", f"-artifact_prefix={folder / stem}-",
    ]  # fmt: skip
    environment = {**os.environ, "NUMBA_DISABLE_JIT": str(int(name not in COMPILED))}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        ended = subprocess.run(command, env=environment, capture_output=True, timeout=seconds + 60 + SLOWEST_INPUT_S)
        said = ended.stderr.decode("utf-8", "replace")
        trouble = "" if ended.returncode == 0 else f"ended with {ended.returncode}: {last_error(said)}"
    except subprocess.TimeoutExpired as error:
        said = (error.stderr or b"").decode("utf-8", "replace")
        trouble = "an input was never done with"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    share.core_s += after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    share.inputs += inputs_of(said)
    share.trouble = trouble


def inputs_of(said: str) -> int:
    """How many inputs libFuzzer says it has run: at its end, or in its last line before that."""
    if final := re.findall(r"number_of_executed_units:\s*(\d+)", said):
        return int(final[-1])
    return max((int(number) for number in re.findall(r"^#(\d+)\s", said, re.MULTILINE)), default=0)


def last_error(said: str) -> str:
    """The exception that libFuzzer tells of, or its summary."""
    named = re.findall(r"^(?:SUMMARY: .*|\w*(?:Error|Exception)\b.*)$", said, re.MULTILINE)
    return named[0][:200] if named else "no word"


def as_markdown(account: dict[str, Share]) -> str:
    lines = [
        "# Hostile bytes, chosen by the lines they reach",
        "",
        "`python -m semcom.experiments.robustness.fuzz_rounds`",
        "",
        f"Enough are {ENOUGH_INPUTS:,} inputs or {ENOUGH_S:.0f} s of a core. "
        f"{sum(share.enough for share in account.values())} of {len(account)} parsers have had them.",
        "",
        "| parser | inputs | seconds of a core | enough | trouble |",
        "|---|---|---|---|---|",
    ]
    for name, share in sorted(account.items(), key=lambda each: -each[1].inputs):
        told = (
            name,
            f"{share.inputs:,}",
            f"{share.core_s:.0f}",
            "yes" if share.enough else "no",
            share.trouble or "none",
        )
        lines.append(f"| {' | '.join(told)} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
