"""The sender's page of two computers: `host tx` behind it, photos from the page and from a watched folder."""

from __future__ import annotations

import io
import secrets
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from semcom.apps.delivery.frame_plan import FramePlan
from semcom.apps.delivery.stored_request import write_request
from semcom.apps.live.gallery import LivePicture
from semcom.apps.live.hosts.host_thread import HostThread
from semcom.apps.live.hosts.radio_presence import THERE, RadioPresence
from semcom.apps.live.loading import load_models
from semcom.apps.live.packet_view import draw_findings, what_a_packet_says
from semcom.apps.live.page_session import PageSession
from semcom.apps.live.sender import MOST_WAITING
from semcom.apps.live.settings import AUTOMATIC, LiveSettings
from semcom.apps.live.stage import BusyError
from semcom.apps.report.result_folder import write_file_whole
from semcom.apps.services.receiving.result_names import name_of
from semcom.apps.services.records.sent_picture import SentPicture
from semcom.apps.services.sending.host_tx import HostTx, TxSettings
from semcom.apps.services.sending.picture_source import Encoded, PictureSource
from semcom.apps.services.sending.sent_pictures import SentPictures
from semcom.link import Scope
from semcom.link.messages import Role
from semcom.link.transports.client import Client
from semcom.link.transports.key_files import KeyRing
from semcom.phy.waveform import Waveform
from semcom.semantic import EncodeRequest, SemanticError

TELL_EVERY_S = 0.25
_MOST_KNOWN = 64
"""Pictures on the air whose progress is told."""


class TxSession(PageSession):
    """`host tx` with a page.

    Parameters
    ----------
    address : str
        Of the radio process.
    ring : KeyRing
    radio_key : str
        The radio's name among the peers.
    state : Path
        Folder of the host: journal, account, photos that wait.
    waveform : Waveform
        Of the radio.
    watch : Path or None
        Pictures that appear in this folder are sent, too.
    settings : LiveSettings or None
    """

    ends = ("sender",)
    settable = frozenset({"mcs", "policy", "budget_bytes", "without", "profile"})

    def __init__(
        self,
        address: str,
        ring: KeyRing,
        radio_key: str,
        state: Path,
        waveform: Waveform,
        watch: Path | None = None,
        settings: LiveSettings | None = None,
    ) -> None:
        super().__init__(settings)
        self._waveform, self._requests = waveform, state / "requests"
        self._requests.mkdir(parents=True, exist_ok=True)
        self._numbers = 0
        self._by_file: dict[str, LivePicture] = {}
        self._on_air: OrderedDict[Scope, LivePicture] = OrderedDict()
        self._told_at_s, self._presence = 0.0, RadioPresence()
        self._drawing = ThreadPoolExecutor(1, "semcom live views")

        def make() -> HostTx:
            sent = SentPictures(state / "journal", secrets.randbelow(1 << 16), resume=True)
            source = PictureSource(watch, self._requests, sent.is_done, EncodeRequest())
            client = Client(address, ring, radio_key, Role.TX, name="host tx")
            plan = FramePlan(self.settings.air(), waveform)
            host = HostTx(client, source, sent, TxSettings(), state, plan)
            host.on_encoded = self._encoded
            self._host = host
            return host

        self._thread = HostThread("host tx", make, self._look, self.fail)
        self._thread.start_and_wait()

    def prepare(self) -> None:
        self._drawing.submit(load_models)

    def submit(self, name: str, pixels: np.ndarray, quick: bool = False) -> LivePicture:
        """A photo to send; it lies in the host's folder before this returns. Raises `BusyError`, `OSError`."""
        with self._lock:
            if len(self._by_file) >= MOST_WAITING:
                raise BusyError(f"{MOST_WAITING} pictures wait already, try again in a moment")
            picture = self._add(name)
            path = self._requests / f"{time.time_ns()}-live.png"
            self._by_file[path.name] = picture
            settings = self.settings
        try:
            file = io.BytesIO()
            Image.fromarray(pixels).save(file, "PNG", compress_level=1)
            if settings.request() != EncodeRequest():
                write_request(path, settings.request())
            write_file_whole(path, file.getvalue())
        except BaseException:
            self._by_file.pop(path.name, None)
            self.gallery.remove(picture)
            raise
        self._drawing.submit(self._show_photo, picture, pixels)
        self.tell_of(picture)
        return picture

    def use(self, settings: LiveSettings) -> None:
        """From the next picture on. Raises `SemanticError` for an MCS that only the other end could choose."""
        if settings.mcs == AUTOMATIC:
            raise SemanticError("mcs must be one of the table here: no measured SNR comes back to this page")
        plan = FramePlan(settings.air(), self._waveform)
        self._thread.do(lambda: self._host.use_plan(plan))

    def counts(self) -> dict[str, Any]:
        """Frames of pictures that are closed, by what became of them."""
        return {"outcomes": dict(self._outcomes), "frames": {}}

    def end(self) -> None:
        self._thread.stop()
        self._drawing.shutdown(cancel_futures=True)

    def _add(self, name: str) -> LivePicture:
        self._numbers += 1
        picture = self.gallery.add(self._numbers, name)
        self.gallery.tell(picture, stage="waiting")
        return picture

    def _encoded(self, encoded: Encoded, sent: SentPicture | None, reason: str) -> None:
        """On the host's thread: a photo has become frames, or is refused."""
        picture = self._by_file.pop(encoded.file.path.name, None) or self._add(encoded.file.path.name)
        if sent is None or encoded.packet is None:
            self.gallery.tell(picture, stage="failed", error=reason)
            self.tell_of(picture)
            return
        self._on_air[sent.scope] = picture
        while len(self._on_air) > _MOST_KNOWN:
            self._on_air.popitem(last=False)
        self.gallery.tell(
            picture,
            stage="sending",
            encode_s=round(encoded.seconds, 3),
            packet_bytes=len(encoded.packet.to_bytes()),
            frames=len(sent.frames),
            frames_came=0,
            notes=[f"Not sent: {kind} ({why})." for kind, why in encoded.packet.left_out],
            **what_a_packet_says(encoded.packet),
        )
        self.tell_of(picture)
        self._drawing.submit(self._show_findings, picture, encoded)

    def _show_photo(self, picture: LivePicture, pixels: np.ndarray) -> None:
        self.gallery.show(picture, "photo", pixels)
        self.gallery.tell(picture, width=pixels.shape[1], height=pixels.shape[0])
        self.tell_of(picture)

    def _show_findings(self, picture: LivePicture, encoded: Encoded) -> None:
        if encoded.analysis is None or encoded.packet is None:  # it came as a packet
            return
        pixels = encoded.analysis.picture
        self.gallery.show(picture, "photo", pixels)  # as it may be shown: what must not be sent is blanked
        draw_findings(self.gallery, picture, pixels, encoded.packet)
        self.tell_of(picture)

    def _look(self) -> None:
        """After each step of the host: what has come, and whether the radio is there."""
        now_s = time.monotonic()
        if now_s - self._told_at_s < TELL_EVERY_S:
            return
        self._told_at_s = now_s
        if (said := self._presence.look(self._host.client)) is not None:
            self.failure = said or None
            self.hub.publish({"type": "link", "sentence": said or THERE})
        for scope, picture in list(self._on_air.items()):
            sent = self._host.sent_pictures.open.get(scope)
            if sent is None:
                self._closed(scope, picture)
            elif (came := len(sent.frames) - len(sent.missing)) != picture.about.get("frames_came"):
                self.gallery.tell(picture, frames_came=came)
                self.tell_of(picture)

    def _closed(self, scope: Scope, picture: LivePicture) -> None:
        del self._on_air[scope]
        closed = reversed(self._host.sent_pictures.recent)
        told = next((e for e in closed if (e["stream"], e["group"], e["number"]) == tuple(scope)), {})
        came = told.get("delivered", 0) + told.get("repaired", 0)
        lost = told.get("lost_by_cause", {})
        self._outcomes.update({"delivered": came, **lost})
        self.gallery.tell(picture, stage="sent", frames_came=came, name_on_air=name_of(scope))
        self.tell_of(picture)
        self.hub.publish({"type": "counts", "counts": self.counts()})
