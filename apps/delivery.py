"""One photo over a radio and back: the whole chain on one screen.

```
photo ─ encode ─► packet ─ items ─► Sender ─ frames ─► radio ─ frames ─► Receiver ─ payloads ─► packet ─► reconstruction
```
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from semcom.apps.packet_items import items_of, rebuild
from semcom.apps.photo_report import LayerDelivery, PhotoReport
from semcom.flowgraphs.loopback import run_loopback
from semcom.flowgraphs.loopback_result import LoopbackResult
from semcom.link import Account, Key, OutgoingFrame, Receiver, Sender
from semcom.phy.constellation import constellation
from semcom.phy.mcs import find_mcs
from semcom.sdr_configs.radio import LoopbackRadio
from semcom.semantic import LayerKey, encode
from semcom.semantic.metrics.quality import ms_ssim, psnr_db, ssim
from semcom.semantic.reconstruct import provenance

MAX_METRIC_PIXELS = 4_000_000
CAUSES = {"missed": "burst not detected", "header": "signal field lost", "crc": "block CRC failed"}


@dataclass(frozen=True)
class SendSettings:
    """How photos are sent.

    Attributes
    ----------
    system : str
    budget_bytes : int or None
    mcs : str
        Modulation and code rate of every frame.
    max_frame_bytes : int
    radio_name : str
    radio : LoopbackRadio
    profile : str or None
        What bytes are for; None is the system's default.
    without : tuple of str
        Categories or groups that must not be sent.
    """

    system: str
    budget_bytes: int | None
    mcs: str
    max_frame_bytes: int
    radio_name: str
    radio: LoopbackRadio
    profile: str | None = None
    without: tuple[str, ...] = ()


def send_photo(
    name: str,
    image: np.ndarray,
    settings: SendSettings,
    picture: int = 1,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> PhotoReport:
    """Send one photo and rebuild it from what arrives.

    Parameters
    ----------
    name : str
        As reports call it.
    image : uint8 [height, width, 3]
    settings : SendSettings
    picture : int
        Number of the picture in its stream, from 1.
    progress : callable
        Called with (stage, done, total).

    Returns
    -------
    PhotoReport
        Also where nothing arrived: loss on the air is data.
    """
    timings: dict[str, float] = {}
    with _timed(timings, "encode"):
        progress("understanding the picture", 0, 1)
        packet = encode(
            image,
            settings.system,
            settings.budget_bytes,
            picture=picture,
            profile=settings.profile,
            without=settings.without,
        )
    frames = Sender(settings.max_frame_bytes).frames(items_of(packet))
    with _timed(timings, "radio"):
        result = run_loopback(
            [(frame.data, settings.mcs) for frame in frames],
            settings.radio.waveform,
            settings.radio.channel,
            progress=lambda done, total: progress("on air", done, total),
        )
    account, payloads = _receive(frames, result)
    with _timed(timings, "reconstruct"):
        progress("rebuilding", 0, 1)
        received, reconstruction, notes = rebuild(payloads)
    return _report(name, image, settings, packet, account, result, received, reconstruction, timings, notes)


def _receive(frames: list[OutgoingFrame], result: LoopbackResult) -> tuple[Account, dict[LayerKey, bytes]]:
    """What the link makes of the frames that came, and the account of all that were sent."""
    account = Account()
    for frame in frames:
        account.sent(frame.name)
    receiver = Receiver()
    payloads = {}
    for frame in result.frames:
        if frame.data is None:
            continue
        arrival = receiver.push(frame.data)
        if arrival.name is not None:
            account.received(arrival.name)
        if arrival.item is not None:
            payloads[LayerKey(*arrival.item.key)] = arrival.item.payload
    for frame, outcome in zip(frames, result.outcomes(), strict=True):
        if outcome in CAUSES:
            account.failed(frame.name, CAUSES[outcome])
    account.close()
    account.check()
    return account, payloads


def _report(name, image, settings, packet, account, result, received, reconstruction, timings, notes) -> PhotoReport:
    layers = []
    for layer in packet.layers:
        totals = account.totals(Key(*layer.key))
        layers.append(
            LayerDelivery(
                layer.name,
                layer.kind.label,
                layer.importance,
                len(layer.payload),
                totals.sent,
                totals.received,
                totals.received == totals.sent,
            )
        )
    missing = [layer.name for layer in layers if not layer.complete]
    notes = [*notes, *(f"Not sent, for want of bytes: {kind} ({reason})." for kind, reason in packet.left_out)]
    if missing and received is not None:
        notes = [*notes, f"Missing: {', '.join(missing)}."]
    channel = settings.radio.channel
    read = [burst for burst in result.bursts if burst.header_ok]
    shown = result.shown_burst
    metrics, shares = {}, {}
    if reconstruction is not None and reconstruction.picture is not None:
        metrics = _metrics(image, reconstruction.picture)
        shares = provenance.summary(reconstruction.provenance)
    return PhotoReport(
        image=name,
        system=settings.system,
        original=image,
        sent=packet,
        packet_bytes=len(packet.to_bytes()),
        received=received,
        reconstruction=reconstruction,
        layers=layers,
        account=account.as_dict(),
        radio={
            "name": settings.radio_name,
            "waveform": settings.radio.waveform,
            "mcs": settings.mcs,
            "snr_db": channel.snr_db,
            "cfo_hz": channel.cfo_hz,
            "delay_samples": channel.delay_samples,
            "clock_offset_ppm": channel.clock_offset_ppm,
            "paths": len(channel.paths),
            "seed": channel.seed,
        },
        channel_uses=result.channel_uses,
        airtime_s=result.airtime_s,
        snr_db_estimated=result.snr_db,
        cfo_hz_estimated=result.cfo_hz,
        evm_db=float(np.median([burst.evm_db for burst in read])) if read else None,
        constellation=shown.constellation if shown else None,
        ideal_points=constellation(find_mcs(settings.mcs).bits_per_symbol).points,
        channel=shown.channel if shown else None,
        metrics=metrics,
        provenance_shares=shares,
        timings_s=timings,
        notes=notes,
    )


def _metrics(original: np.ndarray, picture: np.ndarray) -> dict[str, float]:
    """Quality of the picture where both have the same, moderate size."""
    if original.shape != picture.shape or original.shape[0] * original.shape[1] > MAX_METRIC_PIXELS:
        return {}
    if min(original.shape[:2]) < 16:
        return {}
    return {
        "psnr_db": psnr_db(original, picture),
        "ssim": ssim(original, picture),
        "ms_ssim": ms_ssim(original, picture),
    }


@contextmanager
def _timed(timings: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    try:
        yield
    finally:
        timings[name] = time.perf_counter() - start
