"""A heard picture → its folder of results and its entry in ``report.json``, as `semcom send` writes them.

What only the sender knows (the original, metrics against it, frames of which nothing was heard) is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from semcom.apps.delivery.inbox import HeardPicture
from semcom.apps.delivery.packet_items import rebuild
from semcom.apps.report import packet_page
from semcom.apps.report.output_folder import write_reconstruction, write_whole
from semcom.apps.report.photo_report import COMPLETE, LOST, PARTIAL, jsonable
from semcom.link import SetKey
from semcom.semantic.reconstruct import provenance


def write_picture(folder: Path, picture: HeardPicture, radio: Mapping[str, Any], nominal_rate_hz: float) -> dict:
    """Rebuild a picture from what came of it, write its folder, and return its entry of ``report.json``."""
    packet, reconstruction, notes = rebuild(picture.payloads, picture.damaged, picture.required)
    entry = _entry(picture, packet, reconstruction, notes, radio, nominal_rate_hz)

    def fill(aside: Path) -> None:
        if packet is None or reconstruction is None:
            (aside / "report.html").write_text(_lost_page(entry), encoding="utf-8")
            return
        write_reconstruction(aside, packet, reconstruction)
        page = packet_page.render(f"{picture.name}, received", packet, reconstruction, link=_link_rows(entry))
        (aside / "report.html").write_text(page, encoding="utf-8")

    write_whole(folder / picture.name, fill)
    return entry


def _entry(picture, packet, reconstruction, notes, radio, nominal_rate_hz) -> dict:
    """Numbers that do not exist are null."""
    width = reconstruction.width if reconstruction else None
    height = reconstruction.height if reconstruction else None
    raw = 3 * width * height if width and height else None
    num_bytes = len(packet.to_bytes()) if packet else None
    missing = sum(picture.missing.values())
    layers = [
        {
            "name": layer.name,
            "kind": layer.kind.label,
            "importance": layer.importance,
            "bytes": len(layer.payload),
            "frames_sent": picture.frames[picture.carriers[layer.key.layer]],
            "frames_received": picture.frames[picture.carriers[layer.key.layer]],
            "complete": True,
        }
        for layer in (packet.layers if packet else ())
    ]
    layers += [
        {
            "name": f"set {key.set_number}" if isinstance(key, SetKey) else f"layer {key.layer}",
            "frames_sent": picture.frames[key] + count,
            "frames_received": picture.frames[key],
            "complete": False,
        }
        for key, count in sorted(picture.missing.items())
    ]
    if picture.unseen_layers:
        notes = [*notes, f"Of {picture.unseen_layers} layers nothing was heard."]
    header = packet.header if packet else None
    received = sum(picture.frames.values())
    caption = reconstruction.caption if reconstruction else None
    drawn = reconstruction is not None and reconstruction.picture is not None
    return jsonable(
        {
            "image": picture.name,
            "outcome": LOST if packet is None else COMPLETE if picture.complete else PARTIAL,
            "system": header.system if header else None,
            "width": width,
            "height": height,
            "bytes_raw": raw,
            "bytes_packet": num_bytes,
            "compression_ratio": raw / num_bytes if raw and num_bytes else None,
            "layers": layers,
            "frames": {"sent": None, "received": received, "lost": missing},
            "radio": dict(radio),
            "channel_uses": picture.channel_uses,
            "cbr": picture.channel_uses / raw if raw else None,
            "airtime_s": picture.channel_uses / nominal_rate_hz,
            "snr_db_estimated": picture.median("snr_db"),
            "cfo_hz_estimated": picture.median("cfo_hz"),
            "evm_db": picture.median("evm_db"),
            "caption": caption.text if caption else None,
            "missing": [str(key) for key in reconstruction.missing] if reconstruction else None,
            "provenance": provenance.summary(reconstruction.provenance) if drawn else {},
            "metrics": {},
            "notes": notes,
        }
    )


def _link_rows(entry: dict) -> list[tuple[str, str]]:
    """The table of the page."""
    frames = entry["frames"]
    rows = [
        ("radio", ", ".join(f"{key} {value}" for key, value in entry["radio"].items() if value is not None)),
        ("frames received / known to be missing", f"{frames['received']} / {frames['lost']}"),
        ("time on air", f"{entry['airtime_s'] * 1e3:.1f} ms"),
    ]
    units = {"snr_db_estimated": ("SNR, estimated", "dB"), "cfo_hz_estimated": ("carrier offset, estimated", "Hz")}
    units["evm_db"] = ("error vector magnitude", "dB")
    return rows + [
        (words, f"{entry[key]:.4g} {unit}") for key, (words, unit) in units.items() if entry[key] is not None
    ]


def _lost_page(entry: dict) -> str:
    from semcom.apps.report.page_parts import page

    notes = "".join(f"<li>{escape(note)}</li>" for note in entry["notes"])
    return page(entry["image"], [f"<h1>{escape(entry['image'])}</h1><ul>{notes}</ul>"])
