"""``report.html`` of a sent photo: one self-contained file that shows what was sent, what arrived, and at what cost."""

from __future__ import annotations

from html import escape

from semcom.apps import svg
from semcom.apps.page_parts import LAYER_COLOURS, figure, marked, page, pictures
from semcom.apps.photo_report import COMPLETE, LOST, PhotoReport

_OUTCOME_WORDS = {
    COMPLETE: "every layer arrived",
    "partial": "some layers arrived; the picture is made of those",
    LOST: "nothing usable arrived",
}
_LOST_COLOUR = "#c9c4bb"


def render(report: PhotoReport) -> str:
    """The page of one photo, as HTML text without outside references."""
    parts = [
        f"<h1>{escape(report.image)} · {report.system} "
        f"<span class='outcome {report.outcome}'>{_OUTCOME_WORDS[report.outcome]}</span></h1>",
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
    ratio = report.bytes_raw / report.packet_bytes
    words = (
        f"{width} × {height} pixels, {report.bytes_raw:,} bytes raw → {report.packet_bytes:,} bytes of meaning "
        f"({ratio:.0f} : 1), {report.airtime_s * 1e3:.0f} ms on air"
    )
    caption = report.reconstruction.caption if report.reconstruction else None
    spoken = f"<p class='caption'>{marked(caption)}</p>" if caption else ""
    return f"<p>{words}</p>{spoken}"


def _layers(report: PhotoReport) -> str:
    rows = []
    for layer in report.layers:
        state = "" if layer.complete else f" · {layer.frames_received} of {layer.frames_sent} frames arrived"
        colour = LAYER_COLOURS.get(layer.kind, "#777") if layer.complete else _LOST_COLOUR
        scheme = f" · {layer.mcs}" if layer.mcs else ""
        words = (
            f"{layer.num_bytes} B · importance {layer.importance}{scheme} · {layer.channel_uses:,} channel uses{state}"
        )
        rows.append((layer.name, layer.num_bytes, words, colour))
    return "<h2>Bytes per layer</h2>" + svg.bars(rows)


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
