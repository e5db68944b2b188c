"""``report.html`` of a sent photo: one self-contained file that shows what was sent, what arrived, and at what cost."""

from __future__ import annotations

from html import escape

from semcom.apps.report import svg
from semcom.apps.report.page_parts import figure, marked, page, pictures
from semcom.apps.report.photo_report import COMPLETE, LOST, PhotoReport
from semcom.semantic.layers.showing import colour as layer_colour

_OUTCOME_WORDS = {
    COMPLETE: "every layer arrived",
    "partial": "some layers arrived; the picture is made of those",
    LOST: "nothing usable arrived",
}
_LOST_COLOUR = "#c9c4bb"


def render(report: PhotoReport) -> str:
    """The page of one photo, as HTML text without outside references."""
    outcome = _OUTCOME_WORDS[report.outcome] if report.was_sent else "nothing was sent"
    parts = [
        f"<h1>{escape(report.image)} · {report.system} <span class='outcome {report.outcome}'>{outcome}</span></h1>",
        _headline(report),
    ]
    if report.reconstruction is not None:
        parts.append(pictures(report.reconstruction, report.original))
    else:
        parts.append("<h2>Sent</h2><div class='grid'>" + figure(report.original, "the photo at the sender") + "</div>")
    parts += [_layers(report), _link(report), _notes(report)]
    return page(f"{report.image} · {report.system}", parts)


def _headline(report: PhotoReport) -> str:
    height, width = report.original.shape[:2]
    words = f"{width} × {height} pixels, {report.bytes_raw:,} bytes raw"
    if report.was_sent:
        ratio = report.bytes_raw / report.packet_bytes
        words += (
            f" → {report.packet_bytes:,} bytes of meaning ({ratio:.0f} : 1), {report.airtime_s * 1e3:.0f} ms on air"
        )
    caption = report.reconstruction.caption if report.reconstruction else None
    spoken = f"<p class='caption'>{marked(caption)}</p>" if caption else ""
    return f"<p>{words}</p>{spoken}"


def _layers(report: PhotoReport) -> str:
    """Bars to compare at a glance, and a table of how each layer went."""
    if not report.layers:
        return ""
    bars, rows = [], ""
    for layer in report.layers:
        colour = layer_colour(layer.kind) if layer.complete else _LOST_COLOUR
        bars.append((layer.name, layer.num_bytes, f"{layer.num_bytes:,} B", colour))
        arrived = f"{layer.frames_received} of {layer.frames_sent}"
        cells = (layer.mcs or "–", f"{layer.channel_uses:,}", arrived, "yes" if layer.complete else "no")
        rows += f"<tr><th>{escape(layer.name)}</th><td>{layer.importance}</td>"
        rows += "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
    names = ("layer", "importance", "scheme", "channel uses", "frames that came", "whole")
    head = "".join(f"<th>{name}</th>" for name in names)
    return f"<h2>Bytes per layer</h2>{svg.bars(bars)}<table class='layers'><tr>{head}</tr>{rows}</table>"


def _link(report: PhotoReport) -> str:
    account = report.account
    received = account["delivered"] + account["repaired"]
    rows = [
        ("radio", ", ".join(f"{key} {value}" for key, value in report.radio.items() if value is not None)),
        ("frames sent / received / lost", f"{account['sent']} / {received} / {account['lost']}"),
        ("channel uses", f"{report.channel_uses:,} ({report.channel_uses / report.bytes_raw:.4f} per colour value)"),
        ("time on air", f"{report.airtime_s * 1e3:.1f} ms"),
        ("SNR, estimated", _number(report.snr_db_estimated, "dB")),
        ("carrier offset, estimated", _number(report.cfo_hz_estimated, "Hz")),
        ("error vector magnitude", _number(report.evm_db, "dB")),
    ]
    rows += [(name.replace("_", " "), _number(value, "")) for name, value in report.metrics.items()]
    rows += [(f"time: {name.replace('_', ' ')}", f"{value:.2f} s") for name, value in report.timings_s.items()]
    table = "".join(f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in rows)
    diagrams = ""
    if report.constellation is not None and len(report.constellation):
        words = "constellation of one burst after equalisation; crosses: ideal points"
        picture = svg.constellation(report.constellation, report.ideal_points)
        diagrams += f"<figure>{picture}<figcaption>{words}</figcaption></figure>"
    if report.channel is not None and len(report.channel):
        picture = svg.channel_magnitude(report.channel)
        diagrams += f"<figure>{picture}<figcaption>|H| over the used carriers, dB</figcaption></figure>"
    return f"<h2>The link</h2><div class='link'><table>{table}</table><div class='small'>{diagrams}</div></div>"


def _notes(report: PhotoReport) -> str:
    if not report.notes:
        return ""
    return "<h2>Notes</h2><ul>" + "".join(f"<li>{escape(note)}</li>" for note in report.notes) + "</ul>"


def _number(value: float | None, unit: str) -> str:
    return "unknown" if value is None else f"{value:.4g} {unit}".rstrip()
