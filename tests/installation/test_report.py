"""What an installation says of itself."""

import sys
from pathlib import Path

import pytest

from semcom.installation import PARTS, report
from semcom.installation.packages import Package

NOT_THERE = Package("semcom_no_such_module", "no-such-project", "3.1", "python3-no-such")


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict:
    """Two parts: one that is complete, one that lacks something; and no private packages."""
    monkeypatch.setattr(report.private_packages, "SHARED", tmp_path / "private_packages")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(report.advice, "split", lambda packages: ([], list(packages)))
    for name in list(PARTS):
        monkeypatch.delitem(PARTS, name)
    monkeypatch.setitem(PARTS, "modem", (Package("yaml", "pyyaml", "6.0", "python3-yaml"),))
    monkeypatch.setitem(PARTS, "other", (NOT_THERE, Package("yaml", "pyyaml", "6.0", "python3-yaml")))
    return PARTS


def test_each_part_has_a_line_and_the_last_one_completes_it(parts, monkeypatch) -> None:
    monkeypatch.setattr(report.advice, "command_for", lambda wanted: " ".join(package.project for package in wanted))
    lines = list(report.lines())
    assert f"Python {sys.version.split()[0]} at {sys.executable}" in lines[0]
    assert "  modem              ready" in lines and "  other              needs no-such-project 3.1" in lines
    assert lines[-1] == "To complete it: no-such-project"
    assert report.modem_runs()


def test_nothing_is_asked_for_where_all_is_there(parts) -> None:
    del parts["other"]
    assert not any("To complete" in line for line in report.lines())


def test_pip_is_asked_for_what_is_lacking_and_for_what_was_there_already(parts, tmp_path) -> None:
    assert report.lacking() == ["no-such-project>=3.1"]
    held = tmp_path / "private_packages" / "pyyaml-6.5.dist-info"
    held.mkdir(parents=True)
    (held / "METADATA").write_text("Metadata-Version: 2.1\nName: PyYAML\nVersion: 6.5\n")
    assert report.lacking() == ["no-such-project>=3.1", "pyyaml>=6.0"]
    assert any("PyYAML 6.5 in " in line for line in report.lines())
    del parts["other"]
    assert report.lacking() == []


def test_what_is_big_or_bound_to_gnu_radio_is_brought_only_by_name(parts, monkeypatch) -> None:
    for name in ("torch", "numba"):
        monkeypatch.setitem(PARTS, "other", (Package("semcom_no_such_module", name, "1.0", "any"),))
        assert report.lacking() == []
        assert report.lacking([name]) == [f"{name}>=1.0"]
