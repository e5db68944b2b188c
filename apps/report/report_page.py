"""``report.html`` of a sent photo: one self-contained file that shows what was sent, what arrived, and at what cost."""

from __future__ import annotations

from semcom.apps.report import svg
from semcom.apps.report.model import COMPLETE, LOST
from semcom.apps.report.page_parts import figure, marked, pictures
from semcom.apps.report.pages import render_page
from semcom.apps.report.photo_report import PhotoReport
from semcom.semantic.layers.showing import colour as layer_colour

_OUTCOME_WORDS = {
    COMPLETE: "every layer arrived",
    "partial": "some layers arrived; the picture is made of those",
    LOST: "nothing usable arrived",
}
_LOST_COLOUR = "#c9c4bb"


def render(report: PhotoReport) -> str:
    """The page of one photo, as HTML text without outside references."""
    came = report.reconstruction
    return render_page(
        "report.html",
        title=f"{report.image} · {report.system}",
        outcome=report.outcome,
        outcome_words=_OUTCOME_WORDS[report.outcome] if report.was_sent else "nothing was sent",
        headline=_headline(report),
        caption=marked(came.caption) if came and came.caption else None,
        shown=pictures(came, report.original) if came else None,
        original=figure(report.original, "the photo at the sender") if came is None else None,
        layers=report.layers,
        bars=_bars(report),
        link=_link(report),
        diagrams=_diagrams(report),
        notes=report.notes,
    )


def _headline(report: PhotoReport) -> str:
    height, width = report.original.shape[:2]
    words = f"{width} × {height} pixels, {report.bytes_raw:,} bytes raw"
    if not report.was_sent:
        return words
    ratio = report.bytes_raw / report.packet_bytes
    return (
        f"{words} → {report.packet_bytes:,} bytes of meaning ({ratio:.0f} : 1), {report.airtime_s * 1e3:.0f} ms on air"
    )


def _bars(report: PhotoReport) -> str:
    """Bytes of the layers, to compare at a glance; grey is what did not arrive."""
    rows = []
    for layer in report.layers:
        colour = layer_colour(layer.kind) if layer.complete else _LOST_COLOUR
        rows.append((layer.name, layer.bytes, f"{layer.bytes:,} B", colour))
    return svg.bars(rows)


def _link(report: PhotoReport) -> list[tuple[str, str]]:
    """Rows of the table."""
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
    return rows


def _diagrams(report: PhotoReport) -> list[tuple[str, str]]:
    """SVG with its words."""
    diagrams = []
    if report.constellation is not None and len(report.constellation):
        words = "constellation of one burst after equalisation; crosses: ideal points"
        diagrams.append((svg.constellation(report.constellation, report.ideal_points), words))
    if report.channel is not None and len(report.channel):
        diagrams.append((svg.channel_magnitude(report.channel), "|H| over the used carriers, dB"))
    return diagrams


def _number(value: float | None, unit: str) -> str:
    return "unknown" if value is None else f"{value:.4g} {unit}".rstrip()
