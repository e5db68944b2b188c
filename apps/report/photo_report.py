"""What became of one photo: the entry of ``report.json``, and what the page shows besides."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from semcom.semantic import Reconstruction, SemanticPacket

LOST, PARTIAL, COMPLETE = "lost", "partial", "complete"


@dataclass(frozen=True)
class LayerDelivery:
    """A layer on its way: frames count link frames, of the set where several layers share them.

    `channel_uses` is what it cost on air, repeats included: its share, by bytes, of the frames that carried it.
    """

    name: str
    kind: str
    importance: int
    num_bytes: int
    frames_sent: int
    frames_received: int
    complete: bool
    mcs: str | None = None
    transmissions: int = 0
    channel_uses: int = 0

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.kind,
            "importance": self.importance,
            "bytes": self.num_bytes,
            "frames_sent": self.frames_sent,
            "frames_received": self.frames_received,
            "complete": self.complete,
            "mcs": self.mcs,
            "transmissions": self.transmissions,
            "channel_uses": self.channel_uses,
        }


@dataclass
class PhotoReport:
    """One photo, sent and received.

    `original` is the sender's picture: a loopback knows both ends, a receiver alone does not. `received` and
    `reconstruction` are None where nothing usable arrived.
    """

    image: str
    system: str
    original: np.ndarray
    sent: SemanticPacket
    packet_bytes: int
    received: SemanticPacket | None
    reconstruction: Reconstruction | None
    layers: list[LayerDelivery]
    account: dict[str, Any]
    radio: dict[str, Any]
    channel_uses: int
    airtime_s: float
    snr_db_estimated: float | None
    cfo_hz_estimated: float | None
    evm_db: float | None
    constellation: np.ndarray | None
    ideal_points: np.ndarray | None
    channel: np.ndarray | None
    metrics: dict[str, float]
    provenance_shares: dict[str, float]
    timings_s: dict[str, float]
    notes: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        if self.received is None:
            return LOST
        return COMPLETE if all(layer.complete for layer in self.layers) else PARTIAL

    @property
    def was_sent(self) -> bool:
        """Whether anything went on air; not where the airtime has no room for a single layer."""
        return self.account["sent"] > 0

    @property
    def bytes_raw(self) -> int:
        return self.original.size

    def as_dict(self) -> dict[str, Any]:
        """The entry of ``report.json``; numbers that do not exist (infinite, unknown) are null."""
        height, width = self.original.shape[:2]
        caption = self.reconstruction.caption if self.reconstruction else None
        return jsonable(
            {
                "image": self.image,
                "outcome": self.outcome,
                "system": self.system,
                "width": width,
                "height": height,
                "bytes_raw": self.bytes_raw,
                "bytes_packet": self.packet_bytes if self.was_sent else 0,
                "compression_ratio": self.bytes_raw / self.packet_bytes if self.was_sent else None,
                "layers": [layer.as_dict() for layer in self.layers],
                "frames": {
                    "sent": self.account["sent"],
                    "received": self.account["delivered"] + self.account["repaired"],
                    "lost": self.account["lost"],
                },
                "account": self.account,
                "radio": self.radio,
                "channel_uses": self.channel_uses,
                "cbr": self.channel_uses / self.bytes_raw,
                "airtime_s": self.airtime_s,
                "snr_db_estimated": self.snr_db_estimated,
                "cfo_hz_estimated": self.cfo_hz_estimated,
                "evm_db": self.evm_db,
                "caption": caption.text if caption else None,
                "missing": [str(key) for key in self.reconstruction.missing] if self.reconstruction else None,
                "provenance": self.provenance_shares,
                "metrics": self.metrics,
                "timings_s": self.timings_s,
                "notes": self.notes,
            }
        )


def jsonable(value: Any) -> Any:
    """Plain numbers, rounded to what they are worth; None for what JSON cannot say."""
    if isinstance(value, dict):
        return {str(key): jsonable(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(entry) for entry in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value
