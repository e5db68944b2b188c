"""What was seen becomes a packet, the packet becomes frames, and more goes out when it is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from semcom.apps.delivery.frame_plan import FramePlan
from semcom.apps.delivery.outgoing import Outgoing, outgoing_of
from semcom.apps.delivery.packet_items import items_of
from semcom.apps.live.air_loop import FramesToSend
from semcom.apps.live.gallery import Gallery, LivePicture
from semcom.apps.live.packet_view import draw_findings, what_a_packet_says, without_layers
from semcom.apps.live.rival import rival_frames
from semcom.apps.live.settings import LiveSettings
from semcom.apps.live.stage import Stage, Wish
from semcom.phy.waveform import Waveform
from semcom.semantic import Analysis, RefinementRequest, SemanticError, SemanticPacket, code, refine
from semcom.semantic.layers import LayerKind
from semcom.semantic.vocabulary import Vocabulary

MOST_WAITING = 1
"""Pictures that were seen: whoever sees faster than this codes waits."""


@dataclass(frozen=True)
class Seen:
    """A photo that was looked at, in so many seconds."""

    picture: LivePicture
    pixels: np.ndarray
    settings: LiveSettings
    analysis: Analysis
    seconds: float


class LiveCoder(Stage):
    """Codes and refines: what was found in a picture belongs to this thread from here on.

    Parameters
    ----------
    gallery, waveform, stream, send, tell : see `LiveSender`
    """

    def __init__(
        self,
        gallery: Gallery,
        waveform: Waveform,
        stream: int,
        send: Callable[[FramesToSend], None],
        tell: Callable[[dict[str, Any]], None],
    ) -> None:
        super().__init__("coder", MOST_WAITING, gallery, tell)
        self._waveform, self._stream, self._send = waveform, stream, send

    def work(self, task: Seen | Wish) -> None:
        if isinstance(task, Seen):
            self._code(task)
        else:
            self._refine(task)

    def _code(self, photo: Seen) -> None:
        picture, start_s = photo.picture, time.perf_counter()
        identity = (self._stream, 0, picture.number)
        packet = without_layers(code(photo.analysis, identity=identity), photo.settings.skipped())
        outgoing = outgoing_of(packet, photo.settings.air(), self._waveform)
        picture.analysis, picture.packet = photo.analysis, outgoing.packet
        cost = outgoing.cost_of_protection(photo.settings.air(), self._waveform)
        self._gallery.tell(
            picture,
            stage="sending",
            encode_s=round(photo.seconds + time.perf_counter() - start_s, 3),
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
            self._send_rival(photo, outgoing)

    def _send_rival(self, photo: Seen, outgoing: Outgoing) -> None:
        """The AVIF file beside it; where none is as small, that is said, and the picture is sent all the same."""
        picture, mcs = photo.picture, photo.settings.mcs
        self._gallery.tell(picture, avif_frames=None)  # to find the size takes longer than all the rest
        self._tell_of(picture)
        shown = photo.analysis.picture  # as it may be shown: what must not be sent is blanked
        try:
            rival = rival_frames(shown, outgoing, mcs, self._stream, picture.number, self._waveform)
        except SemanticError as error:
            self._gallery.tell(picture, avif_error=str(error))
        else:
            self._gallery.tell(picture, avif_frames=len(rival.frames))
            self._send(rival)
        self._tell_of(picture)

    def _refine(self, wish: Wish) -> None:
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
