"""One live link in one process: photos in at one end, words, maps and pictures out at the other."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import numpy as np

from semcom.apps.live.air_loop import AirLoop
from semcom.apps.live.gallery import LivePicture
from semcom.apps.live.page_session import PageSession, object_in_box
from semcom.apps.live.radio_view import CameInBurst, burst_event, radio_event, smoothed
from semcom.apps.live.receiver import LiveReceiver
from semcom.apps.live.recorder import RECORDINGS
from semcom.apps.live.rival import RIVAL_GROUP
from semcom.apps.live.sender import LiveSender
from semcom.apps.live.settings import NO_INTERFERENCE_DB, LiveSettings
from semcom.apps.live.stage import BusyError
from semcom.flowgraphs.live.air import ON_AIR, AirEvent
from semcom.flowgraphs.live.loopback import LiveLoopback
from semcom.flowgraphs.loopback.result import DELIVERED, BurstStatistics, ReceivedFrame
from semcom.link import Scope
from semcom.phy.recording.metadata import WAVEFORM_KEY
from semcom.phy.recording.written_metadata import About
from semcom.phy.sensitivity import thresholds_db
from semcom.sdr_configs.radio import LoopbackRadio
from semcom.semantic import SemanticError

LAST_PICTURE = 65_535


class LiveSession(PageSession):
    """Sender, loopback and receiver side by side.

    Parameters
    ----------
    radio : LoopbackRadio
        Its waveform; the channel is that of the settings.
    settings : LiveSettings
    recordings : Path
        Folder of what is recorded from the page.
    """

    def __init__(
        self, radio: LoopbackRadio, settings: LiveSettings | None = None, recordings: Path = RECORDINGS
    ) -> None:
        super().__init__(settings)
        self._radio = radio
        self._stream, self._last = secrets.randbelow(1 << 16), 0
        self._came = CameInBurst()
        air = LiveLoopback(self.settings.channel_of(radio), with_taps=True)
        assert air.taps is not None and air.fading is not None  # asked for
        self._fading = air.fading
        self._taps, self._thresholds_db = air.taps, thresholds_db(air.waveform)
        self._snr_db: float | None = None
        facts = {
            "core:description": f"gr-semcom live page, waveform {radio.waveform}",
            "core:recorder": "gr-semcom live",
            "core:hw": "GNU Radio channel model",
            WAVEFORM_KEY: radio.waveform,
        }
        about = About(air.waveform.nominal_rate_hz, None, facts)
        self.record_from(self._taps.samples, lambda: about, recordings)
        self._air = AirLoop(air, self._heard, self._settled, self.fail)
        self._receiver = LiveReceiver(self.gallery, self._picture_of, self.hub.publish, RIVAL_GROUP)
        self._sender = LiveSender(self.gallery, air.waveform, self._stream, self._air.send, self.hub.publish)
        for thread in (self._air, self._receiver, self._sender):
            thread.start()

    def prepare(self) -> None:
        self._sender.prepare()

    def submit(self, name: str, pixels: np.ndarray, quick: bool = False) -> LivePicture:
        """A photo to send: uint8 [height, width, 3]; `quick`: by the small networks. Raises `BusyError`."""
        with self._lock:
            number = self._last % LAST_PICTURE + 1
            picture = self.gallery.add(number, name)
            self.gallery.tell(picture, stage="waiting")
            try:
                self._sender.submit(picture, pixels, self._settings_now(), quick)
            except BusyError:
                self.gallery.remove(picture)
                raise
            self._last = number
        self.tell_of(picture)
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
        self._sender.ask(picture, words, self._settings_now())
        return words

    def _settings_now(self) -> LiveSettings:
        return self.settings.with_mcs_for(self._snr_db, self._thresholds_db)

    def use(self, settings: LiveSettings) -> None:
        """The channel's at once, the others from the next picture on."""
        channel = settings.channel_of(self._radio).channel
        self._receiver.texture = settings.texture
        level_db = settings.interference_db if settings.interference_db > NO_INTERFERENCE_DB else None
        self._taps.set_interference(level_db, settings.interference_hz)
        self._fading.set_doppler(settings.doppler_hz)
        self._air.change(lambda air: air.set_channel(channel))

    def counts(self) -> dict[str, Any]:
        return {"outcomes": dict(self._outcomes), "frames": dict(self._receiver.counts)}

    def end(self) -> None:
        self._sender.stop()
        self._air.stop()
        self._receiver.stop()

    def _picture_of(self, scope: Scope) -> LivePicture | None:
        return self.gallery.get(scope.picture) if scope.stream == self._stream else None

    def _heard(self, event: AirEvent) -> None:
        if isinstance(event, ReceivedFrame):
            self._came.take(event, self._receiver.take(event))
        elif isinstance(event, BurstStatistics):
            came, self._came = self._came, CameInBurst()
            self._snr_db = smoothed(self._snr_db, event.snr_db)
            self.recorder.count_burst()
            self.tell_of_burst(burst_event(event, came), radio_event(event))
            self.tell_of_spectrum(self._taps.spectrum.spectrum())

    def _settled(self, number: int, outcomes: list[str]) -> None:
        self._outcomes.update(outcomes)
        picture = self.gallery.get(abs(number))
        if picture is None:
            return
        frames = "frames" if number > 0 else "avif_frames"  # see `rival_frames`
        settled = picture.about.get(f"{frames}_settled", 0) + len(outcomes)
        came = picture.about.get(f"{frames}_came", 0) + sum(outcome in (DELIVERED, ON_AIR) for outcome in outcomes)
        self.gallery.tell(picture, **{f"{frames}_settled": settled, f"{frames}_came": came})
        if settled >= picture.about.get(frames, 0):
            if number > 0:
                self.gallery.tell(picture, stage="sent")
            self.tell_of(picture)
            self.hub.publish({"type": "counts", "counts": self.counts()})
