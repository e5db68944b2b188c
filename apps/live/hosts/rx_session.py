"""The receiver's page of two computers: `host rx` behind it, which writes results as ever; the page shows them come."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

from semcom.apps.live.gallery import LivePicture
from semcom.apps.live.hosts.host_thread import HostThread
from semcom.apps.live.hosts.radio_presence import THERE, RadioPresence
from semcom.apps.live.page_session import PageSession, object_in_box
from semcom.apps.live.radio_view import CameInBurst, burst_event, radio_event
from semcom.apps.live.receiver import LiveReceiver
from semcom.apps.live.settings import LiveSettings
from semcom.apps.services.receiving.host_rx import WINDOW, HostRx
from semcom.apps.services.receiving.received_pictures import ReceivedPictures
from semcom.apps.services.receiving.result_folders import ResultFolders
from semcom.apps.services.receiving.result_names import name_of
from semcom.apps.services.receiving.retention import Keep
from semcom.apps.services.refinement_answers import put_request
from semcom.flowgraphs.live.spectrum import Spectrum
from semcom.flowgraphs.loopback.result import BurstStatistics, ReceivedFrame
from semcom.link import RefinementFrame, Scope
from semcom.link.messages import Role
from semcom.link.transports.client import Client
from semcom.link.transports.key_files import KeyRing
from semcom.semantic import RefinementRequest, SemanticError
from semcom.semantic.layers import LayerKind
from semcom.semantic.vocabulary import Vocabulary

TELL_EVERY_S = 0.25
_MOST_KNOWN = 256
"""Names on the air that are known by a number of the page."""


class RxSession(PageSession):
    """`host rx` with a page.

    Parameters
    ----------
    address : str
        Of the radio process.
    ring : KeyRing
    radio_key : str
        The radio's name among the peers.
    out : Path
        Folder of the results.
    keep : int
        Results kept.
    settings : LiveSettings or None
    """

    ends = ("receiver",)
    settable = frozenset({"texture"})

    def __init__(
        self,
        address: str,
        ring: KeyRing,
        radio_key: str,
        out: Path,
        keep: int = 10_000,
        settings: LiveSettings | None = None,
    ) -> None:
        super().__init__(settings)
        self._state = out / ".state"
        self._numbers: OrderedDict[Scope, int] = OrderedDict()
        self._last = 0
        self._told_at_s, self._told_counts, self._presence = 0.0, {}, RadioPresence()
        self._came = CameInBurst()
        self._receiver = LiveReceiver(self.gallery, self._picture_of, self.hub.publish)

        def make() -> HostRx:
            results = ResultFolders(out, Keep(keep))
            pictures = ReceivedPictures(self._state / "frames", results.payloads, results.to_disk)
            host = HostRx(Client(address, ring, radio_key, Role.RX, WINDOW, "host rx"), pictures, results, self._state)
            host.on_frame, host.on_burst = self._heard, self._burst
            host.on_spectrum = lambda body: self.tell_of_spectrum(Spectrum(**body))
            self._host = host
            return host

        self._thread = HostThread("host rx", make, self._look, self.fail)
        self._thread.start_and_wait()
        self._receiver.start()

    def ask(self, number: int, words: str = "", box: tuple[float, float, float, float] | None = None) -> str:
        """Leave a refinement request for the host: it goes to the sender where there is a way back."""
        picture = self.gallery.get(number)
        scope = next((scope for scope, known in self._numbers.items() if known == number), None)
        if picture is None or scope is None:
            raise SemanticError(f"picture {number} is not here")
        if box is not None:
            words = f"object {object_in_box(picture.about.get('objects_received') or [], box)}"
        objects = picture.received_packet.content(LayerKind.OBJECTS) if picture.received_packet else None
        vocabulary = objects.vocabulary if objects else Vocabulary.load()
        request = RefinementRequest.from_words(words, vocabulary)
        put_request(self._state, RefinementFrame(scope, secrets.randbelow(256), request.to_bytes()))
        self.gallery.tell(picture, asked=words, answer="asked; what comes is shown")
        self.tell_of(picture)
        return words

    def use(self, settings: LiveSettings) -> None:
        self._receiver.texture = settings.texture

    def counts(self) -> dict[str, Any]:
        """Frames heard, and what was lost by cause."""
        lost = {name: self._host.counts[name] for name in ("signal field lost", "block CRC failed")}
        return {"outcomes": {}, "frames": {**self._receiver.counts, **{k: v for k, v in lost.items() if v}}}

    def end(self) -> None:
        self._thread.stop()
        self._receiver.stop()

    def _picture_of(self, scope: Scope) -> LivePicture | None:
        """The page's picture of that name; a new one where it is not known."""
        if not scope.picture:
            return None  # layers of a group: they are shown with its pictures
        number = self._numbers.get(scope)
        if number is None:
            self._last += 1
            number = self._numbers[scope] = self._last
            while len(self._numbers) > _MOST_KNOWN:
                self._numbers.popitem(last=False)
            picture = self.gallery.add(number, name_of(scope))
            self.gallery.tell(picture, stage="coming")
        return self.gallery.get(number)

    def _heard(self, body: dict[str, Any]) -> None:
        """On the host's thread: a frame is on the disk."""
        frame = ReceivedFrame.from_received(body)
        self._came.take(frame, self._receiver.take(frame))

    def _burst(self, body: dict[str, Any]) -> None:
        came, self._came = self._came, CameInBurst()
        burst = BurstStatistics.from_burst(body)
        if self.recorder is not None:
            self.recorder.count_burst()
        self.tell_of_burst(burst_event(burst, came), radio_event(burst) if burst.view else None)

    def _look(self) -> None:
        now_s = time.monotonic()
        if now_s - self._told_at_s < TELL_EVERY_S:
            return
        self._told_at_s = now_s
        if (counts := self.counts()) != self._told_counts:
            self._told_counts = counts
            self.hub.publish({"type": "counts", "counts": counts})
        if (said := self._presence.look(self._host.client)) is not None:
            self.failure = said or None
            self.hub.publish({"type": "link", "sentence": said or THERE})
