"""`semcom models`: which models of others there are, bringing them, and whether they work here."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from semcom.apps.commands.console import err, out, plain_errors, say_error, shown

models = typer.Typer(help="Models of others: which there are, how big, under which licence; bring and try them.")

FolderOption = Annotated[
    Path | None,
    typer.Option("--folder", help="Folder of models.", show_default="$SEMCOM_MODELS, else the user's data folder"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]
NOT_WORKING = 2


def register(app: typer.Typer) -> None:
    """Under the name ``models``."""
    app.add_typer(models, name="models")


@models.command("list")
def list_models(folder: FolderOption = None, as_json: JsonOption = False) -> None:
    """Every model: role, bytes and memory at fp16, licence, whether it is here and whole; and what presets need."""
    with plain_errors():
        from semcom.semantic.backends.inventory import inventory, preset_needs

        use_folder(folder)
        found, needs = inventory(), preset_needs()
        if as_json:
            print(json.dumps({"models": [vars(one) for one in found], "presets": needs}, indent=2))
            return
        for one in found:
            out.print(
                f"[bold]{one.name}[/bold] {one.role}, {one.bytes_fp16 / 1e9:.2f} GB, "
                f"needs {one.memory_fp16 / 1e9:.1f} GB at fp16"
            )
            out.print(f"  {shown(one.repository)} at {shown(one.revision or 'no revision yet')}, {shown(one.licence)}")
            colour = "green" if one.state == "complete" else "dim"
            out.print(f"  [{colour}]{shown(one.state)}[/{colour}]: {shown(one.folder)}")
        for need in needs:
            out.print(
                f"--models {need['preset']} --system {need['system']}: sender {need['sender'] / 1e9:.1f} GB, "
                f"receiver {need['receiver'] / 1e9:.1f} GB at fp16"
            )


@models.command("get")
def get(
    wanted: Annotated[list[str], typer.Argument(help="Names, roles or presets.", show_default=False)],
    folder: FolderOption = None,
    revision: Annotated[
        str | None, typer.Option(help="Of one model that is not locked yet.", show_default="the newest")
    ] = None,
) -> None:
    """Bring models from the hub, and write their revision and hashes into models.lock; broken downloads go on."""
    with plain_errors():
        from semcom.semantic.backends.catalogue import models_folder
        from semcom.semantic.backends.fetching import fetch
        from semcom.semantic.backends.inventory import named

        use_folder(folder)
        entries = named(wanted)
        for entry in entries:
            if entry.by_hand and entry.name not in wanted:
                out.print(f"[bold]{entry.name}[/bold]: on no hub, from {shown(entry.by_hand)}")
                continue
            out.print(f"[bold]{entry.name}[/bold]: {entry.num_bytes() / 1e9:.2f} GB at fp16, {shown(entry.licence)}")
            locked = fetch(entry, models_folder(), revision, lambda line: out.print(f"  {shown(line)}"))
            out.print(f"  {len(locked.files)} files in {shown(models_folder() / entry.name)}, locked")


@models.command("check")
def check(
    wanted: Annotated[list[str], typer.Argument(help="Names, roles or presets.", show_default=False)],
    folder: FolderOption = None,
    device: Annotated[str, typer.Option(help="Where to compute: cpu, cuda:0.")] = "cpu",
    as_json: JsonOption = False,
) -> None:
    """Compare with the lock, load, run once; says time and most memory. Status 2 where one does not work."""
    with plain_errors():
        from semcom.semantic.backends.inventory import named
        from semcom.semantic.backends.trial import try_model
        from semcom.semantic.errors import SemanticError

        use_folder(folder)
        results = []
        for entry in named(wanted):
            try:
                trial = try_model(entry, device)
            except SemanticError as error:
                say_error(error)
                results.append({"name": entry.name, "works": False, "reason": str(error)})
                continue
            results.append({"name": entry.name, "works": True, **vars(trial)})
            if not as_json:
                out.print(
                    f"[bold]{entry.name}[/bold] [green]works[/green]: loaded in {trial.load_s:.1f} s, ran in "
                    f"{trial.run_s:.1f} s, at most {trial.peak_bytes / 1e9:.1f} GB: {shown(trial.result)}"
                )
        if as_json:
            print(json.dumps(results, indent=2))
        if not all(result["works"] for result in results):
            err.print("Not all of them work here.")
            raise typer.Exit(NOT_WORKING)


def use_folder(folder: Path | None) -> None:
    """For this process: where models are looked for."""
    from semcom.semantic.backends.catalogue import ENVIRONMENT

    if folder is not None:
        os.environ[ENVIRONMENT] = str(folder)
