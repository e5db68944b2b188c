"""A photo that was sent and received in one process: what the page shows, and its `PictureResult`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from semcom.apps.report.model import COMPLETE, LOST, PARTIAL, FrameCounts, Identity, LayerResult, PictureResult
from semcom.semantic import Reconstruction, SemanticPacket
from semcom.semantic.reconstruct import provenance


@dataclass
class PhotoReport:
    """One photo, sent and received.

    `original` is the sender's picture: a loopback knows both ends, a receiver alone does not. `received` and
    `reconstruction` are None where nothing usable arrived. `path` is the photo's as given, `folder` that of its
    results beside ``report.json``.
    """

    image: str
    system: str
    original: np.ndarray
    sent: SemanticPacket
    packet_bytes: int
    received: SemanticPacket | None
    reconstruction: Reconstruction | None
    layers: list[LayerResult]
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
    path: str | None = None
    folder: str | None = None

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

    def result(self) -> PictureResult:
        """The entry of ``report.json``."""
        height, width = self.original.shape[:2]
        caption = self.reconstruction.caption if self.reconstruction else None
        account = self.account
        return PictureResult(
            command="send",
            image=self.image,
            path=self.path,
            folder=self.folder,
            identity=Identity(self.sent.stream, self.sent.group, self.sent.picture),
            outcome=self.outcome,
            system=self.system,
            width=width,
            height=height,
            bytes_raw=self.bytes_raw,
            bytes_packet=self.packet_bytes if self.was_sent else 0,
            compression_ratio=self.bytes_raw / self.packet_bytes if self.was_sent else None,
            layers=self.layers,
            frames=FrameCounts(account["sent"], account["delivered"] + account["repaired"], account["lost"]),
            account=account,
            radio=self.radio,
            channel_uses=self.channel_uses,
            cbr=self.channel_uses / self.bytes_raw,
            airtime_s=self.airtime_s,
            snr_db_estimated=self.snr_db_estimated,
            cfo_hz_estimated=self.cfo_hz_estimated,
            evm_db=self.evm_db,
            caption=caption.text if caption else None,
            missing=[str(key) for key in self.reconstruction.missing] if self.reconstruction else None,
            provenance={**self.provenance_shares, **provenance.words_guessed(caption)},
            metrics=self.metrics,
            timings_s=self.timings_s,
            notes=self.notes,
        )
