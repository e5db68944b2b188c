"""Frames from the air → pictures, each with what is known of how it came. The sender is not known here, only heard."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field

import numpy as np

from semcom.flowgraphs.loopback.result import BurstStatistics, ReceivedFrame
from semcom.link import Key, Receiver, Scope, SetKey
from semcom.semantic import LayerKey

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
        Layers that are whole.
    carriers : dict of int to Key or SetKey
        By which name the frames of each layer went: its own, or that of a set it shared.
    frames : Counter
        Frames that came, by that name.
    missing : Counter
        Frames that are known to be missing, by that name; filled in when the picture is given out.
    unseen_layers : int
        Layers of which nothing came.
    snr_db, cfo_hz, evm_db : list of float
        One entry per frame.
    bursts : set of int
        Where the bursts that carried it began.
    """

    scope: Scope
    payloads: dict[LayerKey, bytes] = field(default_factory=dict)
    carriers: dict[int, Key | SetKey] = field(default_factory=dict)
    frames: Counter[Key | SetKey] = field(default_factory=Counter)
    missing: Counter[Key | SetKey] = field(default_factory=Counter)
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

    Attributes
    ----------
    counts : Counter
        ``frames``, ``failed`` (CRC), ``refused``, ``duplicate``, ``bursts``, ``failed_headers``, ``complete``.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._link = Receiver(MAX_PICTURES)
        self._open: OrderedDict[Scope, HeardPicture] = OrderedDict()
        self._done: OrderedDict[Scope, None] = OrderedDict()
        self._bursts: OrderedDict[int, BurstStatistics] = OrderedDict()

    def take_burst(self, burst: BurstStatistics) -> None:
        """A burst was received; its frames come by themselves, before or after."""
        self.counts["bursts"] += 1
        self.counts["failed_headers"] += not burst.header_ok
        self._bursts[burst.start_sample] = burst
        while len(self._bursts) > MAX_BURSTS:
            self._bursts.popitem(last=False)

    def take_frame(self, frame: ReceivedFrame) -> HeardPicture | None:
        """A frame, good or not. Returns the picture that it completes."""
        self.counts["frames"] += 1
        if frame.data is None:
            self.counts["failed"] += 1
            return None
        arrival = self._link.push(frame.data)
        if arrival.name is None or arrival.status != "new":
            self.counts[arrival.status] += 1
            return None
        key = arrival.name.key
        if key.scope in self._done:
            return None
        picture = self._open.setdefault(key.scope, HeardPicture(key.scope))
        self._open.move_to_end(key.scope)
        while len(self._open) > MAX_PICTURES:
            self._open.popitem(last=False)
        picture.frames[key] += 1
        picture.bursts.add(frame.start_sample)
        for name in ("snr_db", "cfo_hz", "evm_db"):
            getattr(picture, name).append(getattr(frame, name))
        for item in arrival.items:
            picture.payloads[LayerKey(*item.key)] = item.payload
            picture.carriers[item.key.layer] = key
        if not self._link.is_complete(key.scope):
            return None
        self.counts["complete"] += 1
        picture.complete = True
        return self._give_out(key.scope)

    def rest(self) -> list[HeardPicture]:
        """Pictures that did not become complete, in the order in which they were last heard of."""
        return [self._give_out(scope) for scope in list(self._open)]

    def _give_out(self, scope: Scope) -> HeardPicture:
        picture = self._open.pop(scope)
        self._done[scope] = None
        while len(self._done) > MAX_PICTURES:
            self._done.popitem(last=False)
        missing = self._link.missing(scope)
        picture.missing = Counter(name.key for name in missing.frames)
        picture.unseen_layers = missing.unseen_items
        carried = [self._bursts[start] for start in sorted(picture.bursts) if start in self._bursts]
        picture.channel_uses = sum(burst.channel_uses for burst in carried)
        picture.last_burst = max(carried, key=lambda burst: len(burst.constellation), default=None)
        return picture
