"""`semcom status`: a line a service, all of it as JSON, or again and again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from semcom.apps.cli import app
from semcom.apps.services.status import StatusPoint


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[list[str]]:
    """Two services."""
    points = [StatusPoint(tmp_path / name, 0, name) for name in ("tx", "rx")]
    for point in points:
        point.publish({"trouble": "a\nb" if point is points[1] else ""})
    yield [str(tmp_path / name) for name in ("tx", "rx")]
    for point in points:
        point.close()


def test_several_services_are_lines_of_one_table(folders: list[str]) -> None:
    done = CliRunner().invoke(app, ["status", *folders])
    head, tx, rx = done.stdout.splitlines()
    assert done.exit_code == 0 and head.startswith("service\ttold\t")
    assert tx.startswith("tx\t") and rx.startswith("rx\t") and rx.endswith("\ta\\nb")


def test_as_json_one_service_is_an_object_and_several_are_a_list(folders: list[str]) -> None:
    one = json.loads(CliRunner().invoke(app, ["status", "--json", folders[0]]).stdout)
    both = json.loads(CliRunner().invoke(app, ["status", "--json", *folders]).stdout)
    assert one["service"] == "tx" and [told["service"] for told in both] == ["tx", "rx"]


def test_one_that_is_gone_hides_no_other_and_if_all_are_it_is_an_error(folders: list[str], tmp_path: Path) -> None:
    some = CliRunner().invoke(app, ["status", str(tmp_path / "gone"), folders[0]])
    assert some.exit_code == 0 and "nobody answers" in some.stdout and "\ntx\t" in some.stdout
    none = CliRunner().invoke(app, ["status", str(tmp_path / "gone")])
    assert none.exit_code == 2 and "no service answers there" in none.stderr


def test_watching_goes_on_until_it_is_interrupted(folders: list[str]) -> None:
    command = [sys.executable, "-m", "semcom.apps.cli", "status", "--watch", *folders]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as watching:
        try:
            lines = [watching.stdout.readline() for _ in range(9)]
        finally:
            watching.kill()
    assert [line.split("\t")[0] for line in lines] == ["service", "tx", "rx"] * 3
