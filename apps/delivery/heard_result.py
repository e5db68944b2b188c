"""A picture heard by `semcom receive` or `semcom replay`: rebuilt, written, and its `PictureResult`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from semcom.apps.delivery.inbox import HeardPicture
from semcom.apps.delivery.packet_items import rebuild
from semcom.apps.report.model import COMPLETE, LOST, PARTIAL, FrameCounts, Identity, LayerResult, PictureResult
from semcom.apps.report.output_folder import write_whole
from semcom.apps.report.received_report import fill_received, layer_results, received_result
from semcom.link import SetKey
from semcom.semantic import SemanticPacket


def write_picture(
    folder: Path, picture: HeardPicture, command: str, radio: Mapping[str, Any], nominal_rate_hz: float
) -> PictureResult:
    """Rebuild a picture from what came of it and write its folder."""
    since = time.perf_counter()
    packet, reconstruction, notes = rebuild(picture.payloads, picture.damaged, picture.required)
    if picture.unseen_layers:
        notes = [*notes, f"Of {picture.unseen_layers} layers nothing was heard."]
    result = received_result(
        command,
        picture.name,
        packet,
        reconstruction,
        identity=Identity(*picture.scope),
        outcome=LOST if packet is None else COMPLETE if picture.complete else PARTIAL,
        frames=FrameCounts(None, sum(picture.frames.values()), sum(picture.missing.values())),
        layers=_layers(picture, packet),
        channel_uses=picture.channel_uses,
        nominal_rate_hz=nominal_rate_hz,
        radio=dict(radio),
        snr_db_estimated=picture.median("snr_db"),
        cfo_hz_estimated=picture.median("cfo_hz"),
        evm_db=picture.median("evm_db"),
        timings_s={"reconstruct": time.perf_counter() - since},
        notes=notes,
    )
    write_whole(folder / picture.name, lambda aside: fill_received(aside, result, packet, reconstruction))
    return result


def _layers(picture: HeardPicture, packet: SemanticPacket | None) -> list[LayerResult]:
    """Those that came, then those that are known to be missing: of these only the name and the frames are known."""
    layers = layer_results(packet, lambda number: picture.frames[picture.carriers[number]])
    for key, count in sorted(picture.missing.items()):
        name = f"set {key.set_number}" if isinstance(key, SetKey) else f"layer {key.layer}"
        came = picture.frames[key]
        layers.append(LayerResult(name, None, None, None, came + count, came, complete=False))
    return layers
