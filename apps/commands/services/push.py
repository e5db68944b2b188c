"""`semcom push`: a picture for a sending host."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from semcom.apps.commands.console import out, plain_errors
from semcom.apps.commands.encode_options import BudgetOption, ProfileOption, WithoutOption
from semcom.apps.commands.services.configuration import ConfigOption
from semcom.apps.commands.services.options import PUSH_ADDRESS, KeysOption


def push(
    photo: Annotated[Path, typer.Argument(help="Picture or packet file.", show_default=False)],
    keys: KeysOption,
    to: Annotated[str, typer.Option(help="Name of the sending host's key in peers/.")] = "tx",
    at: Annotated[str, typer.Option(help="Its address.")] = PUSH_ADDRESS,
    budget_bytes: BudgetOption = None,
    profile: ProfileOption = None,
    without: WithoutOption = None,
    timeout_s: Annotated[float, typer.Option(help="How long to wait for an answer.")] = 10.0,
    config: ConfigOption = None,
) -> None:
    """Ask a sending host to send a picture; what is named here is withheld besides what the host withholds."""
    with plain_errors():
        from semcom.apps.services.sending.requests import push as ask
        from semcom.link.transports.key_files import KeyRing
        from semcom.semantic import EncodeRequest

        request = EncodeRequest.from_options(budget_bytes=budget_bytes, profile=profile, without=without)
        said = ask(photo, at, KeyRing.load(keys), to, timeout_s, request)
        out.print(f"{escape(photo.name)}: {escape(said)}")
