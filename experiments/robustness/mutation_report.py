"""Tables of the mutation runs: docs/results/mutation.md and .csv, from the results and the classes of the survivors."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

SURVIVORS = Path(__file__).with_name("mutation_survivors.csv")
"""Class of every mutant that survived, by its key: key, class (equivalent, left, test written), why."""

_HEAD = """# Mutation score of the tests

How many one-line mutations of the code its tests notice. `experiments/robustness/mutation.py` draws places over the
files of a room (comparison flips and boundaries, off-by-one and doubled constants, exchanged operators, min for max,
dropped `not` and minus, constants returned, removed statements, swapped arguments), makes one at a time in a copy of
the tree, and runs the matching tests: the test file at the same place, those of the room that import the module, and
those of the modules that import it, six files at the most. Numba kernels are mutated like other functions and compiled
anew. A mutant is killed when a test fails or when the tests take several times as long. Tests that need the shared
reference data skip, and so do not count.

```
{commands}
python -m semcom.experiments.robustness.mutation --report
```

*Judged* are those that a run has come to so far; it goes on with the others. "Before" is the score of the tests that
each mutant met first; "now" after the survivors were read and tests written for those that matter. A file that changed
gets new mutants, which meet the new tests first. *Equivalent* mutants compute the same, or differ only in speed or
memory; the score leaves them out. *Test written*: a test for it was added, and the mutant has not been run against it
yet. Every mutant is in [mutation.csv](mutation.csv).

| room | drawn | judged | killed before | killed now | equivalent | survive | score before | score now |
|---|---|---|---|---|---|---|---|---|
"""


def read(path: Path) -> list[dict]:
    """Results of a run, the last one of each mutant."""
    if not path.exists():
        return []
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return list({entry["key"]: entry for entry in entries}.values())


def write(repository: Path, scratch: Path, drawn: dict[str, set[str]], count: int, seed: int) -> None:
    """Write both files from the results of the mutants drawn in each room; a survivor without a class is "not read"."""
    with SURVIVORS.open(encoding="utf-8", newline="") as file:
        classes = {row["key"]: row for row in csv.DictReader(file)}
    results = {
        room: [entry for entry in read(scratch / f"{room}.jsonl") if entry["key"] in keys]
        for room, keys in drawn.items()
    }
    results = {room: entries for room, entries in results.items() if entries}
    folder = repository / "docs" / "results"
    _write_csv(folder / "mutation.csv", results, classes)
    commands = "\n".join(
        f"nice -n 19 python -m semcom.experiments.robustness.mutation --room {room} --mutants {count} --seed {seed}"
        for room in results
    )
    text = _HEAD.format(commands=commands)
    for room, entries in results.items():
        text += _score(room, len(drawn[room]), entries, classes) + "\n"
    text += "\n## Named mutations\n\nEach of them passed the matching tests once.\n\n"
    text += "| mutation | now | killed by |\n|---|---|---|\n"
    for entries in results.values():
        for entry in entries:
            if entry["operator"].startswith("named: "):
                text += f"| {entry['operator'][7:]} | {entry['status']} | {_test(entry)} |\n"
    for room, entries in results.items():
        text += f"\n## Survivors: {room}\n\n"
        text += "| place | mutation | class | why, or the test that kills it now |\n|---|---|---|---|\n"
        for entry in sorted(entries, key=lambda e: (e["path"], e["line"])):
            if not (_survived(entry["status"]) or _survived(entry["first_status"])):
                continue
            kind, why = _class(entry, classes)
            where = f"{entry['path']}:{entry['line']}"
            text += f"| {where} | `{_cell(entry['before'])}` → `{_cell(entry['after'])}` | {kind} | {why} |\n"
    (folder / "mutation.md").write_text(text, encoding="utf-8")


def _survived(status: str) -> bool:
    return status in ("survived", "untested")


def _class(entry: dict, classes: dict[str, dict]) -> tuple[str, str]:
    if not _survived(entry["status"]):
        return ("killed now", _test(entry)) if _survived(entry["first_status"]) else ("killed", _test(entry))
    row = classes.get(entry["key"])
    return (row["class"], row["why"]) if row else ("not read", "")


def _score(room: str, drawn: int, entries: list[dict], classes: dict[str, dict]) -> str:
    kinds = Counter(_class(entry, classes)[0] for entry in entries)
    killed = kinds["killed"] + kinds["killed now"]
    counted = max(len(entries) - kinds["equivalent"], 1)
    before = sum(not _survived(entry["first_status"]) for entry in entries)
    left = len(entries) - killed - kinds["equivalent"]
    return (
        f"| {room} | {drawn} | {len(entries)} | {before} | {killed} | {kinds['equivalent']} | {left} "
        f"| {100 * before / counted:.0f} % | {100 * killed / counted:.0f} % |"
    )


def _test(entry: dict) -> str:
    return "time limit" if entry["status"] == "timeout" else f"`{entry['killed_by']}`" if entry["killed_by"] else ""


def _cell(text: str) -> str:
    line = " ".join(text.split()).replace("|", "\\|").replace("`", "'")
    return line if len(line) <= 110 else f"{line[:107]}..."


def _write_csv(path: Path, results: dict[str, list[dict]], classes: dict[str, dict]) -> None:
    names = ("room", "path", "line", "function", "operator", "before", "after", "first_status", "status", "killed_by")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("key", *names, "class", "why"))
        for entries in results.values():
            for entry in sorted(entries, key=lambda e: (e["path"], e["line"], e["key"])):
                values = [" ".join(str(entry[name]).split()) for name in names]
                writer.writerow((entry["key"], *values, *_class(entry, classes)))
