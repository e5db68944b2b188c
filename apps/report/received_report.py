"""A picture that was received: its folder of results and its `PictureResult`, as `semcom send` makes them.

What only the sender knows (the photo's name and path, metrics against it, frames of which nothing was heard) is null.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from semcom.apps.report import packet_page
from semcom.apps.report.model import FrameCounts, LayerResult, PictureResult
from semcom.apps.report.output_folder import write_reconstruction, write_text
from semcom.semantic import Reconstruction, SemanticPacket
from semcom.semantic.reconstruct import provenance

RESULT_JSON = "result.json"
_LINK = {
    "snr_db_estimated": ("SNR, estimated", "dB"),
    "cfo_hz_estimated": ("carrier offset, estimated", "Hz"),
    "evm_db": ("error vector magnitude", "dB"),
}


def received_result(
    command: str,
    name: str,
    packet: SemanticPacket | None,
    reconstruction: Reconstruction | None,
    *,
    frames: FrameCounts,
    layers: list[LayerResult],
    channel_uses: int | None = None,
    nominal_rate_hz: float | None = None,
    photo: str | None = None,
    **known: Any,
) -> PictureResult:
    """The numbers of a received picture: what its packet says, and what else is known of how it came.

    Parameters
    ----------
    command : str
    name : str
        Folder, and title where no photo's name is known.
    packet, reconstruction : or None where nothing can be shown
    frames : FrameCounts
    layers : list of LayerResult
    channel_uses : int or None
    nominal_rate_hz : float or None
        Gives the airtime.
    photo : str or None
        Name of its file, where the sender told it.
    known : other fields of `PictureResult`; ``identity`` and ``outcome`` must be among them
    """
    width = reconstruction.width if reconstruction else None
    height = reconstruction.height if reconstruction else None
    raw = 3 * width * height if width and height else None
    num_bytes = len(packet.to_bytes()) if packet else None
    caption = reconstruction.caption if reconstruction else None
    drawn = reconstruction is not None and reconstruction.picture is not None
    return PictureResult(
        command=command,
        image=photo or name,
        folder=name,
        system=packet.header.system if packet and packet.header else None,
        width=width,
        height=height,
        bytes_raw=raw,
        bytes_packet=num_bytes,
        compression_ratio=raw / num_bytes if raw and num_bytes else None,
        layers=layers,
        frames=frames,
        channel_uses=channel_uses,
        cbr=channel_uses / raw if raw and channel_uses is not None else None,
        airtime_s=channel_uses / nominal_rate_hz if nominal_rate_hz and channel_uses is not None else None,
        caption=caption.text if caption else None,
        missing=[str(key) for key in reconstruction.missing] if reconstruction else None,
        provenance={
            **(provenance.summary(reconstruction.provenance) if drawn else {}),
            **provenance.words_guessed(caption),
        },
        **known,
    )


def layer_results(
    packet: SemanticPacket | None, frames_of: Callable[[int], int | None] = lambda number: None
) -> list[LayerResult]:
    """The layers that came whole; `frames_of` gives the frames that carried the layer of a number, where known."""
    layers = []
    for layer in packet.layers if packet else ():
        frames = frames_of(layer.key.layer)
        layers.append(
            LayerResult(layer.name, layer.label, layer.importance, len(layer.payload), frames, frames, complete=True)
        )
    return layers


def fill_received(
    folder: Path,
    result: PictureResult,
    packet: SemanticPacket | None,
    reconstruction: Reconstruction | None,
    with_json: bool = False,
) -> None:
    """All files of a received picture into a folder that is being made; of a lost one only the page.

    `with_json`: also ``result.json``, the entry of this picture alone.
    """
    title, link = f"{result.image}, received", link_rows(result)
    if packet is None or reconstruction is None:
        page = packet_page.render_lost(title, result.outcome, result.notes, link)
    else:
        write_reconstruction(folder, packet, reconstruction)
        page = packet_page.render(title, packet, reconstruction, link=link, outcome=result.outcome)
    write_text(folder / "report.html", page)
    if with_json:
        write_text(folder / RESULT_JSON, json.dumps(result.as_dict(), indent=2, ensure_ascii=False) + "\n")


def link_rows(result: PictureResult) -> list[tuple[str, str]]:
    """The table of the page; what is not known has no row."""
    rows: list[tuple[str, str]] = []
    if result.radio:
        rows.append(("radio", ", ".join(f"{key} {value}" for key, value in result.radio.items() if value is not None)))
    if result.frames.received is not None:
        lost = "unknown" if result.frames.lost is None else result.frames.lost
        rows.append(("frames received / known to be missing", f"{result.frames.received} / {lost}"))
    if result.airtime_s is not None:
        rows.append(("time on air", f"{result.airtime_s * 1e3:.1f} ms"))
    for name, (words, unit) in _LINK.items():
        value = getattr(result, name)
        if value is not None:
            rows.append((words, f"{value:.4g} {unit}"))
    return rows
