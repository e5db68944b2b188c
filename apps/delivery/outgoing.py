"""From a photo to the frames that go on air: bytes, protection and airtime decided.

```
analysis ─ code within bytes ─► packet ─► items ─► one frame or more each                  no policy
                                             └───► sets by class of protection ─► frames   policy, airtime
```
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from semcom.apps.delivery.packet_items import items_of
from semcom.apps.delivery.soft_frames import soft_frames, soft_uses, with_soft_mcs
from semcom.link import (
    ANALOG_SYMBOL_BYTES,
    MAX_FRAME_BYTES,
    Carousel,
    Item,
    Key,
    OutgoingFrame,
    PlannedSet,
    ProtectionPolicy,
    Sender,
    SetKey,
    SetPlanner,
)
from semcom.phy.airtime import airtime_function
from semcom.phy.channel.ideal import bits_in, channel_uses
from semcom.phy.sensitivity import thresholds_db
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.policy import Policy, load_policy
from semcom.semantic import Analysis, LayerKey, SemanticPacket, code
from semcom.semantic.api import Identity
from semcom.semantic.budget_search import code_within

_FLAT = "flat"


@dataclass(frozen=True)
class AirSettings:
    """How frames go on air.

    Attributes
    ----------
    mcs : str
        MCS of what is neither better nor worse protected.
    max_frame_bytes : int
    policy : str, Path or None
        Name or file of a protection policy; None: each layer in frames of its own, all alike.
    airtime_ms : float or None
        Most time on air of one picture.
    cbr : float or None
        The same as channel uses per colour value (3 · width · height).
    max_transmissions : int
        Of each frame; above 1 there must be a feedback channel.
    capacity_snr_db : float or None
        There is no modem: bits take the channel uses of Shannon's capacity at this SNR, analog symbols one each.
    """

    mcs: str = "qpsk-1/2"
    max_frame_bytes: int = 256
    policy: str | Path | None = None
    airtime_ms: float | None = None
    cbr: float | None = None
    max_transmissions: int = 1
    capacity_snr_db: float | None = None

    def max_channel_uses(self, image: np.ndarray, waveform: Waveform) -> int | None:
        limits = []
        if self.airtime_ms is not None:
            limits.append(self.airtime_ms * 1e-3 * waveform.nominal_rate_hz)
        if self.cbr is not None:
            limits.append(self.cbr * image.size)
        return int(min(limits)) if limits else None


@dataclass(frozen=True)
class Outgoing:
    """What is sent of one photo.

    Attributes
    ----------
    packet : SemanticPacket
        Only the layers that are sent.
    frames : list of OutgoingFrame
    carriers : dict of Key to Key or SetKey
        By which name the frames of each layer go.
    left_out : list of str
        Layers that the airtime had no room for.
    plan : list of PlannedSet
        Of what the frames are symbols; empty without a policy.
    """

    packet: SemanticPacket
    frames: list[OutgoingFrame]
    carriers: dict[Key, Key | SetKey]
    left_out: list[str]
    plan: list[PlannedSet] = field(default_factory=list)

    def cost_of_protection(self, settings: AirSettings, waveform: Waveform) -> str | None:
        """See the function of that name."""
        return cost_of_protection(self.plan, items_of(self.packet), settings, waveform)

    def passes(self, number: int) -> list[OutgoingFrame]:
        """The frames of so many passes: of sets always other symbols, else the same frames again."""
        if not self.plan:
            return self.frames * number
        return [frame for frames in Carousel(self.plan).passes(number) for frame in frames]


def prepare(analysis: Analysis, identity: Identity, settings: AirSettings, waveform: Waveform) -> Outgoing:
    """Code an analysed photo and cut it into frames, within the bytes of its request and the airtime.

    Parameters
    ----------
    analysis : Analysis
        From `semantic.analyse`: however many packets are coded, the picture is looked at once.
    identity : (stream, group, picture)
    settings : AirSettings
    waveform : Waveform

    Raises
    ------
    LinkError, ConfigError, ConfigurationError
        A policy, MCS or frame length that cannot be.
    """
    limit = settings.max_channel_uses(analysis.picture, waveform)
    if settings.capacity_snr_db is not None:
        return _prepare_ideal(analysis, identity, settings, limit)
    if limit is None:
        return outgoing_of(code(analysis, identity=identity), settings, waveform)
    planner = make_planner(settings, waveform)
    return _planned(_packet_for(analysis, identity, limit, planner, settings, waveform), limit, settings, waveform)


def outgoing_of(packet: SemanticPacket, settings: AirSettings, waveform: Waveform) -> Outgoing:
    """A packet that is coded already as frames, however long they are on air."""
    if settings.policy is not None:
        return _planned(packet, None, settings, waveform)
    items = items_of(packet)
    frames = [with_soft_mcs(frame, settings.mcs) for frame in Sender(settings.max_frame_bytes).frames(items)]
    return Outgoing(packet, frames, {item.key: item.key for item in items}, [])


def _planned(packet: SemanticPacket, limit: int | None, settings: AirSettings, waveform: Waveform) -> Outgoing:
    """A packet as frames of sets, at most so many channel uses."""
    planner = make_planner(settings, waveform)
    items = items_of(packet)
    soft = [item for item in items if item.exact_bytes is not None]
    coded = [item for item in items if item.exact_bytes is None]
    if limit is None:
        plan, left_out = planner.plan(coded, len(items)), []
    else:
        room = limit - soft_uses(soft_frames(soft, settings.mcs), waveform)
        soft, left_out = (soft, []) if room >= 0 else ([], soft)
        plan, more = planner.fill(coded, room if soft else limit, len(soft))
        left_out = [*left_out, *more]
    carriers = {item.key: entry.key for entry in plan for item in entry.items}
    softly = soft_frames([*soft, *(item for entry in plan for item in entry.items)], settings.mcs)
    carriers |= {frame.name.key: frame.name.key for frame in softly}
    sent = [layer for layer in packet.layers if Key(*layer.key) in carriers]
    gone = {item.key for item in left_out}
    names = [layer.name for layer in packet.layers if Key(*layer.key) in gone]
    frames = [*softly, *(frame for entry in plan for frame in entry.frames())]
    return Outgoing(replace(packet, layers=tuple(sent)), frames, carriers, names, plan)


def cost_of_protection(
    plan: Sequence[PlannedSet], items: Sequence[Item], settings: AirSettings, waveform: Waveform
) -> str | None:
    """What protection by importance takes of the airtime beside none, as a sentence; None without such a policy.

    Parameters
    ----------
    plan : sequence of PlannedSet
        One picture's.
    items : sequence of Item
        Of that picture; soft text goes in frames of its own, whatever the policy.
    """
    if not plan or str(settings.policy or _FLAT) == _FLAT:
        return None
    coded = [item for item in items if item.exact_bytes is None]
    flat = _uses(make_planner(replace(settings, policy=_FLAT), waveform), coded)
    own = sum(entry.channel_uses for entry in plan)
    own_ms, flat_ms = (1e3 * uses / waveform.nominal_rate_hz for uses in (own, flat))
    return (
        f"Protected by importance ({settings.policy}): {own_ms:.1f} ms on air, {own_ms / flat_ms - 1:+.0%} beside the "
        f"{flat_ms:.1f} ms of --policy flat."
    )


def ideal_uses(items: Sequence[Item], snr_db: float) -> int:
    """Channel uses of items on an ideal link: their coded bits at capacity, and their analog symbols."""
    symbols = sum((len(item.payload) - item.exact_bytes) // ANALOG_SYMBOL_BYTES for item in items if item.analog)
    coded = sum(item.exact_bytes if item.analog else len(item.payload) for item in items)
    return symbols + channel_uses(8 * coded, snr_db)


def _prepare_ideal(analysis: Analysis, identity: Identity, settings: AirSettings, limit: int | None) -> Outgoing:
    """One packet in the channel uses of capacity; its frames are only the names by which layers are accounted for."""
    snr_db = settings.capacity_snr_db
    most_bytes = None if limit is None else max(bits_in(limit, snr_db) // 8, 1)
    asked = analysis.request.budget_bytes
    packet = code(analysis, min(filter(None, (asked, most_bytes)), default=None), identity)
    if limit is not None and any(item.analog for item in items_of(packet)):  # symbols are no bytes
        packet = code_within(
            analysis,
            limit,
            lambda packet: ideal_uses(items_of(packet), snr_db),
            lambda layers: sum(size for _, _, size in layers) / ANALOG_SYMBOL_BYTES,
            identity,
        )
    items = items_of(packet)
    frames = Sender(MAX_FRAME_BYTES).frames(items)
    return Outgoing(packet, frames, {item.key: item.key for item in items}, [])


def make_planner(settings: AirSettings, waveform: Waveform) -> SetPlanner:
    """The planner that a policy file, an MCS and a waveform ask for."""
    policy: Policy = load_policy(settings.policy or _FLAT)
    longest = None if policy.max_frame_ms is None else int(policy.max_frame_ms * 1e-3 * waveform.nominal_rate_hz)
    return SetPlanner(
        ProtectionPolicy.of(policy.classes),
        settings.mcs,
        thresholds_db(waveform),
        airtime_function(waveform),
        settings.max_frame_bytes,
        longest,
    )


def _packet_for(
    analysis: Analysis,
    identity: Identity,
    limit: int,
    planner: SetPlanner,
    settings: AirSettings,
    waveform: Waveform,
) -> SemanticPacket:
    """The packet that fills an airtime of so many channel uses."""

    def expected_uses(layers: Sequence[tuple[LayerKey, int, int]]) -> int:
        return _uses(planner, [Item(Key(*key), importance, bytes(size)) for key, importance, size in layers])

    def uses(packet: SemanticPacket) -> int:
        items = items_of(packet)
        coded = [item for item in items if item.exact_bytes is None]
        return _uses(planner, coded) + soft_uses(soft_frames(items, settings.mcs), waveform)

    packet = code_within(analysis, limit, uses, expected_uses, identity)
    if not any(item.analog for item in items_of(packet)):
        return packet
    # A symbol is four bytes and one channel use: what bytes are expected to cost says little, coding is cheap.
    other = code_within(analysis, limit, uses, lambda layers: _symbol_uses(layers, waveform), identity, enough=4)
    return max(packet, other, key=lambda one: uses(one) if uses(one) <= limit else 0)


def _symbol_uses(layers: Sequence[tuple[LayerKey, int, int]], waveform: Waveform) -> float:
    """Channel uses of analog symbols in so many bytes, preambles left out."""
    each = waveform.symbol_length / waveform.num_data
    return each * sum(size for _, _, size in layers) / ANALOG_SYMBOL_BYTES


def _uses(planner: SetPlanner, items: Sequence[Item]) -> int:
    return sum(entry.channel_uses for entry in planner.plan(items))
