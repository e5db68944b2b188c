"""The command `semcom grc`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from semcom.apps.commands.console import out, plain_errors


def grc(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            help="A .grc file, or one of ours by name, such as modem_start; or several.", show_default=False
        ),
    ] = None,
    compile_it: Annotated[
        bool, typer.Option("--compile", help="Make a Python program of each file; needs no screen.")
    ] = False,
    out_dir: Annotated[
        Path | None, typer.Option("-o", "--out", help="With --compile: its folder.", show_default="here")
    ] = None,
) -> None:
    """Open GNU Radio Companion with our blocks in its tree, or make programs of flowgraphs."""
    with plain_errors():
        from semcom.apps.commands.companion import compile_flowgraph, find_flowgraph, open_companion
        from semcom.flowgraphs.errors import FlowgraphError

        if not compile_it:
            if out_dir is not None:
                raise FlowgraphError(f"out must be given with --compile only, got {str(out_dir)!r} without")
            raise typer.Exit(open_companion(*(files or ())))
        if not files:
            raise FlowgraphError("a file must be given with --compile, got none")
        for path in [find_flowgraph(file) for file in files]:  # each is looked for before the first is compiled
            program = compile_flowgraph(str(path), out_dir or Path())
            command = shlex.join([sys.executable, str(program), "--help"])
            out.print(f"{escape(str(program))}: its options: {escape(command)}", soft_wrap=True)
