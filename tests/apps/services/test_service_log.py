"""Nobody forges a line of the log, whatever its form; processes that a service starts log as it does."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from semcom.apps.services.service_log import LogFormat, LogLevel, start_log

FORGED = "a\n2026-01-01 00:00:00,000 INFO all is well\x1b[2J\u2028.png"


@pytest.fixture
def log(monkeypatch) -> Iterator[logging.Logger]:
    log = logging.getLogger("semcom")
    before = list(log.handlers), log.level
    monkeypatch.setenv("SEMCOM_LOG", "info text")
    yield log
    log.handlers[:], log.level = before


def test_a_name_with_a_newline_forges_no_line_of_text(log, capsys) -> None:
    start_log()
    log.warning("%s refused", FORGED)
    try:
        raise ValueError("one\ntwo")
    except ValueError:
        log.exception("failed")
    lines = capsys.readouterr().err.split("\n")
    assert lines[0].endswith(r"WARNING a\n2026-01-01 00:00:00,000 INFO all is well\x1b[2J\u2028.png refused")
    assert lines[1].endswith("ERROR failed") and lines[2] == "Traceback (most recent call last):"


def test_as_json_each_event_is_one_object_on_one_line(log, capsys) -> None:
    start_log(LogLevel.INFO, LogFormat.JSON)
    logging.getLogger("semcom.rx").warning("%s refused", FORGED)
    try:
        raise ValueError("one\ntwo")
    except ValueError:
        log.exception("failed")
    text = capsys.readouterr().err
    assert text.isascii()
    first, second = map(json.loads, text.splitlines())
    assert first["message"] == f"{FORGED} refused" and (first["level"], first["logger"]) == ("warning", "semcom.rx")
    assert first["time"].endswith("+00:00") and "traceback" not in first
    assert second["message"] == "failed" and second["traceback"].endswith("ValueError: one\ntwo")


def test_less_important_messages_are_left_out(log, capsys) -> None:
    start_log(LogLevel.WARNING)
    log.info("a")
    log.warning("b")
    text = capsys.readouterr().err
    assert text.endswith(" WARNING b\n") and text.count("\n") == 1


def test_a_process_that_a_service_starts_logs_as_it_does(log, capsys) -> None:
    start_log(LogLevel.ERROR, LogFormat.JSON)
    start_log()  # as the other process does, with the same environment
    log.warning("a")
    log.error("b")
    assert json.loads(capsys.readouterr().err)["message"] == "b"
