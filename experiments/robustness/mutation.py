"""Mutation score of a room: how many one-line mutations of its code its own tests notice.

```
nice -n 19 python -m semcom.experiments.robustness.mutation --room phy --mutants 120 --seed 1
python -m semcom.experiments.robustness.mutation --report
```

Mutants are drawn over the files of the room by the number of places in each. Every one is made in a copy of the tree
and meets the *matching tests*: the test file at the same place (`phy/a/b.py` → `tests/phy/a/test_b.py`), the tests of
the room that import the module, and those of the modules that import it, six files at the most. A mutant that makes
them fail, or take several times as long, is killed. Compiled numba functions of the file and of every file that imports
it are made anew. Results go to `out/mutation/ROOM.jsonl`, one line a mutant: a run that was stopped goes on where it
was, `--again` repeats the mutants that survived. `--report` writes docs/results/mutation.md and .csv.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from semcom.experiments.robustness import mutation_report
from semcom.experiments.robustness.module_imports import ImportGraph
from semcom.experiments.robustness.mutants import Mutant, choose, mutants_of
from semcom.experiments.robustness.named_mutants import named_mutants

REPOSITORY = Path(__file__).resolve().parents[2]
ROOMS = ("phy", "link", "semantic")
LIMIT_S, LIMIT_FACTOR = 90.0, 4.0
"""A mutant may take the first plus the second times what its tests take without mutation."""
FROM_THE_COPY = """import sys
sys.meta_path[:] = [finder for finder in sys.meta_path if "Redirecting" not in type(finder).__name__]
"""
"""`sitecustomize.py` of the tests: an editable install would import the files of the repository, not the copy."""
MAX_TESTS = 6
"""Test files a mutant meets at the most; the one at the same place first."""


def matching_tests(path: str, graph: ImportGraph, deep: bool = True) -> list[str]:
    """Test files that a mutant of `path` meets, the quickest to judge it first."""
    room, *folders, name = Path(path).with_suffix("").parts
    mirror = "/".join(["tests", room, *folders, f"test_{name}.py"])
    tests = [mirror] if mirror in graph.files else []
    users = graph.importers(path)
    tests += [user for user in users if user.startswith(f"tests/{room}/") and "/test_" in user]
    for user in users if deep else ():
        tests += matching_tests(user, graph, deep=not tests) if user.startswith(f"{room}/") else []
    return list(dict.fromkeys(tests))[:MAX_TESTS]


@dataclass
class Tree:
    """A copy of the repository in which one mutant at a time is made."""

    root: Path
    durations_s: dict[str, float] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)

    def fill(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"], cwd=REPOSITORY, capture_output=True, text=True, check=True
        )
        for name in listed.stdout.splitlines():
            source, target = REPOSITORY / name, self.root / "tree" / name
            if source.exists() or source.is_symlink():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target, follow_symlinks=False)
        (self.root / "sitecustomize.py").write_text(FROM_THE_COPY, encoding="utf-8")
        question = "import semcom.link; print(*semcom.link.__path__)"
        imported = subprocess.run(
            [sys.executable, "-c", question], cwd=self.root, env=self._environment(), text=True, capture_output=True
        )
        if Path(imported.stdout.strip()).resolve() != (self.root / "tree" / "link").resolve():
            raise RuntimeError(f"tests must import {self.root / 'tree'}, got {imported.stdout}{imported.stderr}")

    def _environment(self) -> dict[str, str]:
        paths = [str(self.root), str(self.root / "tree" / ".dev")]
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1",
        }

    def measure(self, tests: list[str]) -> None:
        """Run every test file without mutation: how long each takes, which fail; keeps compiled functions."""
        report = self.root / "durations.xml"
        self._pytest(tests, self.root / "numba", 4 * 3600.0, "--maxfail=1000", f"--junitxml={report}")
        for case in ElementTree.parse(report).iter("testcase"):
            file = case.get("classname", "").replace(".", "/") + ".py"
            self.durations_s[file] = self.durations_s.get(file, 0.0) + float(case.get("time", 0.0))
            if case.find("failure") is not None or case.find("error") is not None:
                self.failing.add(file)
        for file in sorted(self.failing):
            print(f"{file} fails without mutation and judges nothing", flush=True)

    def judge(self, mutant: Mutant, tests: list[str], graph: ImportGraph) -> dict[str, str]:
        """Status of a mutant (killed, timeout, survived, untested) and the test that failed."""
        tests = [test for test in tests if test not in self.failing]
        if not tests:
            return {"status": "untested"}
        cache = self.root / "numba-of-mutant"
        shutil.rmtree(cache, ignore_errors=True)
        if (self.root / "numba").is_dir():
            shutil.copytree(self.root / "numba", cache, copy_function=os.link)
            for path in [mutant.path, *graph.all_importers(mutant.path)]:
                for stale in cache.rglob(f"{Path(path).stem}.*"):
                    stale.unlink()
        target = self.root / "tree" / mutant.path
        original = target.read_text(encoding="utf-8")
        try:
            target.write_text(mutant.text, encoding="utf-8")
            code, output = self._pytest(
                tests, cache, LIMIT_S + LIMIT_FACTOR * sum(self.durations_s.get(test, 0.0) for test in tests)
            )
        finally:
            target.write_text(original, encoding="utf-8")
        if code is None:
            return {"status": "timeout"}
        failed = re.search(r"^(?:FAILED|ERROR) (\S+)", output, re.MULTILINE)
        return {"status": "killed" if code else "survived", "killed_by": failed[1] if failed and code else ""}

    def _pytest(self, tests: list[str], cache: Path, limit_s: float, *options: str) -> tuple[int | None, str]:
        environment = {**self._environment(), "NUMBA_CACHE_DIR": str(cache)}
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", "--hypothesis-seed=0", *options, *tests],
            cwd=self.root / "tree", env=environment, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            output, _ = process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return None, ""
        return process.returncode, output


def draw(room: str, count: int, seed: int) -> list[Mutant]:
    """The mutants of a room: the named ones, then `count` drawn over its files."""
    candidates = []
    for path in sorted((REPOSITORY / room).rglob("*.py")):
        candidates += mutants_of(path.relative_to(REPOSITORY).as_posix(), path.read_text(encoding="utf-8"))
    return named_mutants(REPOSITORY, room) + choose(candidates, count, seed)


def run(room: str, count: int, seed: int, workers: int, scratch: Path, again: bool, only: str | None) -> None:
    """Judge every mutant of a room that has no result yet."""
    results = scratch / f"{room}.jsonl"
    scratch.mkdir(parents=True, exist_ok=True)
    known = {entry["key"]: entry for entry in mutation_report.read(results)}
    graph = ImportGraph.of(REPOSITORY)
    pending = []
    for mutant in draw(room, count, seed):
        earlier = known.get(mutant.key)
        wanted = earlier is None or (again and earlier["status"] in ("survived", "untested"))
        if wanted and (only is None or mutant.path.startswith(only)):
            pending.append((mutant, earlier, matching_tests(mutant.path, graph)))
    if not pending:
        return
    pending.sort(key=lambda entry: (not entry[2], len(entry[2])))
    trees: queue.Queue[Tree] = queue.Queue()
    for number in range(workers):
        tree = Tree(scratch / f"{room}-{number}")
        tree.fill()
        tree.measure(sorted({test for _, _, tests in pending for test in tests}))
        trees.put(tree)

    def judge(entry: tuple[Mutant, dict | None, list[str]]) -> None:
        mutant, earlier, tests = entry
        tree = trees.get()
        try:
            verdict = tree.judge(mutant, tests, graph)
        finally:
            trees.put(tree)
        line = {key: value for key, value in asdict(mutant).items() if key != "text"}
        first = earlier["first_status"] if earlier else verdict["status"]
        line |= {"room": room, "tests": tests, "killed_by": "", **verdict, "first_status": first, "seed": seed}
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        print(f"{verdict['status']:9} {mutant.path}:{mutant.line} {mutant.operator}: {mutant.after[:90]!r}", flush=True)

    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(judge, pending):
            pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--room", choices=ROOMS)
    parser.add_argument("--mutants", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--scratch", type=Path, default=REPOSITORY / "out" / "mutation")
    parser.add_argument("--again", action="store_true", help="repeat the mutants that survived")
    parser.add_argument("--only", help="files whose path begins like this")
    parser.add_argument("--report", action="store_true", help="write docs/results/mutation.md and .csv")
    options = parser.parse_args()
    if options.room:
        arguments = (options.room, options.mutants, options.seed, options.workers, options.scratch.resolve())
        run(*arguments, options.again, options.only)
    if options.report:
        drawn = {room: {m.key for m in draw(room, options.mutants, options.seed)} for room in ROOMS}
        mutation_report.write(REPOSITORY, options.scratch, drawn, options.mutants, options.seed)


if __name__ == "__main__":
    main()
