"""The log of a service on standard error: lines for people or JSON for programs, of which nobody forges one."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime
from enum import StrEnum

_VARIABLE = "SEMCOM_LOG"
"""How this process logs, for those that it starts."""


class LogLevel(StrEnum):
    """Least important messages that are logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How a message is written."""

    TEXT = "text"
    JSON = "json"


class _TextFormatter(logging.Formatter):
    """One line an event, but for tracebacks, without characters that could control a terminal or forge a line."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging names it so)
        text = super().formatMessage(record)
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


class _JsonFormatter(logging.Formatter):
    """One JSON object a line, ASCII: ``time`` (UTC), ``level``, ``logger``, ``message``, perhaps ``traceback``."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told)


def start_log(level: LogLevel | None = None, form: LogFormat | None = None) -> None:
    """Log to standard error. What is not given is as in the process that started this one, else info and text."""
    before = os.environ.get(_VARIABLE, f"{LogLevel.INFO} {LogFormat.TEXT}").split()
    level, form = LogLevel(level or before[0]), LogFormat(form or before[-1])
    os.environ[_VARIABLE] = f"{level} {form}"
    logging.raiseExceptions = False  # a full disk below the log must not end the service
    handler = logging.StreamHandler(sys.stderr)
    text = _TextFormatter("%(asctime)s %(levelname)s %(message)s")
    handler.setFormatter(_JsonFormatter() if form is LogFormat.JSON else text)
    logging.getLogger("semcom").handlers[:] = [handler]
    logging.getLogger("semcom").setLevel(level.upper())
