"""`semcom keygen`: key pairs of the services."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from semcom.apps.commands.console import names_in, out, plain_errors


def keygen(
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for the keys.", show_default=False)],
    names: Annotated[
        str | None,
        typer.Option("--for", help="Several processes that know each other: tx,radio,rx", show_default="one key"),
    ] = None,
) -> None:
    """Make keys: the secret one stays, the public one goes to the other computers."""
    with plain_errors():
        from semcom.link.transports.key_files import make_acquainted, make_keys, names_made

        before = names_made(out_dir) if names else []
        made = make_acquainted(out_dir, names_in(names)) if names else {"": make_keys(out_dir)}
        for name, public in made.items():
            out.print(f"{escape(str(out_dir / name))}: {escape(public)}")
        if before:
            out.print(f"Made known to {', '.join(before)} too, and these to them: start those anew that are running.")
