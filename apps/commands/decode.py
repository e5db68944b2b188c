"""`semcom decode`: caption, maps and picture from a packet file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from semcom.apps.commands.console import err, out, plain_errors, progress_of, select_layers
from semcom.apps.commands.inputs import read_packet

BACKEND_OF = {None: "best", True: "generator", False: "drawing"}
"""Of the option --generate."""


def decode(
    packet: Annotated[Path, typer.Argument(help="Packet file; - for standard input.", show_default=False)],
    out_dir: Annotated[Path, typer.Option("-o", "--out", help="Folder for results.")] = Path("out"),
    layers: Annotated[
        str | None, typer.Option(help="Only these kinds, such as caption,class_map.", show_default="all")
    ] = None,
    generate: Annotated[
        bool | None,
        typer.Option(help="Let the learned generator make the picture.", show_default="where torch is installed"),
    ] = None,
    reconstructor: Annotated[
        str | None, typer.Option(help="Who makes the picture, by name.", show_default="the best that works here")
    ] = None,
    texture: Annotated[float, typer.Option(help="Made-up texture of the generator, 0 to 1.", min=0.0, max=1.0)] = 0.0,
    seed: Annotated[int, typer.Option(help="Seed of the texture.", min=0)] = 0,
) -> None:
    """Rebuild caption, maps and picture from a semantic packet."""
    with plain_errors():
        from semcom.apps.report.output_folder import check_target, write_reconstruction, write_text, write_whole
        from semcom.apps.report.packet_page import render
        from semcom.apps.report.results import shown_name
        from semcom.semantic import PacketError, RequestError, decode

        if reconstructor and generate is not None:
            raise RequestError("--reconstructor and --generate must not be given together")
        check_target(out_dir, is_folder=True)
        whole = read_packet(packet)
        shown, left_out = select_layers(whole, layers)
        for key, reason in shown.damaged:
            err.print(f"[yellow]layer {key} could not be read:[/yellow] {escape(reason)}")
        if not shown.layers:
            raise PacketError(f"{packet}: has no layer that can be read")
        with progress_of(shown_name(packet)) as progress:
            progress("rebuilding", 0, 1)
            reconstruction = decode(shown, reconstructor or BACKEND_OF[generate], texture, seed)

            def fill(folder: Path) -> None:
                write_reconstruction(folder, shown, reconstruction)
                page = render(shown_name(packet), shown, reconstruction, left_out)
                write_text(folder / "report.html", page)

            write_whole(out_dir, fill)
        for note in reconstruction.notes:
            err.print(f"[yellow]{escape(note)}[/yellow]")
        if reconstruction.caption:
            out.print(escape(reconstruction.caption.text))
        out.print(f"Results in {escape(str(out_dir))}, report.html shows them.")
