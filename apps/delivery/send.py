"""One photo over a radio and back: the whole chain on one screen.

```
photo ─ analyse ─ prepare ─► frames ─ exchange ─► payloads ─► packet ─► reconstruction
```
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from semcom.apps.delivery.exchange import Exchange, exchange
from semcom.apps.delivery.ideal import ideal_exchange
from semcom.apps.delivery.outgoing import AirSettings, Outgoing, prepare
from semcom.apps.delivery.packet_items import DEFAULT_REPAIRER, items_of, rebuild, receiver_options
from semcom.apps.report.model import LayerResult
from semcom.apps.report.photo_report import PhotoReport
from semcom.link import Assembler, Key, SetKey
from semcom.phy.mcs import find_mcs
from semcom.phy.ofdm.constellation import constellation
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.radio import IdealRadio, LoopbackRadio
from semcom.semantic import EncodeRequest, LayerKey, SemanticPacket, analyse
from semcom.semantic.metrics.quality import ms_ssim, psnr_db, ssim
from semcom.semantic.reconstruct import provenance
from semcom.semantic.request import PartChoice

MAX_METRIC_PIXELS = 4_000_000


@dataclass(frozen=True)
class SendSettings:
    """How photos are sent.

    Attributes
    ----------
    request : EncodeRequest
        Of every photo.
    radio_name : str
    radio : LoopbackRadio
    air : AirSettings
        MCS, frames, protection, airtime, repeats.
    repairer : PartChoice
        Of texts that come damaged.
    link_snr_db : mapping of int to float
        SNR of links by their number, where it is another than the radio's: some layers have links of their own.
    """

    request: EncodeRequest
    radio_name: str
    radio: LoopbackRadio
    air: AirSettings = field(default_factory=AirSettings)
    repairer: PartChoice = DEFAULT_REPAIRER
    link_snr_db: Mapping[int, float] = field(default_factory=dict)


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

    with timed(timings, "encode"):
        progress("understanding the picture", 0, 1)
        waveform = Waveform.load(settings.radio.waveform)
        ideal = isinstance(settings.radio, IdealRadio)
        air = replace(settings.air, capacity_snr_db=settings.radio.channel.snr_db) if ideal else settings.air
        outgoing = prepare(analyse(image, settings.request), (0, 0, picture), air, waveform)
    return deliver(name, image, settings, outgoing, timings, progress)


def deliver(
    name: str,
    image: np.ndarray,
    settings: SendSettings,
    outgoing: Outgoing,
    timings: dict[str, float],
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
    assembler: Assembler | None = None,
) -> PhotoReport:
    """Send a photo's frames and rebuild it; `assembler` is that of a receiver that knows the group from before."""
    with timed(timings, "radio"):
        came = _exchange(outgoing, settings, progress, assembler)
    with timed(timings, "reconstruct"):
        progress("rebuilding", 0, 1)
        options = receiver_options(settings.request.models, settings.request.system, settings.request.seed)
        received, reconstruction, notes = rebuild(
            came.payloads, came.damaged, came.required, settings.repairer, options
        )
    cost = outgoing.cost_of_protection(settings.air, Waveform.load(settings.radio.waveform))
    notes = [*notes, *([cost] if cost else [])]
    return _report(name, image, settings, outgoing, came, received, reconstruction, timings, notes)


def _exchange(
    outgoing: Outgoing,
    settings: SendSettings,
    progress: Callable[[str, int, int], None],
    assembler: Assembler | None,
) -> Exchange:
    """Frames over the channel model, or all that fits over an ideal link."""
    if isinstance(settings.radio, IdealRadio):
        channel, rate_hz = settings.radio.channel, Waveform.load(settings.radio.waveform).nominal_rate_hz
        return ideal_exchange(outgoing.frames, items_of(outgoing.packet), channel.snr_db, channel.seed, rate_hz)
    return exchange(
        outgoing.frames,
        settings.air.mcs,
        settings.radio,
        settings.air.max_transmissions,
        lambda done, total: progress("on air", done, total),
        assembler=assembler,
        link_snr_db=settings.link_snr_db,
    )


def _layers(outgoing: Outgoing, came: Exchange, received: SemanticPacket | None) -> list[LayerResult]:
    """Each layer with the frames that carried it; those of a set carry several. Complete is what came and decodes."""
    if received is None and came.payloads:
        received = SemanticPacket.from_payloads(came.payloads)
    read = {layer.key for layer in received.layers} if received is not None else set()
    schemes = {frame.name.key: frame.mcs for frame in outgoing.frames}
    links = {frame.name.key: frame.source for frame in outgoing.frames}
    carried: Counter[Key | SetKey] = Counter()
    for layer in outgoing.packet.layers:
        carried[outgoing.carriers[Key(*layer.key)]] += len(layer.payload)
    layers = []
    for layer in outgoing.packet.layers:
        carrier = outgoing.carriers[Key(*layer.key)]
        totals = came.account.totals(carrier)
        layers.append(
            LayerResult(
                layer.name,
                layer.label,
                layer.importance,
                len(layer.payload),
                totals.sent,
                totals.received,
                LayerKey(*layer.key) in read,
                schemes[carrier],
                totals.transmissions,
                round(came.uses[carrier] * len(layer.payload) / max(carried[carrier], 1)),
                links[carrier],
            )
        )
    return layers


def _report(name, image, settings, outgoing, came, received, reconstruction, timings, notes) -> PhotoReport:
    packet, layers = outgoing.packet, _layers(outgoing, came, received)
    missing = [layer.name for layer in layers if not layer.complete]
    notes = [*notes, *(f"Not sent: {kind} ({reason})." for kind, reason in packet.left_out)]
    if outgoing.left_out:
        notes = [*notes, f"Not sent, for want of airtime: {', '.join(outgoing.left_out)}."]
    if missing and received is not None:
        notes = [*notes, f"Missing: {', '.join(missing)}."]
    channel = settings.radio.channel
    shown = max(came.read_bursts, key=lambda burst: len(burst.constellation), default=None)
    metrics, shares = {}, {}
    if reconstruction is not None and reconstruction.picture is not None:
        metrics = _metrics(image, reconstruction.picture)
        shares = provenance.summary(reconstruction.provenance)
    return PhotoReport(
        image=name,
        system=settings.request.system,
        original=image,
        sent=packet,
        packet_bytes=len(packet.to_bytes()),
        received=received,
        reconstruction=reconstruction,
        layers=layers,
        account=came.account.as_dict(),
        radio={
            "name": settings.radio_name,
            "waveform": settings.radio.waveform,
            "mcs": "ideal" if isinstance(settings.radio, IdealRadio) else settings.air.mcs,
            "policy": None if settings.air.policy is None else str(settings.air.policy),
            "rounds": came.num_rounds,
            "snr_db": channel.snr_db,
            "cfo_hz": channel.cfo_hz,
            "delay_samples": channel.delay_samples,
            "clock_offset_ppm": channel.clock_offset_ppm,
            "paths": len(channel.paths),
            "seed": channel.seed,
        },
        channel_uses=came.channel_uses,
        airtime_s=came.airtime_s,
        snr_db_estimated=came.median("snr_db"),
        cfo_hz_estimated=came.median("cfo_hz"),
        evm_db=came.median("evm_db"),
        constellation=shown.constellation if shown else None,
        ideal_points=constellation(find_mcs(shown.mcs).bits_per_symbol).points if shown else None,
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
def timed(timings: dict[str, float], name: str) -> Iterator[None]:
    """How long a step took, under its name."""
    start = time.perf_counter()
    try:
        yield
    finally:
        timings[name] = time.perf_counter() - start
