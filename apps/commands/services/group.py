"""The commands of the services, and the group ``semcom host``."""

from __future__ import annotations

import typer

from semcom.apps.commands.services.air import air
from semcom.apps.commands.services.host_rx import rx
from semcom.apps.commands.services.host_tx import tx
from semcom.apps.commands.services.keygen import keygen
from semcom.apps.commands.services.push import push
from semcom.apps.commands.services.radio import radio
from semcom.apps.commands.services.status import status

host = typer.Typer(help="The two ends of a link: host tx sends pictures, host rx receives them.", no_args_is_help=True)
for command in (tx, rx):
    host.command()(command)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(host, name="host")
    for command in (keygen, radio, air, push, status):
        app.command()(command)
