"""``report.html`` of a packet that was decoded or received: what it says and looks like, and how it came here."""

from __future__ import annotations

from collections.abc import Sequence

from semcom.apps.report import svg
from semcom.apps.report.page_parts import marked, pictures
from semcom.apps.report.pages import render_page
from semcom.semantic import Reconstruction, SemanticPacket
from semcom.semantic.layers.showing import colour


def render(
    name: str,
    packet: SemanticPacket,
    reconstruction: Reconstruction,
    left_out: Sequence[str] = (),
    link: Sequence[tuple[str, str]] = (),
    outcome: str | None = None,
) -> str:
    """The page of one packet, as HTML text without outside references.

    `left_out` names kinds not to be shown; `link` says, in a table's rows, how the packet came here.
    """
    rows = [
        (layer.name, len(layer.payload), f"{len(layer.payload)} B · importance {layer.importance}",
         colour(layer.kind.label))
        for layer in packet.layers
    ]  # fmt: skip
    notes = [f"left out: {', '.join(left_out)}"] if left_out else []
    notes += [f"missing: layer {key}" for key in reconstruction.missing]
    notes += [f"layer {key} could not be read: {reason}" for key, reason in reconstruction.damaged]
    return render_page(
        "packet.html",
        title=name,
        outcome=outcome,
        headline=_headline(len(packet.to_bytes()), reconstruction),
        caption=marked(reconstruction.caption) if reconstruction.caption is not None else None,
        shown=pictures(reconstruction),
        bars=svg.bars(rows),
        link=link,
        notes=notes,
    )


def render_lost(name: str, outcome: str, notes: Sequence[str], link: Sequence[tuple[str, str]] = ()) -> str:
    """The page of a picture of which nothing can be shown."""
    values = {"headline": None, "caption": None, "shown": None, "bars": None}
    return render_page("packet.html", title=name, outcome=outcome, link=link, notes=notes, **values)


def _headline(num_bytes: int, reconstruction: Reconstruction) -> str:
    if reconstruction.width is None:
        return f"{num_bytes:,} bytes"
    raw = 3 * reconstruction.width * reconstruction.height
    size = f"{reconstruction.width} × {reconstruction.height} pixels"
    return f"{size} in {num_bytes:,} bytes ({raw / num_bytes:.0f} : 1)"
