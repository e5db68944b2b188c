"""``semcom ask``: more of a picture, by meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from semcom.apps.console import names_in, out, plain_errors, read_packet


def ask(
    question: Annotated[
        str, typer.Argument(help="'object 3', 'only vehicles', 'finer detail map', 'finer class map' or 'scene'.")
    ],
    packet: Annotated[Path, typer.Option(help="Packet that was received.")],
    photo: Annotated[Path, typer.Option(help="Photo it was made of, at the sender.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Packet with the answer, to write.")] = Path(
        "more.sem"
    ),
    answer_bytes: Annotated[int, typer.Option(help="Most bytes of the answer.")] = 1200,
    without: Annotated[str | None, typer.Option(help="Categories never to send.", show_default="none")] = None,
) -> None:
    """Ask for more of a picture by meaning, and put the answer into its packet."""
    with plain_errors():
        from semcom.apps.output_folder import check_target, write_file_whole
        from semcom.semantic import load_picture
        from semcom.semantic.asking import answer, parse, shown_to_others
        from semcom.semantic.layers import LayerKind
        from semcom.semantic.vocabulary import Vocabulary

        check_target(output, is_folder=False)
        known = read_packet(packet)
        objects = known.content(LayerKind.OBJECTS)
        request = parse(question, objects.vocabulary if objects else Vocabulary.load(), answer_bytes)
        image = shown_to_others(load_picture(photo), names_in(without))
        layers = answer(request, image, known)
        data = known.with_layers(layers).to_bytes()
        write_file_whole(output, data)
        for layer in layers:
            out.print(f"{escape(layer.name)}: {len(layer.payload)} bytes")
        if not layers:
            out.print("Nothing more to say: what is there is as fine as it gets in so many bytes.")
        out.print(f"{escape(str(output))}: {len(data)} bytes")
