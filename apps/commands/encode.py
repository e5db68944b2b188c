"""`semcom encode`: a photo into a packet file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semcom.apps.commands.console import out, plain_errors, progress_of, shown, unused_budget
from semcom.apps.commands.encode_options import (
    BudgetOption,
    ModelsOption,
    PartOption,
    ProfileOption,
    SystemOption,
    TextOption,
    WithoutOption,
)
from semcom.apps.commands.inputs import load_photo


def encode(
    photo: Annotated[Path, typer.Argument(help="Picture file; - for standard input.", show_default=False)],
    output: Annotated[Path, typer.Option("-o", "--output", help="Packet file to write.")] = Path("packet.sem"),
    system: SystemOption = "es-isc",
    budget_bytes: BudgetOption = None,
    profile: ProfileOption = None,
    without: WithoutOption = None,
    parts: PartOption = None,
    text: TextOption = "coded",
    models: ModelsOption = None,
) -> None:
    """Turn a photo into a semantic packet."""
    with plain_errors():
        from semcom.apps.delivery.stored_request import store_request
        from semcom.apps.report.output_folder import check_target
        from semcom.apps.report.result_folder import write_file_whole
        from semcom.apps.report.results import shown_name
        from semcom.semantic import EncodeRequest, check_request, encode

        request = EncodeRequest.from_options(system, budget_bytes, profile, without, parts or (), text, models)
        check_request(request)
        check_target(output, is_folder=False)
        image = load_photo(photo)
        with progress_of(shown_name(photo)) as progress:
            progress("understanding the picture", 0, 1)
            packet = encode(image, request=request)
        data = packet.to_bytes()
        store_request(output, request)
        write_file_whole(output, data)
        out.print(f"{shown(output)}: {len(data)} bytes, {image.size / len(data):.0f} : 1")
        for kind, reason in packet.left_out:
            out.print(f"  [dim]left out: {shown(kind)}, {shown(reason)}[/dim]")
        for note in unused_budget(budget_bytes, len(data)):
            out.print(f"  [dim]{note}[/dim]")
