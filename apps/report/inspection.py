"""A packet as a person reads it: a tree of layers with bytes, share and content; and the same as JSON."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image
from rich.markup import escape
from rich.tree import Tree

from semcom.apps.report.result_folder import OutputError, write_file_whole
from semcom.semantic import LayerError, SemanticPacket, decode
from semcom.semantic.caption_backing import backing
from semcom.semantic.illustration import PAPER, shown_size
from semcom.semantic.layers.showing import describe, pictures
from semcom.semantic.model_words import MARK, model_words


def as_dict(packet: SemanticPacket, num_bytes: int) -> dict[str, Any]:
    """The packet for programs."""
    return {
        "stream": packet.stream,
        "group": packet.group,
        "picture": packet.picture,
        "bytes": num_bytes,
        "width": packet.size[0] if packet.size else None,
        "height": packet.size[1] if packet.size else None,
        "system": packet.header.system if packet.header else None,
        "layers": [
            {
                "name": layer.name,
                "kind": layer.kind.label,
                "number": layer.key.layer,
                "importance": layer.importance,
                "bytes": len(layer.payload),
                "share": round(len(layer.payload) / num_bytes, 4),
                "requires": [str(key) for key in layer.requires],
                "known": layer.content is not None,
                "content": describe(layer),
            }
            for layer in packet.layers
        ],
        "backing": dict(backing(packet)) | dict.fromkeys(model_words(packet), MARK),
        "missing": [str(key) for key in packet.missing()],
        "damaged": [{"key": str(key), "reason": reason} for key, reason in packet.damaged],
    }


def as_tree(packet: SemanticPacket, num_bytes: int) -> Tree:
    """The packet for people."""
    size = f"{packet.size[0]} × {packet.size[1]}" if packet.size else "size unknown"
    system = escape(packet.header.system) if packet.header else "header missing"
    tree = Tree(f"[bold]semantic packet[/bold] {num_bytes} bytes · {size} · {system} · picture {packet.picture}")
    for layer in packet.layers:
        share = len(layer.payload) / num_bytes
        bar = "█" * max(1, round(20 * share))
        tree.add(
            f"[bold]{layer.name}[/bold]  {len(layer.payload)} B  {share:5.1%} [cyan]{bar}[/cyan]  "
            f"importance {layer.importance}\n[dim]{escape(describe(layer))}[/dim]"
        )
    for word, what in backing(packet):
        tree.add(f"[dim]“{escape(word)}” is backed by {escape(what)}[/dim]")
    for word in model_words(packet):
        tree.add(f"[dim]“{escape(word)}” is {MARK} alone[/dim]")
    for key in packet.missing():
        tree.add(f"[yellow]missing: layer {key}[/yellow]")
    for key, reason in packet.damaged:
        tree.add(f"[red]damaged: layer {key}: {escape(reason)}[/red]")
    return tree


def check_sheet_name(path: Path) -> None:
    """The sheet is a PNG: under another name viewers would take it for something else.

    Raises
    ------
    OutputError
        The name says otherwise.
    """
    if path.suffix.lower() != ".png":
        raise OutputError(f"{path}: name of the drawing must end in .png, got {path.suffix or 'no ending'}")


def draw_sheet(packet: SemanticPacket, path: Path) -> None:
    """The packet on one picture: the drawing and what each kind of layer shows of it, side by side.

    Raises
    ------
    LayerError
        No layer tells the picture's size.
    """
    shown = decode(packet, "drawing")
    if shown.picture is None:
        raise LayerError("no layer tells the picture's size; nothing can be drawn")
    drawn = [picture.pixels for picture in pictures(packet.layers, shown.drawing) if not picture.many]
    tiles = [shown.drawing, *drawn]
    width, height = shown_size(shown.width, shown.height)
    columns = 1 if len(tiles) == 1 else 2
    rows = -(-len(tiles) // columns)
    sheet = Image.new("RGB", (columns * width, rows * height), PAPER)
    for number, picture in enumerate(tiles):
        tile = Image.fromarray(picture).resize((width, height))
        sheet.paste(tile, (number % columns * width, number // columns * height))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG", compress_level=4)
    write_file_whole(path, buffer.getvalue())
