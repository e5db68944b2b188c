"""``report.html``: one self-contained file in which a person sees what was sent, what arrived, and at what cost."""

from __future__ import annotations

import base64
import io
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.apps import drawings, svg
from semcom.apps.photo_report import COMPLETE, LOST, PhotoReport
from semcom.semantic import Reconstruction
from semcom.semantic.layers import Caption
from semcom.semantic.reconstruct import provenance

_COLOURS = {
    "header": "#8a8f98", "caption": "#c2543a", "objects": "#d98e2b", "class_map": "#4c8c4a", "detail_map": "#2f7f86",
    "sub_image": "#2f6fb0",
}  # fmt: skip
_OUTCOME_WORDS = {
    COMPLETE: "every layer arrived",
    "partial": "some layers arrived; the picture is made of those",
    LOST: "nothing usable arrived",
}
_STYLE = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")


def render(report: PhotoReport) -> str:
    """The page of one photo, as HTML text without outside references."""
    title = f"{escape(report.image)} · {report.system}"
    parts = [
        f"<h1>{title} <span class='outcome {report.outcome}'>{_OUTCOME_WORDS[report.outcome]}</span></h1>",
        _headline(report),
    ]
    if report.reconstruction is not None:
        parts.append(_pictures(report, report.reconstruction))
    else:
        parts.append("<h2>Sent</h2><div class='grid'>" + _figure(report.original, "the photo at the sender") + "</div>")
    parts += [_layers(report), _link(report), _notes(report)]
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{title}</title>"
        f"<meta name='viewport' content='width=device-width, initial-scale=1'><style>{_STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _headline(report: PhotoReport) -> str:
    height, width = report.original.shape[:2]
    ratio = report.bytes_raw / report.packet_bytes
    words = (
        f"{width} × {height} pixels, {report.bytes_raw:,} bytes raw → {report.packet_bytes:,} bytes of meaning "
        f"({ratio:.0f} : 1), {report.airtime_s * 1e3:.0f} ms on air"
    )
    caption = report.reconstruction.caption if report.reconstruction else None
    spoken = f"<p class='caption'>{_marked(caption)}</p>" if caption else ""
    return f"<p>{words}</p>{spoken}"


def _marked(caption: Caption) -> str:
    """The caption with its entities marked."""
    text, position = "", 0
    for first, last in caption.entities:
        text += escape(caption.text[position:first]) + f"<mark>{escape(caption.text[first:last])}</mark>"
        position = last
    return text + escape(caption.text[position:])


def _pictures(report: PhotoReport, shown: Reconstruction) -> str:
    figures = [
        _figure(report.original, "sent: the photo at the sender"),
        _figure(shown.picture, "received: the reconstruction"),
    ]
    if shown.class_map is not None:
        figures.append(_figure(drawings.class_map_picture(shown.class_map), "class map (A-seg): what is where"))
    if shown.objects is not None:
        words = f"objects: {len(shown.objects.items)} found, with box and score"
        figures.append(_figure(drawings.objects_picture(shown.objects, shown.picture), words))
    if shown.detail_map is not None:
        figures.append(_figure(drawings.detail_map_picture(shown.detail_map), "detail map (B-seg): fine boundaries"))
    shares = provenance.summary(shown.provenance)
    words = (
        f"provenance: pixels received for {shares['pixels_received']:.0%} of the picture at some resolution, "
        f"generated {shares['generated']:.0%}"
    )
    figures.append(_figure(provenance.colour(shown.provenance), words))
    key = "".join(
        f"<span><i class='swatch' style='background:rgb{colour}'></i>{escape(words)}</span>"
        for words, colour in provenance.legend()
    )
    html = f"<div class='grid'>{''.join(figures)}</div><p class='key'>{key}</p>"
    if shown.sub_images:
        small = "".join(
            _figure(
                sub_image.pixels,
                ("the whole scene" if sub_image.is_scene else f"object {sub_image.object_id}")
                + f", {sub_image.pixels.shape[1]} × {sub_image.pixels.shape[0]}, {len(sub_image.coded)} B",
            )
            for sub_image in shown.sub_images
        )
        html += f"<h2>Sub-images (S-img), as received</h2><div class='small'>{small}</div>"
    return html


def _layers(report: PhotoReport) -> str:
    rows = []
    for layer in report.layers:
        state = "" if layer.complete else f" · {layer.frames_received} of {layer.frames_sent} frames arrived"
        colour = _COLOURS.get(layer.kind, "#777") if layer.complete else "#c9c4bb"
        rows.append(
            (layer.name, layer.num_bytes, f"{layer.num_bytes} B · importance {layer.importance}{state}", colour)
        )
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
    return f"<h2>The link</h2><div class='grid'><table>{table}</table><div class='small'>{diagrams}</div></div>"


def _notes(report: PhotoReport) -> str:
    if not report.notes:
        return ""
    return "<h2>Notes</h2><ul>" + "".join(f"<li>{escape(note)}</li>" for note in report.notes) + "</ul>"


def _figure(picture: np.ndarray, words: str) -> str:
    words = escape(words)
    return f"<figure><img alt='{words}' src='{_data_uri(picture)}'><figcaption>{words}</figcaption></figure>"


def _data_uri(picture: np.ndarray) -> str:
    image = Image.fromarray(picture)
    image.thumbnail((1024, 1024), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=86)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _number(value: float | None, unit: str) -> str:
    return "unknown" if value is None else f"{value:.4g} {unit}".rstrip()
