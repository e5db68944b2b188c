"""The sending end: photos and wishes for more come in; what a photo shows is seen here, and coded a stage behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from semcom.apps.live.air_loop import FramesToSend
from semcom.apps.live.coder import LiveCoder, Seen
from semcom.apps.live.gallery import Gallery, LivePicture
from semcom.apps.live.loading import load_models
from semcom.apps.live.settings import LiveSettings
from semcom.apps.live.stage import Stage, Wish
from semcom.phy.waveform import Waveform
from semcom.semantic import analyse

MOST_WAITING = 4
"""Photos; a camera is faster than any link."""


@dataclass(frozen=True)
class _Photo:
    picture: LivePicture
    pixels: np.ndarray
    settings: LiveSettings
    quick: bool


class _Load:
    """Nobody waits: models may be loaded."""


class LiveSender(Stage):
    """Looks at one photo while the one before it is coded, sent and received.

    Parameters
    ----------
    gallery : Gallery
    waveform : Waveform
    stream : int
        Of all pictures, 0 .. 65535.
    send : callable
        Given frames in the order to send.
    tell : callable
        Given each event for viewers.
    """

    def __init__(
        self,
        gallery: Gallery,
        waveform: Waveform,
        stream: int,
        send: Callable[[FramesToSend], None],
        tell: Callable[[dict[str, Any]], None],
    ) -> None:
        super().__init__("sender", MOST_WAITING, gallery, tell)
        self._coder = LiveCoder(gallery, waveform, stream, send, tell)

    def submit(self, picture: LivePicture, pixels: np.ndarray, settings: LiveSettings, quick: bool) -> None:
        """A photo to send; `quick`: by the small networks. Raises `BusyError` where too many wait."""
        self.put_now(_Photo(picture, pixels, settings, quick))

    def ask(self, picture: LivePicture, words: str, settings: LiveSettings) -> None:
        """More of a picture, sent as the settings now have it. Raises `BusyError` where too many wait."""
        self.put_now(Wish(picture, words, settings))

    def prepare(self) -> None:
        """Load the networks before the first photo."""
        self.put(_Load())

    def run(self) -> None:
        self._coder.start()
        super().run()
        self._coder.stop()

    def work(self, task: _Photo | Wish | _Load) -> None:
        if isinstance(task, _Load):
            load_models()
        elif isinstance(task, _Photo):
            self._coder.put(self._see(task))
        else:
            self._coder.put(task)

    def _see(self, photo: _Photo) -> Seen:
        picture, start_s = photo.picture, time.perf_counter()
        self._gallery.show(picture, "photo", photo.pixels)
        self._gallery.tell(picture, stage="understanding", width=photo.pixels.shape[1], height=photo.pixels.shape[0])
        self._tell_of(picture)
        analysis = analyse(photo.pixels, photo.settings.request(photo.quick))
        analysis.look()
        return Seen(picture, photo.pixels, photo.settings, analysis, time.perf_counter() - start_s)
