"""One live link in one process: photos in at one end, words, maps and pictures out at the other."""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter
from typing import Any

import numpy as np

from semcom.apps.live.air_loop import AirLoop
from semcom.apps.live.gallery import Gallery, LivePicture
from semcom.apps.live.hub import EventHub
from semcom.apps.live.radio_view import burst_event, radio_event
from semcom.apps.live.receiver import LiveReceiver
from semcom.apps.live.sender import BusyError, LiveSender
from semcom.apps.live.settings import LiveSettings, choices
from semcom.flowgraphs.live.air import ON_AIR, AirEvent
from semcom.flowgraphs.live.loopback import LiveLoopback
from semcom.flowgraphs.loopback.result import DELIVERED, BurstStatistics, ReceivedFrame
from semcom.sdr_configs.radio import LoopbackRadio
from semcom.semantic import SemanticError

LAST_PICTURE = 65_535
_LEAST_OVERLAP = 0.1
"""Of a dragged box with an object's, intersection over union."""


class LiveSession:
    """Sender, loopback and receiver side by side.

    Parameters
    ----------
    radio : LoopbackRadio
        Its waveform; the channel is that of the settings.
    settings : LiveSettings
    """

    def __init__(self, radio: LoopbackRadio, settings: LiveSettings | None = None) -> None:
        self.hub, self.gallery = EventHub(), Gallery()
        self.settings = settings or LiveSettings()
        self.failure: str | None = None
        self._radio, self._lock = radio, threading.Lock()
        self._stream, self._last = secrets.randbelow(1 << 16), 0
        self._outcomes: Counter[str] = Counter()
        self._layers_of_burst: list[str] = []
        air = LiveLoopback(self.settings.channel_of(radio))
        self._air = AirLoop(air, self._heard, self._settled, self._failed)
        self._receiver = LiveReceiver(self.gallery, self._stream, self.hub.publish)
        self._sender = LiveSender(self.gallery, air.waveform, self._stream, self._air.send, self.hub.publish)
        for thread in (self._air, self._receiver, self._sender):
            thread.start()

    def submit(self, name: str, pixels: np.ndarray) -> LivePicture:
        """A photo to send: uint8 [height, width, 3]. Raises `BusyError` where too many wait."""
        with self._lock:
            number = self._last % LAST_PICTURE + 1
            picture = self.gallery.add(number, name)
            self.gallery.tell(picture, stage="waiting")
            try:
                self._sender.submit(picture, pixels, self.settings)
            except BusyError:
                self.gallery.remove(picture)
                raise
            self._last = number
        self.hub.publish({"type": "picture", "picture": picture.as_dict()})
        return picture

    def ask(self, number: int, words: str = "", box: tuple[float, float, float, float] | None = None) -> str:
        """More of a picture, in words or by a box (shares of the picture); the words that were asked with.

        Raises
        ------
        SemanticError
            There is no such picture, or nothing in the box.
        BusyError
        """
        picture = self.gallery.get(number)
        if picture is None:
            raise SemanticError(f"picture {number} is not here")
        if box is not None:
            words = f"object {object_in_box(picture.about.get('objects') or [], box)}"
        self._sender.ask(picture, words, self.settings)
        return words

    def change(self, changes: dict[str, Any]) -> LiveSettings:
        """Other settings, from the next picture on; the channel's at once.

        Raises
        ------
        pydantic.ValidationError, SemanticError
        """
        with self._lock:
            self.settings = self.settings.changed(changes)
            channel = self.settings.channel_of(self._radio).channel
            self._receiver.texture = self.settings.texture
        self._air.change(lambda air: air.set_channel(channel))
        self.hub.publish({"type": "settings", "settings": self.settings.model_dump()})
        return self.settings

    def state(self) -> dict[str, Any]:
        """All that a page shows, for one that has just come."""
        return {
            "settings": self.settings.model_dump(),
            "choices": choices(),
            "pictures": self.gallery.as_list(),
            "counts": self.counts(),
            "failure": self.failure,
            "viewers": len(self.hub),
        }

    def counts(self) -> dict[str, Any]:
        return {"outcomes": dict(self._outcomes), "frames": dict(self._receiver.counts)}

    def close(self) -> None:
        self._sender.stop()
        self._air.stop()
        self._receiver.stop()

    def _heard(self, event: AirEvent) -> None:
        if isinstance(event, ReceivedFrame):
            self._layers_of_burst += self._receiver.take(event)
        elif isinstance(event, BurstStatistics):
            layers, self._layers_of_burst = self._layers_of_burst, []
            self.hub.publish(burst_event(event, layers, round(time.time(), 3)))
            self.hub.publish(radio_event(event))

    def _settled(self, number: int, outcomes: list[str]) -> None:
        self._outcomes.update(outcomes)
        picture = self.gallery.get(number)
        if picture is None:
            return
        settled = picture.about.get("frames_settled", 0) + len(outcomes)
        came = picture.about.get("frames_came", 0) + sum(outcome in (DELIVERED, ON_AIR) for outcome in outcomes)
        self.gallery.tell(picture, frames_settled=settled, frames_came=came)
        if settled >= picture.about.get("frames", 0):
            self.gallery.tell(picture, stage="sent")
            self.hub.publish({"type": "picture", "picture": picture.as_dict()})
            self.hub.publish({"type": "counts", "counts": self.counts()})

    def _failed(self, sentence: str) -> None:
        self.failure = sentence
        self.hub.publish({"type": "failure", "sentence": sentence})


def object_in_box(objects: list[dict[str, Any]], box: tuple[float, float, float, float]) -> int:
    """Number of the object whose box is most like this one. Raises `SemanticError` where none is."""
    best = max(objects, key=lambda item: _overlap(item["box"], box), default=None)
    if best is None or _overlap(best["box"], box) < _LEAST_OVERLAP:
        raise SemanticError("there is no object in this box that the sender has named: drag around one, or click it")
    return int(best["number"])


def _overlap(first: list[float], second: tuple[float, float, float, float]) -> float:
    """Intersection over union."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (first, second))
    return width * height / (areas - width * height)
