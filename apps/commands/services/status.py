"""`semcom status`: what running services tell."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.live import Live
from rich.table import Table

from semcom.apps.commands.console import out, plain_errors, shown, visible

RENEW_S = 1.0


def status(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(help="State folders of services.", show_default="those of services that run here"),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Renew it every second.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="All that they tell, once.")] = False,
) -> None:
    """Show how running services are: a line each, or all that they tell as JSON."""
    with plain_errors():
        from semcom.apps.report.result_folder import OutputError
        from semcom.apps.services.status import read_status
        from semcom.apps.services.status_table import NOBODY, known_folders, rows_of

        folders = folders or known_folders()
        if not folders:
            raise OutputError("no service has its state where it is kept unless told otherwise: name its folder")
        if as_json:
            told = [read_status(folder) for folder in folders]
            print(json.dumps(told[0] if len(told) == 1 else told, indent=2))
        elif watch:
            _renew(folders)
        else:
            rows = rows_of(folders)
            if all(row[-1] == NOBODY for row in rows):
                read_status(folders[0])  # it says why
            _print(rows)


def _renew(folders: list[Path]) -> None:
    """Until interrupted."""
    from semcom.apps.services.status_table import rows_of

    if not out.is_terminal:
        while True:
            _print(rows_of(folders))
            time.sleep(RENEW_S)
    with Live(_table(rows_of(folders)), console=out, auto_refresh=False) as live:
        while True:
            time.sleep(RENEW_S)
            live.update(_table(rows_of(folders)), refresh=True)


def _print(rows: list[tuple[str, ...]]) -> None:
    """A table; where nobody sees a terminal, lines with tabs, of any length."""
    from semcom.apps.services.status_table import COLUMNS

    if out.is_terminal:
        out.print(_table(rows))
    else:
        print("\n".join("\t".join(map(visible, row)) for row in (COLUMNS, *rows)), flush=True)


def _table(rows: list[tuple[str, ...]]) -> Table:
    from semcom.apps.services.status_table import COLUMNS

    table = Table(box=None, pad_edge=False)
    for name in COLUMNS:
        table.add_column(name, justify="left" if name in ("service", "radio", "trouble") else "right")
    for row in rows:
        table.add_row(*map(shown, row))
    return table
