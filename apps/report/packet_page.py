"""``report.html`` of a decoded packet: what it says and what it looks like, without a link to speak of."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from semcom.apps.report import svg
from semcom.apps.report.page_parts import marked, page, pictures
from semcom.semantic import Reconstruction, SemanticPacket
from semcom.semantic.layers.showing import colour


def render(
    name: str,
    packet: SemanticPacket,
    reconstruction: Reconstruction,
    left_out: Sequence[str] = (),
    link: Sequence[tuple[str, str]] = (),
) -> str:
    """The page of one packet, as HTML text without outside references.

    `left_out` names kinds not to be shown; `link` says, in a table's rows, how the packet came here.
    """
    num_bytes = len(packet.to_bytes())
    words = f"{num_bytes:,} bytes"
    if reconstruction.width is not None:
        raw = 3 * reconstruction.width * reconstruction.height
        size = f"{reconstruction.width} × {reconstruction.height} pixels"
        words = f"{size} in {words} ({raw / num_bytes:.0f} : 1)"
    parts = [f"<h1>{escape(name)}</h1>", f"<p>{words}</p>"]
    if reconstruction.caption is not None:
        parts.append(f"<p class='caption'>{marked(reconstruction.caption)}</p>")
    parts.append(pictures(reconstruction))
    rows = [
        (layer.name, len(layer.payload), f"{len(layer.payload)} B · importance {layer.importance}",
         colour(layer.kind.label))
        for layer in packet.layers
    ]  # fmt: skip
    parts.append("<h2>Bytes per layer</h2>" + svg.bars(rows))
    if link:
        table = "".join(f"<tr><th>{escape(words)}</th><td>{escape(value)}</td></tr>" for words, value in link)
        parts.append(f"<h2>The link</h2><div class='link'><table>{table}</table></div>")
    notes = [f"left out: {', '.join(left_out)}"] if left_out else []
    notes += [f"missing: layer {key}" for key in reconstruction.missing]
    notes += [f"layer {key} could not be read: {reason}" for key, reason in reconstruction.damaged]
    if notes:
        parts.append("<h2>Notes</h2><ul>" + "".join(f"<li>{escape(note)}</li>" for note in notes) + "</ul>")
    return page(name, parts)
