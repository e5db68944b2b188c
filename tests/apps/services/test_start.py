"""What services refuse and say when they start: a state folder or port in use, a folder that is not there, no radio."""

from __future__ import annotations

import logging
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from semcom.apps.cli import app
from semcom.apps.report.result_folder import OutputError
from semcom.apps.services import start as host_start
from semcom.apps.services.start import WaitingWords, check_watched, status_point
from semcom.link.messages import Role
from semcom.link.transports.client import Client
from semcom.link.transports.key_files import KeyRing, make_acquainted

from .radio_bench import Bench

DOCUMENT = Path(__file__).parents[3] / "docs" / "two_computers.md"


def test_a_state_folder_or_port_of_another_service_is_refused(tmp_path: Path) -> None:
    first = status_point(tmp_path / "a", 0, "radio")
    try:
        with pytest.raises(OutputError, match=r"one process at a time, another service \(radio\).*--state"):
            status_point(tmp_path / "a", 0, "radio")
        with pytest.raises(OutputError, match=r"metrics-port \d+: cannot be used: .*--metrics-port, 0 takes any"):
            status_point(tmp_path / "b", first.metrics_port, "radio")
    finally:
        first.close()
    status_point(tmp_path / "a", 0, "radio").close()


def test_a_watched_folder_that_is_not_there_is_said_and_a_file_refused(tmp_path: Path, caplog) -> None:
    log = logging.getLogger("test")
    check_watched(tmp_path, log)
    check_watched(None, log)
    assert not caplog.records
    check_watched(tmp_path / "nothere", log)
    assert "nothere: no such folder yet" in caplog.text
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="must be a folder to be watched, is a file"):
        check_watched(tmp_path / "file", log)


def test_a_host_without_a_radio_says_what_it_waits_for(tmp_path: Path, caplog, monkeypatch) -> None:
    monkeypatch.setattr(host_start, "SAY_AFTER_S", 0.0)
    make_acquainted(tmp_path, ["tx", "radio"])
    client = Client("tcp://127.0.0.1:1", KeyRing.load(tmp_path / "tx"), "radio", Role.TX)
    words = WaitingWords(client, logging.getLogger("test"))
    for _ in range(3):
        words.look()
    client.close()
    assert [record.getMessage() for record in caplog.records] == ["no radio at tcp://127.0.0.1:1: waiting for it"]


def test_a_radio_that_goes_is_said(tmp_path: Path, caplog, monkeypatch) -> None:
    monkeypatch.setattr(host_start, "SAY_AFTER_S", 0.0)
    bench = Bench(tmp_path)
    client = bench.join("tx", Role.TX)
    words = WaitingWords(client, logging.getLogger("test"))
    bench.until(lambda: client.connected)
    words.look()
    bench.service.close()
    monkeypatch.setattr(Client, "connected", False)
    words.look()
    client.close()
    assert [r.getMessage() for r in caplog.records if r.name == "test"] == [
        f"no longer a radio at {client.address}: waiting for it"
    ]


def test_the_document_s_services_can_run_side_by_side(tmp_path: Path) -> None:
    """Keys that its commands use are made by its line; two radios on one computer share nothing."""
    text = DOCUMENT.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [shlex.split(line, comments=True) for line in re.findall(r"^ {4}(?:\w+\$ )?(semcom .*)$", text, re.M)]
    (keygen,) = [line for line in lines if "--for" in line]
    made = CliRunner().invoke(app, [*keygen[1:3], str(tmp_path / "keys"), *keygen[4:]])
    assert made.exit_code == 0, made.output
    used = {word.split("/")[1] for line in lines for word in line if word.startswith("keys/")}
    assert used <= {path.name for path in (tmp_path / "keys").iterdir()}
    on_air = [line for line in lines if line[1] == "radio" and "--air" in line]
    assert len(on_air) == 2
    for option in ("--listen", "--state", "--metrics-port"):
        given = [line[line.index(option) + 1] if option in line else "default" for line in on_air]
        assert len(set(given)) == 2, f"{option} of {given}"
