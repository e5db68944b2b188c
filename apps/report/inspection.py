"""A packet as a person reads it: a tree of layers with bytes, share and content; and the same as JSON."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from rich.markup import escape
from rich.tree import Tree

from semcom.apps.report import drawings
from semcom.apps.report.output_folder import OutputError, write_file_whole
from semcom.semantic import LayerError, SemanticPacket, decode
from semcom.semantic.layers import Caption, ClassMap, DetailMap, Header, Layer, Objects, SubImage
from semcom.semantic.vocabulary import NO_LABEL


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
                "content": summary(layer),
            }
            for layer in packet.layers
        ],
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
            f"importance {layer.importance}\n[dim]{escape(summary(layer))}[/dim]"
        )
    for key in packet.missing():
        tree.add(f"[yellow]missing: layer {key}[/yellow]")
    for key, reason in packet.damaged:
        tree.add(f"[red]damaged: layer {key}: {escape(reason)}[/red]")
    return tree


def summary(layer: Layer) -> str:
    """One line on what a layer says."""
    content = layer.content
    if isinstance(content, Header):
        return f"{content.width} × {content.height}, system {content.system}, {len(content.entries)} layers listed"
    if isinstance(content, Caption):
        return f"“{content.text}” entities: {', '.join(content.entity_words) or 'none'}"
    if isinstance(content, Objects):
        found = [f"{content.vocabulary[item.category].name} {item.score:.0%}" for item in content.items]
        return ", ".join(found) or "no objects"
    if isinstance(content, ClassMap):
        labels, counts = np.unique(content.labels, return_counts=True)
        order = np.argsort(-counts)
        names = [
            f"{'none' if labels[i] == NO_LABEL else content.vocabulary[int(labels[i])].name} "
            f"{counts[i] / counts.sum():.0%}"
            for i in order
        ]
        return f"1/{content.divisor} resolution, {content.vocabulary.full_name}: {', '.join(names)}"
    if isinstance(content, DetailMap):
        return f"1/{content.divisor} resolution, {content.edges.mean():.1%} of it boundary"
    if isinstance(content, SubImage):
        what = "whole scene" if content.is_scene else f"{content.subject} at {content.box}"
        return f"{what}, {content.pixels.shape[1]} × {content.pixels.shape[0]} pixels"
    return "kind unknown to this version: skipped"


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
    """The packet on one picture: drawing, class map, objects and detail map side by side.

    Raises
    ------
    LayerError
        No layer tells the picture's size.
    """
    shown = decode(packet, "drawing")
    if shown.picture is None:
        raise LayerError("no layer tells the picture's size; nothing can be drawn")
    pictures = [shown.drawing]
    if shown.class_map is not None:
        pictures.append(drawings.class_map_picture(shown.class_map))
    if shown.objects is not None:
        pictures.append(drawings.objects_picture(shown.objects, shown.drawing))
    if shown.detail_map is not None:
        pictures.append(drawings.detail_map_picture(shown.detail_map))
    width, height = drawings.shown_size(shown.width, shown.height)
    columns = 1 if len(pictures) == 1 else 2
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * width, rows * height), drawings.PAPER)
    for number, picture in enumerate(pictures):
        tile = Image.fromarray(picture).resize((width, height))
        sheet.paste(tile, (number % columns * width, number // columns * height))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG", compress_level=4)
    write_file_whole(path, buffer.getvalue())
