"""`semcom status`: what a running service tells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from semcom.apps.commands.console import plain_errors


def status(folder: Annotated[Path, typer.Argument(help="State folder of a service.", show_default=False)]) -> None:
    """Print what a running service tells about itself, as JSON."""
    with plain_errors():
        from semcom.apps.services.status import read_status

        print(json.dumps(read_status(folder), indent=2))
