"""The command ``semcom``: reads options, calls the rooms, says what happened in plain words.

Exit status: 0 something usable arrived, 2 bad input, 3 nothing arrived.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

# Before anything loads OpenMP: beside GNU Radio's threads, spinning OpenMP threads slow everything down many times.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import typer

from semcom.apps.commands.ask import ask
from semcom.apps.commands.calibrate import calibrate
from semcom.apps.commands.console import say_version
from semcom.apps.commands.decode import decode
from semcom.apps.commands.demo import demo
from semcom.apps.commands.doctor import doctor
from semcom.apps.commands.encode import encode
from semcom.apps.commands.grc import grc
from semcom.apps.commands.inspect import inspect
from semcom.apps.commands.models.manage import register as register_models
from semcom.apps.commands.modem.group import register as register_modem
from semcom.apps.commands.receive import receive
from semcom.apps.commands.record import record
from semcom.apps.commands.referee import referee
from semcom.apps.commands.replay import replay
from semcom.apps.commands.send import send
from semcom.apps.commands.services.group import register as register_services
from semcom.apps.commands.transmit import transmit
from semcom.apps.live.command import live
from semcom.apps.sweeps.command import sweep

app = typer.Typer(
    help="Send the meaning of pictures over real radio.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
register_services(app)
register_models(app)
register_modem(app)


@app.callback()
def semcom(
    version: Annotated[
        bool, typer.Option("--version", callback=say_version, is_eager=True, help="Say the version and end.")
    ] = False,
) -> None:
    """What holds for all commands."""


COMMANDS = (
    send, transmit, receive, encode, decode, inspect, ask, demo, record, replay, calibrate, doctor, grc, referee, live,
    sweep,
)  # fmt: skip
for command in COMMANDS:
    app.command()(command)


def main() -> None:
    """Entry point of the command."""
    for stream in (sys.stdout, sys.stderr):  # a terminal that cannot show a character gets its code instead
        stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
