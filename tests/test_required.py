"""Skips: each says the command that enables the test, and none is accepted where everything is required."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = re.compile(r"scripts/setup [a-z]|apt-get install [a-z]|sudo make test|SEMCOM_SHARED=")
SKIPS = {"skip", "skipif", "importorskip"}


def skips(path: Path) -> list[tuple[int, str]]:
    """Line and text of each call that may skip a test."""
    text = path.read_text(encoding="utf-8")
    return [
        (node.lineno, ast.get_source_segment(text, node) or "")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in SKIPS
        and ast.unparse(node.func).startswith(("pytest.", "unittest."))
    ]


def test_every_skip_says_the_command_that_enables_it(repository: Path) -> None:
    found = [(path, *skip) for path in sorted((repository / "tests").rglob("*.py")) for skip in skips(path)]
    found = [entry for entry in found if entry[0] != Path(__file__)]
    assert len(found) > 30
    silent = [
        f"{path.relative_to(repository)}:{line}: {text}" for path, line, text in found if not COMMAND.search(text)
    ]
    assert not silent, "\n".join(silent)


@pytest.mark.parametrize(("required", "failed"), [("0", 0), ("1", 3)])
def test_where_all_is_required_a_skip_is_a_failure(
    repository: Path, tmp_path: Path, required: str, failed: int
) -> None:
    """In a call, a fixture and the collection; not where reference data are missing, nor an expected failure."""
    (tmp_path / "test_some.py").write_text(
        "import pytest\n"
        "@pytest.fixture\n"
        "def screen():\n"
        "    pytest.skip('no screen')\n"
        "def test_screen(screen): pass\n"
        "def test_root(): pytest.skip('no root')\n"
        "def test_data(): pytest.skip('no reference data in x')\n"
        "@pytest.mark.xfail\n"
        "def test_wrong(): assert False\n"
        "def test_right(): pass\n"
    )
    (tmp_path / "test_module.py").write_text(
        "import pytest\npytest.importorskip('no_such_module', reason='no module')\n"
    )
    command = [sys.executable, "-m", "pytest", "-p", "tests.required", "-p", "no:cacheprovider", "-rs"]
    settings = {**os.environ, "SEMCOM_REQUIRE_ALL": required, "PYTHONPATH": str(repository)}
    done = subprocess.run(
        [*command, str(tmp_path), "--rootdir", str(tmp_path), "--continue-on-collection-errors"],
        env=settings, capture_output=True, text=True, cwd=tmp_path, timeout=120,
    )  # fmt: skip
    assert (done.returncode != 0) == bool(failed), done.stdout + done.stderr
    summary = done.stdout.splitlines()[-1]
    num_failed = sum(int(number) for number in re.findall(r"(\d+) (?:failed|error)", summary))
    num_skipped = sum(int(number) for number in re.findall(r"(\d+) skipped", summary))
    assert (num_failed, num_skipped) == (failed, 4 - failed), done.stdout
    assert "1 xfailed" in summary and "1 passed" in summary
    if failed:
        assert "no screen" in done.stdout and "must run where SEMCOM_REQUIRE_ALL is set" in done.stdout
