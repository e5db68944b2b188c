"""The command `semcom grc`."""

from __future__ import annotations

from typing import Annotated

import typer

from semcom.apps.console import plain_errors


def grc(
    file: Annotated[
        str | None, typer.Argument(help="A .grc file, or one of ours by name, such as loopback_qt.", show_default=False)
    ] = None,
) -> None:
    """Open GNU Radio Companion with our blocks in its tree."""
    with plain_errors():
        from semcom.apps.grc import open_companion

        raise typer.Exit(open_companion(file))
