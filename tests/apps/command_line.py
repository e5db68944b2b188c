"""The command as a user starts it, in this process."""

from __future__ import annotations

from typer.testing import CliRunner, Result

from semcom.apps.cli import app


def run(*arguments: object) -> Result:
    """Its result; an exception that is no exit status fails the test."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result
