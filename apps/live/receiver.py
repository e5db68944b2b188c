"""The receiving end: words as soon as they are there, then the map, then the picture, better with every burst."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from semcom.apps.delivery.packet_items import rebuild
from semcom.apps.live.gallery import Gallery, LivePicture
from semcom.apps.live.packet_view import what_a_packet_says
from semcom.flowgraphs.loopback.result import ReceivedFrame
from semcom.link import Assembler, Key, Picture, Scope
from semcom.semantic import DecodeOptions, LayerKey, PacketError, Reconstruction, SemanticPacket
from semcom.semantic.layers import LayerKind
from semcom.semantic.reconstruct import provenance
from semcom.semantic.requirements import requirements_of

log = logging.getLogger("semcom.live")

MOST_PICTURES = 16
"""Taken apart at the same time."""
MORE_COMES_S = 0.1
"""What is not complete is drawn once nothing has completed it for so long: words and map are shown before."""
_CLASS_MAP = "class_map"


class LiveReceiver(threading.Thread):
    """Puts frames together at once, and draws on threads of its own: a picture is drawn as it is when its turn comes.

    Parameters
    ----------
    gallery : Gallery
    picture_of : callable
        Given a picture's name on the air, the gallery's picture; None where it is not ours: counted.
    tell : callable
        Given each event for viewers.
    rival_group : int or None
        Pictures of this group are the AVIF file beside ours.
    """

    def __init__(
        self,
        gallery: Gallery,
        picture_of: Callable[[Scope], LivePicture | None],
        tell: Callable[[dict[str, Any]], None],
        rival_group: int | None = None,
    ) -> None:
        super().__init__(name="semcom live receiver", daemon=True)
        self._gallery, self._picture_of, self._tell = gallery, picture_of, tell
        self._rival_group = rival_group
        self._assembler = Assembler(requirements_of, max_pictures=MOST_PICTURES)
        self._waiting: dict[int, Picture] = {}
        self._changed = threading.Condition()
        self._stopping = False
        self._maps = ThreadPoolExecutor(1, "semcom live maps")
        self.texture = False
        self.counts: Counter[str] = Counter()

    def take(self, frame: ReceivedFrame) -> list[str]:
        """A frame as it came; the kinds of the layers that it completed. Called by one thread."""
        if frame.data is None:
            self.counts["failed"] += 1
            return []
        arrival, changed = self._assembler.push(frame.data, frame.llr)
        self.counts[arrival.status] += 1
        kinds = [LayerKind(item.payload[0] & 15).label for item in arrival.items if item.payload]
        for scope in changed:
            self._take_picture(scope, kinds)
        return kinds

    def stop(self, patience_s: float = 30.0) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._maps.shutdown(cancel_futures=True)
        self.join(patience_s)

    def run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._stopping)
                self._changed.wait_for(self._newest_is_complete, MORE_COMES_S)
                if self._stopping:
                    return
                number = max(self._waiting)  # the newest first: that is what people look at
                came = self._waiting.pop(number)
            try:
                self._draw(number, came)
            except Exception:  # what one picture does must not end the page
                log.exception("picture %d could not be drawn", number)
                self.counts["not drawn"] += 1

    def _newest_is_complete(self) -> bool:
        return self._stopping or self._waiting[max(self._waiting)].complete

    def _take_picture(self, scope: Scope, kinds: list[str]) -> None:
        """More of a picture has come; `kinds` of layers are whole since now."""
        picture = self._picture_of(scope)
        if picture is None:
            self.counts["of pictures not here"] += 1
            return
        came = self._assembler.picture(scope)
        if scope.group == self._rival_group:
            self._show_rival(picture, came)
            return
        heard_s = {kind: round(time.time(), 3) for kind in kinds} | picture.about.get("heard_s", {})
        self._gallery.tell(picture, heard_s=heard_s)
        self._say_words(picture, came.payloads)
        if _CLASS_MAP in kinds and "map" not in picture.versions:
            self._maps.submit(self._draw_map, picture, came)
        with self._changed:
            self._waiting[picture.number] = came
            self._changed.notify()

    def _say_words(self, picture: LivePicture, payloads: Mapping[Key, bytes]) -> None:
        """The caption, at once: nothing is drawn for it."""
        if picture.about.get("caption_received") is not None:
            return
        words = {key: data for key, data in payloads.items() if data and data[0] & 15 == LayerKind.CAPTION}
        packet = _packet(words)
        said = what_a_packet_says(packet) if packet is not None else {"caption": None}
        if said["caption"] is not None:
            self._gallery.tell(picture, caption_received=said["caption"], words_received=said["words"])
            about = {"number": picture.number, "caption": said["caption"], "words": said["words"]}
            self._tell({"type": "words", **about, "heard_s": picture.about["heard_s"].get("caption")})

    def _draw(self, number: int, came: Picture) -> None:
        picture = self._gallery.get(number)
        packet = _packet(came.payloads)
        if picture is None or packet is None:
            return
        picture.received_packet = packet
        said = what_a_packet_says(packet)
        told = {f"{name}_received": said[name] for name in ("layers", "objects", "close_ups", "backing")}
        options = DecodeOptions(texture=1.0 if self.texture else 0.0)
        payloads = {LayerKey(*key): data for key, data in came.payloads.items()}
        required = tuple(LayerKey(*key) for key in came.missing.required)
        _, shown, notes = rebuild(payloads, required=required, options=options)
        self._show(picture, shown)  # before it is told that all of it is here
        self._gallery.tell(picture, **told, complete=came.complete, notes_received=notes)
        self._tell({"type": "picture", "picture": picture})

    def _show_rival(self, picture: LivePicture, came: Picture) -> None:
        """A picture file is small and quickly drawn: at once."""
        _, shown, _ = rebuild({LayerKey(*key): data for key, data in came.payloads.items()})
        if shown is not None and shown.picture is not None:
            self._gallery.show(picture, "avif", shown.picture)
            self._tell({"type": "picture", "picture": picture})

    def _draw_map(self, picture: LivePicture, came: Picture) -> None:
        """On a thread of its own: it does not wait for the picture before it."""
        maps = {key: data for key, data in came.payloads.items() if data and data[0] & 15 == LayerKind.CLASS_MAP}
        packet = _packet(maps)
        class_map = packet.content(LayerKind.CLASS_MAP) if packet is not None else None
        if class_map is not None:
            self._gallery.show(picture, "map", LayerKind.CLASS_MAP.type.draw(class_map, None)[0])
            self._tell({"type": "picture", "picture": picture})

    def _show(self, picture: LivePicture, shown: Reconstruction | None) -> None:
        if shown is None or shown.picture is None:
            return
        self._gallery.show(picture, "received", shown.picture)
        self._gallery.show(picture, "drawing", shown.drawing)
        if shown.provenance is not None:
            self._gallery.show(picture, "provenance", provenance.colour(shown.provenance))
            self._gallery.tell(picture, provenance=provenance.summary(shown.provenance))


def _packet(payloads: Mapping[Key, bytes]) -> SemanticPacket | None:
    """What arrived as a packet; None where it is none."""
    if not payloads:
        return None
    try:
        return SemanticPacket.from_payloads({LayerKey(*key): data for key, data in payloads.items()})
    except PacketError:
        return None
