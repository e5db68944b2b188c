"""The group ``semcom modem``."""

from __future__ import annotations

import typer

from semcom.apps.commands.modem.rx import rx
from semcom.apps.commands.modem.tunnel import tunnel
from semcom.apps.commands.modem.tx import tx

modem = typer.Typer(
    help="The modem for any bytes: files and pipes, UDP, IP (TUN), KISS programs, ZeroMQ.", no_args_is_help=True
)
for command in (tx, rx, tunnel):
    modem.command()(command)


def register(app: typer.Typer) -> None:
    """Under the name ``modem``."""
    app.add_typer(modem, name="modem")
