"""Frames from the air → pictures, each with what is known of how it came. The sender is not known here, only heard."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field

import numpy as np

from semcom.flowgraphs.loopback.result import BurstStatistics, ReceivedFrame
from semcom.link import Assembler, Key, Picture, Scope, SetKey
from semcom.link.packets.packet import Packet
from semcom.semantic import LayerKey
from semcom.semantic.requirements import requirements_of

MAX_PICTURES = 256
MAX_BURSTS = 4096
"""Bursts remembered while their frames may still come."""


@dataclass
class HeardPicture:
    """A picture as far as it came.

    Attributes
    ----------
    scope : Scope
        Stream, group and picture, as the sender numbers them.
    payloads : dict of LayerKey to bytes
        Layers that came, those of the group that they require too; filled in when the picture is given out, as are
        `carriers`, `damaged`, `missing`, `required` and `unseen_layers`.
    damaged : dict of LayerKey to bytes
        Layers that came as soft values, with their LLRs.
    carriers : dict of int to Key or SetKey
        By which name the frames of each layer went: its own, or that of a set it shared.
    frames : Counter
        Frames that came, by that name.
    missing : Counter
        Frames that are known to be missing, by that name; of layers of the group too.
    required : tuple of LayerKey
        Layers that others require and that are not there.
    unseen_layers : int
        Layers of which nothing came.
    snr_db, cfo_hz, evm_db : list of float
        One entry per frame.
    bursts : set of int
        Where the bursts that carried it began.
    """

    scope: Scope
    payloads: dict[LayerKey, bytes] = field(default_factory=dict)
    damaged: dict[LayerKey, bytes] = field(default_factory=dict)
    carriers: dict[int, Key | SetKey] = field(default_factory=dict)
    frames: Counter[Key | SetKey] = field(default_factory=Counter)
    missing: Counter[Key | SetKey] = field(default_factory=Counter)
    required: tuple[LayerKey, ...] = ()
    unseen_layers: int = 0
    snr_db: list[float] = field(default_factory=list)
    cfo_hz: list[float] = field(default_factory=list)
    evm_db: list[float] = field(default_factory=list)
    bursts: set[int] = field(default_factory=set)
    channel_uses: int = 0
    complete: bool = False
    last_burst: BurstStatistics | None = None

    @property
    def name(self) -> str:
        """Folder and title."""
        return f"{self.scope.stream:05d}-{self.scope.picture:03d}"

    def median(self, name: str) -> float | None:
        values = getattr(self, name)
        return float(np.median(values)) if values else None


class Inbox:
    """Collects frames and gives out pictures: the complete ones at once, the others when asked for the rest.

    A picture that has to make room for newer ones is given out as well, as far as it came. Layers of a group are
    counted with the picture that is complete because of them, not as pictures. Packets of `semcom modem` are none
    either: they are counted.

    Attributes
    ----------
    counts : Counter
        ``frames``, ``failed`` (CRC), ``refused``, ``duplicate``, ``bursts``, ``failed_headers``, ``complete``,
        ``evicted`` (pictures), ``packets``.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._assembler = Assembler(requirements_of, MAX_PICTURES, on_evicted=self._evicted)
        self._open: dict[Scope, HeardPicture] = {}
        self._done: OrderedDict[Scope, None] = OrderedDict()
        self._bursts: OrderedDict[int, BurstStatistics] = OrderedDict()
        self._given_out: list[HeardPicture] = []

    def take_burst(self, burst: BurstStatistics) -> None:
        """A burst was received; its frames come by themselves, before or after."""
        self.counts["bursts"] += 1
        self.counts["failed_headers"] += not burst.header_ok
        self._bursts[burst.start_sample] = burst
        while len(self._bursts) > MAX_BURSTS:
            self._bursts.popitem(last=False)

    def take_frame(self, frame: ReceivedFrame) -> list[HeardPicture]:
        """A frame, good or not. Returns the pictures that it completes, and those that had to make room for it."""
        self.counts["frames"] += 1
        if frame.data is None:
            self.counts["failed"] += 1
            return []
        arrival, changed = self._assembler.push(frame.data, frame.llr)
        if arrival.name is None or arrival.status != "new":
            self.counts[arrival.status] += 1
        elif arrival.name.key.scope in self._done:
            self._assembler.release(arrival.name.key.scope)
        elif arrival.name.key.picture:
            self._note(arrival.name.key, frame)
        for scope in changed:
            if scope in self._open and self._assembler.is_complete(scope):
                self._finish(scope)
        given_out, self._given_out = self._given_out, []
        return given_out

    def rest(self) -> list[HeardPicture]:
        """Pictures that did not become complete, in the order in which they were last heard of."""
        for scope in self._assembler.scopes():
            self._finish(scope)
        given_out, self._given_out = self._given_out, []
        return given_out

    def _note(self, key: Key | SetKey, frame: ReceivedFrame) -> None:
        """How a frame of a picture came."""
        picture = self._open.setdefault(key.scope, HeardPicture(key.scope))
        picture.frames[key] += 1
        picture.bursts.add(frame.start_sample)
        for name in ("snr_db", "cfo_hz", "evm_db"):
            getattr(picture, name).append(getattr(frame, name))

    def _evicted(self, picture: Picture) -> None:
        self.counts["evicted"] += 1
        if picture.payloads:
            self._give_out(picture)
        else:
            self._open.pop(picture.scope, None)

    def _finish(self, scope: Scope) -> None:
        """What comes of it from now on changes nothing."""
        self._give_out(self._assembler.picture(scope))
        self._assembler.release(scope)
        self._done[scope] = None
        while len(self._done) > MAX_PICTURES:
            self._done.popitem(last=False)

    def _give_out(self, came: Picture) -> None:
        picture = self._open.pop(came.scope)
        if came.payloads and all(map(Packet.is_marked, came.payloads.values())):
            self.counts["packets"] += len(came.payloads)
            return
        self.counts["complete"] += came.complete
        picture.payloads = {LayerKey(*key): payload for key, payload in came.payloads.items()}
        picture.damaged = {LayerKey(*key): llr for key, llr in came.damaged.items()}
        picture.carriers = {key.layer: carrier for key, carrier in came.carriers.items()}
        picture.carriers |= {key.layer: key for key in came.payloads if key not in came.carriers}
        picture.missing = Counter(name.key for name in came.missing.frames)
        picture.required = tuple(LayerKey(*key) for key in came.missing.required)
        picture.unseen_layers = came.missing.unseen_items
        picture.complete = came.complete
        carried = [self._bursts[start] for start in sorted(picture.bursts) if start in self._bursts]
        picture.channel_uses = sum(burst.channel_uses for burst in carried)
        picture.last_burst = max(carried, key=lambda burst: len(burst.constellation), default=None)
        self._given_out.append(picture)
