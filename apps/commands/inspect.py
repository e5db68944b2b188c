"""``semcom inspect``: what a packet says, as a tree, as JSON, as a picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from semcom.apps.commands.console import out, plain_errors
from semcom.apps.commands.inputs import read_packet_file


def inspect(
    packet: Annotated[Path, typer.Argument(help="Packet file; - for standard input.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    draw: Annotated[Path | None, typer.Option(help="Draw the packet into this PNG.", show_default=False)] = None,
) -> None:
    """Show what a semantic packet says, layer by layer."""
    with plain_errors():
        from semcom.apps.report import inspection
        from semcom.apps.report.output_folder import check_target

        semantic_packet, num_bytes = read_packet_file(packet)
        if draw is not None:
            check_target(draw, is_folder=False)
            inspection.check_sheet_name(draw)
        if as_json:
            print(json.dumps(inspection.as_dict(semantic_packet, num_bytes), indent=2))
        else:
            out.print(inspection.as_tree(semantic_packet, num_bytes))
        if draw is not None:
            inspection.draw_sheet(semantic_packet, draw)
