"""The last pictures that host tx has sent, with the request of each: more of them may be asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from semcom.link import RefinementFrame, Scope
from semcom.semantic import Analysis, EncodeRequest, SemanticPacket, analyse
from semcom.semantic.picture_file import decode_picture_file

MAX_RECENT = 16
MAX_RECENT_BYTES = 128 << 20
MAX_ANALYSES = 3
MAX_ANALYSED_BYTES = 96 << 20
"""Of pixels: an analysis holds a few times as much."""


@dataclass
class RecentPicture:
    """A picture that was sent, as long as somebody may ask for more of it.

    Attributes
    ----------
    name : str
    content : bytes
        Its file; empty where it came as a packet: then there is no more to say.
    packet : SemanticPacket
        With the layers of all answers so far.
    request : EncodeRequest
        Under which it was coded: every answer is made under the same.
    analysis : Analysis or None
        What it was coded from, while that is kept.
    answered : frozenset of (number, content)
        Refinement requests that need no second answer.
    """

    name: str
    content: bytes
    packet: SemanticPacket
    request: EncodeRequest = field(default_factory=EncodeRequest)
    analysis: Analysis | None = None
    answered: frozenset[tuple[int, bytes]] = frozenset()


class RecentPictures:
    """At most `MAX_RECENT` pictures, and `MAX_RECENT_BYTES` of files.

    Of the last `MAX_ANALYSES` that were sent or asked for the analysis is kept too, up to `MAX_ANALYSED_BYTES`.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[Scope, RecentPicture] = OrderedDict()
        self._analysed: list[RecentPicture] = []
        self._lock = threading.Lock()

    def keep(self, scope: Scope, picture: RecentPicture) -> None:
        """Keep a picture that is being sent; the oldest ones go."""
        self._kept[scope] = picture
        while len(self._kept) > MAX_RECENT or sum(len(kept.content) for kept in self._kept.values()) > MAX_RECENT_BYTES:
            self._kept.popitem(last=False)
        self._keep_analysis(picture, picture.analysis)

    def asked(self, request: RefinementFrame) -> RecentPicture | str:
        """The picture that a refinement request is about, or why there is no answer."""
        picture = self._kept.get(request.scope)
        mark = (request.number, request.content)
        if picture is None:
            return f"not among the last {len(self._kept)} pictures that were sent since host tx was started"
        if not picture.content:
            return f"{picture.name} came as a packet: the picture itself is not here"
        if mark in picture.answered:
            return "answered before"
        picture.answered |= {mark}
        return picture

    def analysis_of(self, picture: RecentPicture) -> Analysis:
        """What it was coded from, else what a new look under the stored request finds."""
        analysis = picture.analysis  # another thread may let it go
        if analysis is None:
            analysis = analyse(decode_picture_file(picture.content), picture.request)
        self._keep_analysis(picture, analysis)
        return analysis

    def _keep_analysis(self, picture: RecentPicture, analysis: Analysis | None) -> None:
        with self._lock:
            picture.analysis = analysis
            self._analysed = [kept for kept in self._analysed if kept is not picture]
            if analysis is not None:
                self._analysed.append(picture)
            while len(self._analysed) > MAX_ANALYSES or self._num_bytes() > MAX_ANALYSED_BYTES:
                self._analysed.pop(0).analysis = None

    def _num_bytes(self) -> int:
        return sum(kept.analysis.picture.nbytes for kept in self._analysed if kept.analysis is not None)
