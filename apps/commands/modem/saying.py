"""What the commands of the modem say, on the error stream: what comes out of standard output is what was received."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from semcom.apps.commands.console import err, shown

if TYPE_CHECKING:
    from semcom.apps.modem.station import Station


def tell(words: str) -> None:
    """A line for a person."""
    err.print(f"[yellow]{shown(words)}[/yellow]")


def say_account(stations: Sequence[Station], as_json: bool) -> None:
    """In the end: in words, or for programs."""
    from semcom.apps.modem.account import account_of, lines_about

    if as_json:
        accounts = [account_of(station) for station in stations]
        print(json.dumps(accounts if len(accounts) > 1 else accounts[0], default=str), file=sys.stderr)
        return
    for line in (line for station in stations for line in lines_about(station)):
        err.print(shown(line))
