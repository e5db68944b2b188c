"""Pictures of a session, at both ends: what is known of each, and its views as files for a browser."""

from __future__ import annotations

import io
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from semcom.semantic import Analysis, SemanticPacket

MOST_PICTURES = 200
"""Kept with their views; older ones are forgotten."""
MOST_AT_HAND = 12
"""Of which the sender keeps what it found, so that more of them can be asked for."""
LONGEST_VIEW = 1280
"""Pixels of the longer side of a view."""
_WEBP_QUALITY = 82


@dataclass
class LivePicture:
    """One picture.

    Attributes
    ----------
    number : int
        From 1; names it on the page and on the air.
    name : str
        As the sender calls it.
    about : dict
        What pages show: plain JSON.
    views : dict of str to (bytes, str)
        Contents and media type by name: photo, objects, class_map, detail_map, received, map,
        provenance, drawing.
    versions : dict of str to int
        Counts up with each new contents of a view.
    analysis, packet : what the sender found and sends; None at a receiver, and after a while
    received_packet : what has come of it; None at a sender, and after a while
    """

    number: int
    name: str
    about: dict[str, Any] = field(default_factory=dict)
    views: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    analysis: Analysis | None = None
    packet: SemanticPacket | None = None
    received_packet: SemanticPacket | None = None

    def as_dict(self) -> dict[str, Any]:
        return {"number": self.number, "name": self.name, **self.about, "views": dict(self.versions)}


class Gallery:
    """The pictures, newest last. Safe for several threads."""

    def __init__(self) -> None:
        self._pictures: OrderedDict[int, LivePicture] = OrderedDict()
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._pictures)

    def get(self, number: int) -> LivePicture | None:
        with self._lock:
            return self._pictures.get(number)

    def add(self, number: int, name: str) -> LivePicture:
        with self._lock:
            picture = self._pictures[number] = LivePicture(number, name, {"time_s": round(time.time(), 3)})
            while len(self._pictures) > MOST_PICTURES:
                self._pictures.popitem(last=False)
            for old in list(self._pictures.values())[:-MOST_AT_HAND]:
                old.analysis = old.packet = old.received_packet = None
            return picture

    def remove(self, picture: LivePicture) -> None:
        """One that will not be sent after all."""
        with self._lock:
            self._pictures.pop(picture.number, None)

    def tell(self, picture: LivePicture, **about: Any) -> None:
        """More of what is known."""
        with self._lock:
            picture.about.update(about)

    def show(self, picture: LivePicture, view: str, pixels: np.ndarray | None) -> None:
        """A new version of a view; None leaves the old one."""
        if pixels is None:
            return
        contents = (webp(pixels), "image/webp")
        with self._lock:
            picture.views[view] = contents
            picture.versions[view] = picture.versions.get(view, 0) + 1

    def as_list(self, words: str = "") -> list[dict[str, Any]]:
        """All pictures, newest first; with `words`, those whose caption or name holds each of them."""
        wanted = words.lower().split()
        with self._lock:
            told = [picture.as_dict() for picture in reversed(self._pictures.values())]
        return [entry for entry in told if all(word in _text_of(entry) for word in wanted)]


def _text_of(entry: dict[str, Any]) -> str:
    return f"{entry['name']} {entry.get('caption_received') or ''} {entry.get('caption') or ''}".lower()


def webp(pixels: np.ndarray) -> bytes:
    """uint8 [height, width, 3] as a WebP file, no larger than a page shows it."""
    image = Image.fromarray(pixels)
    image.thumbnail((LONGEST_VIEW, LONGEST_VIEW))
    file = io.BytesIO()
    image.save(file, "WEBP", quality=_WEBP_QUALITY, method=2)
    return file.getvalue()
