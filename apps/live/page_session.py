"""What every page has, whatever stands behind it: events, pictures, settings, and a sentence when something failed."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from semcom.apps.live.gallery import Gallery, LivePicture
from semcom.apps.live.host_camera import HostCamera
from semcom.apps.live.hub import EventHub
from semcom.apps.live.radio_view import spectrum_event
from semcom.apps.live.recorder import RECORDINGS, Recorder, Samples
from semcom.apps.live.settings import LiveSettings, choices
from semcom.flowgraphs.live.spectrum import Spectrum
from semcom.phy.recording.written_metadata import About
from semcom.semantic import SemanticError

MOST_BURSTS = 60
"""Told to a viewer who comes later."""


class PageSession:
    """A page with one end of a link behind it, or both.

    Parameters
    ----------
    settings : LiveSettings or None

    Attributes
    ----------
    ends : tuple of str
        Of ``sender``, ``receiver``, ``channel``: what is here, and what the page shows.
    settable : frozenset of str
        Names of the settings that do something here.
    recorder : Recorder or None
        Where samples are at hand, see `record_from`.
    camera : HostCamera or None
        Of this computer, see `use_camera`.
    beside : list of callable
        What else is to be closed, after the session itself.
    """

    ends: tuple[str, ...] = ("sender", "receiver", "channel")
    settable: frozenset[str] = frozenset(LiveSettings.model_fields)

    def __init__(self, settings: LiveSettings | None = None) -> None:
        self.hub, self.gallery = EventHub(), Gallery()
        self.settings = settings or LiveSettings()
        self.failure: str | None = None
        self.recorder: Recorder | None = None
        self.camera: HostCamera | None = None
        self.beside: list[Callable[[], None]] = []
        self._lock, self._outcomes = threading.Lock(), Counter[str]()
        self._bursts: deque[dict[str, Any]] = deque(maxlen=MOST_BURSTS)
        self._plots: dict[str, Any] | None = None
        self._spectrum: dict[str, Any] | None = None

    def prepare(self) -> None:
        """Load what the first photo needs, while nobody waits for it; returns at once."""

    def submit(self, name: str, pixels: np.ndarray, quick: bool = False) -> LivePicture:
        """A photo to send: uint8 [height, width, 3]; `quick`: by the small networks, where that can be.

        Raises `SemanticError` where nothing is sent from here.
        """
        raise SemanticError("photos are sent from the sender's page, this one receives")

    def ask(self, number: int, words: str = "", box: tuple[float, float, float, float] | None = None) -> str:
        """More of a picture, in words or by a box (shares of the picture); the words that were asked with."""
        raise SemanticError("more of a picture is asked for on the receiver's page, this one sends")

    def change(self, changes: dict[str, Any]) -> LiveSettings:
        """Other settings. Raises `SemanticError` or `pydantic.ValidationError` where they cannot be."""
        foreign = sorted(changes.keys() & LiveSettings.model_fields.keys() - self.settable)
        if foreign:
            raise SemanticError(f"{foreign[0]} cannot be set on this page: it belongs to the channel or the other end")
        with self._lock:
            settings = self.settings.changed(changes)
            self.use(settings)
            self.settings = settings
        self.hub.publish({"type": "settings", "settings": self.told_settings()})
        return self.settings

    def record(self, on: bool) -> dict[str, Any]:
        """Begin or end a SigMF recording of what the receiver hears; what `Recorder.told` says then.

        Raises `SemanticError` where it cannot be, and where there are no samples at this page.
        """
        if self.recorder is None:
            raise SemanticError("this page has no samples to record: semcom record does it at the radio")
        return self.recorder.record(on)

    def record_from(self, samples: Samples, about: Callable[[], About], folder: Path = RECORDINGS) -> None:
        """Let viewers record samples, given as `Recorder` takes them."""
        self.recorder = Recorder(
            samples, about, folder, lambda told: self.hub.publish({"type": "recording", "recording": told})
        )

    def use_camera(self, open_frames: Callable[[], Iterator[bytes]]) -> None:
        """Let viewers switch on a camera of this computer, given as `HostCamera` takes it."""

        def changed() -> None:
            self.hub.publish({"type": "camera", "camera": camera.told()})

        self.camera = camera = HostCamera(open_frames, self.submit, changed)

    def use(self, settings: LiveSettings) -> None:
        """The settings are about to be these. Raises `SemanticError` where they cannot be."""

    def told_settings(self) -> dict[str, Any]:
        """Those that do something here."""
        return {name: value for name, value in self.settings.model_dump().items() if name in self.settable}

    def counts(self) -> dict[str, Any]:
        """Frames by what became of them: sent here, and heard here."""
        return {"outcomes": dict(self._outcomes), "frames": {}}

    def state(self) -> dict[str, Any]:
        """All that a page shows, for one that has just come."""
        return {
            "ends": list(self.ends),
            "settings": self.told_settings(),
            "choices": choices(),
            "pictures": self.gallery.as_list(),
            "counts": self.counts(),
            "failure": self.failure,
            "recording": self.recorder.told() if self.recorder else None,
            "camera": self.camera.told() if self.camera else None,
            "viewers": len(self.hub),
            "bursts": list(self._bursts),
            "radio": self._plots,
            "spectrum": self._spectrum,
        }

    def end(self) -> None:
        """End what stands behind the page."""

    def close(self) -> None:
        """End what stands behind the page, and what is beside it."""
        try:
            for part in filter(None, (self.camera, self.recorder)):
                part.close()
            self.end()
        finally:
            for close in self.beside:
                close()

    def fail(self, sentence: str) -> None:
        """Say that something has ended that the page needs."""
        self.failure = sentence
        self.hub.publish({"type": "failure", "sentence": sentence})

    def tell_of_burst(self, burst: dict[str, Any], radio: dict[str, Any] | None) -> None:
        """What was measured of a burst, and its plots where there are any; kept for viewers who come later."""
        self._bursts.append(burst)
        self.hub.publish(burst)
        if radio is not None:
            self._plots = radio
            self.hub.publish(radio)

    def tell_of_spectrum(self, spectrum: Spectrum) -> None:
        """What is heard now; kept as well."""
        self._spectrum = spectrum_event(spectrum)
        self.hub.publish(self._spectrum)

    def tell_of(self, picture: LivePicture) -> None:
        self.hub.publish({"type": "picture", "picture": picture})


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


_LEAST_OVERLAP = 0.1
"""Of a dragged box with an object's, intersection over union."""
