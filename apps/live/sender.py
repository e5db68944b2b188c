"""The sending end: photos become packets, packets become frames, and more goes out when it is asked for."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from semcom.apps.delivery.frame_plan import FramePlan
from semcom.apps.delivery.outgoing import outgoing_of
from semcom.apps.delivery.packet_items import items_of
from semcom.apps.live.air_loop import FramesToSend
from semcom.apps.live.gallery import Gallery, LivePicture
from semcom.apps.live.loading import load_models
from semcom.apps.live.packet_view import draw_findings, what_a_packet_says, without_layers
from semcom.apps.live.rival import rival_frames
from semcom.apps.live.settings import LiveSettings
from semcom.link import LinkError
from semcom.phy.waveform import Waveform
from semcom.semantic import RefinementRequest, SemanticError, SemanticPacket, analyse, code, refine
from semcom.semantic.layers import LayerKind
from semcom.semantic.vocabulary import Vocabulary

log = logging.getLogger("semcom.live")

MOST_WAITING = 4
"""Photos; a camera is faster than any link."""


class BusyError(Exception):
    """More photos wait already than make sense."""


@dataclass(frozen=True)
class _Photo:
    picture: LivePicture
    pixels: np.ndarray
    settings: LiveSettings
    quick: bool


@dataclass(frozen=True)
class _Wish:
    picture: LivePicture
    words: str
    settings: LiveSettings


class _Load:
    """Nobody waits: models may be loaded."""


class LiveSender(threading.Thread):
    """Takes photos and wishes for more, one after the other.

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
        super().__init__(name="semcom live sender", daemon=True)
        self._gallery, self._waveform, self._stream = gallery, waveform, stream
        self._send, self._tell = send, tell
        self._waiting: queue.Queue[_Photo | _Wish | _Load | None] = queue.Queue(MOST_WAITING)

    def submit(self, picture: LivePicture, pixels: np.ndarray, settings: LiveSettings, quick: bool) -> None:
        """A photo to send; `quick`: by the small networks. Raises `BusyError` where too many wait."""
        self._put(_Photo(picture, pixels, settings, quick))

    def ask(self, picture: LivePicture, words: str, settings: LiveSettings) -> None:
        """More of a picture, sent as the settings now have it. Raises `BusyError` where too many wait."""
        self._put(_Wish(picture, words, settings))

    def prepare(self) -> None:
        """Load the networks before the first photo."""
        self._waiting.put(_Load())

    def stop(self, patience_s: float = 30.0) -> None:
        self._waiting.put(None)
        self.join(patience_s)

    def run(self) -> None:
        while (task := self._waiting.get()) is not None:
            if isinstance(task, _Load):
                load_models()
                continue
            try:
                if isinstance(task, _Photo):
                    self._encode(task)
                else:
                    self._refine(task)
            except (SemanticError, LinkError) as error:
                self._fail(task, str(error))
            except Exception as error:  # one photo must not end the page
                log.exception("picture %d could not be sent", task.picture.number)
                self._fail(task, f"internal error: {type(error).__name__}")

    def _put(self, task: _Photo | _Wish) -> None:
        try:
            self._waiting.put_nowait(task)
        except queue.Full:
            raise BusyError(f"{MOST_WAITING} pictures wait already, try again in a moment") from None

    def _fail(self, task: _Photo | _Wish, sentence: str) -> None:
        if isinstance(task, _Photo):
            self._gallery.tell(task.picture, stage="failed", error=sentence)
        else:
            self._gallery.tell(task.picture, asked=task.words, answer=sentence)
        self._tell_of(task.picture)

    def _encode(self, photo: _Photo) -> None:
        picture, start_s = photo.picture, time.perf_counter()
        self._gallery.show(picture, "photo", photo.pixels)
        self._gallery.tell(picture, stage="understanding", width=photo.pixels.shape[1], height=photo.pixels.shape[0])
        self._tell_of(picture)
        analysis = analyse(photo.pixels, photo.settings.request(photo.quick))
        identity = (self._stream, 0, picture.number)
        packet = without_layers(code(analysis, identity=identity), photo.settings.skipped())
        outgoing = outgoing_of(packet, photo.settings.air(), self._waveform)
        picture.analysis, picture.packet = analysis, outgoing.packet
        cost = outgoing.cost_of_protection(photo.settings.air(), self._waveform)
        self._gallery.tell(
            picture,
            stage="sending",
            encode_s=round(time.perf_counter() - start_s, 3),
            packet_bytes=len(outgoing.packet.to_bytes()),
            frames=len(outgoing.frames),
            frames_settled=0,
            mcs=photo.settings.mcs,
            notes=[
                *([cost] if cost else []),
                *(f"Not sent: {kind} ({why})." for kind, why in outgoing.packet.left_out),
            ],
            **what_a_packet_says(outgoing.packet),
        )
        frames = [(frame.data, frame.mcs or photo.settings.mcs) for frame in outgoing.frames]
        self._send(FramesToSend(picture.number, frames))
        draw_findings(self._gallery, picture, photo.pixels, outgoing.packet)
        self._tell_of(picture)
        if photo.settings.rival:
            shown = analysis.picture  # as it may be shown: what must not be sent is blanked
            self._send(rival_frames(shown, outgoing, photo.settings.mcs, self._stream, picture.number, self._waveform))

    def _refine(self, wish: _Wish) -> None:
        picture = wish.picture
        if picture.analysis is None or picture.packet is None:
            raise SemanticError(f"picture {picture.number} is no longer at hand at the sender")
        objects = picture.packet.content(LayerKind.OBJECTS)
        vocabulary = objects.vocabulary if objects else Vocabulary.load()
        layers = refine(picture.analysis, RefinementRequest.from_words(wish.words, vocabulary), picture.packet)
        more = picture.packet.with_layers(layers)
        known = {layer.key for layer in picture.packet.layers}
        new = [layer for layer in more.layers if layer.key not in known]
        picture.packet = more
        if new:
            wanted = SemanticPacket.from_payloads({layer.key: layer.payload for layer in new})
            items = items_of(wanted, 0, picture.number, self._stream)
            plan = FramePlan(wish.settings.air(), self._waveform)
            frames = [(frame.data, plan.mcs_of(frame)) for frame in plan.frames_of_more(items)]
            self._gallery.tell(picture, frames=picture.about.get("frames", 0) + len(frames), stage="sending")
            self._send(FramesToSend(picture.number, frames))
        num_bytes = sum(len(layer.payload) for layer in new)
        answer = f"{num_bytes} bytes more went out" if new else "it is as fine as it gets in so many bytes"
        self._gallery.tell(picture, asked=wish.words, answer=answer)
        self._tell_of(picture)

    def _tell_of(self, picture: LivePicture) -> None:
        self._tell({"type": "picture", "picture": picture.as_dict()})
