"""Which session stands behind the page: both ends over a loopback, or one end of two computers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from semcom.apps.live.page_session import PageSession
from semcom.apps.report.output_folder import check_target
from semcom.apps.services.service_log import start_log
from semcom.apps.services.start import check_watched
from semcom.link.transports.key_files import KeyRing
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.radio import load_loopback, load_radio
from semcom.semantic import RequestError

log = logging.getLogger("semcom.live")


@dataclass(frozen=True)
class HostOptions:
    """Options of `semcom live` that say what is behind the page; see there."""

    tx: bool = False
    rx: bool = False
    radio: str = "loopback-awgn"
    confirm_transmit: bool = False
    keys: Path | None = None
    radio_key: str = "radio"
    waveform: str = "ofdm64"
    watch: Path | None = None
    folder: Path | None = None

    @property
    def role(self) -> str:
        return "tx" if self.tx else "rx" if self.rx else ""

    @property
    def is_far(self) -> bool:
        """Whether the radio is another process."""
        return self.radio.startswith("tcp://")

    def check(self) -> None:
        """Raises `RequestError` where they do not go together, `ConfigError` where there is no such radio."""
        if self.tx and self.rx:
            raise RequestError("--tx and --rx are of two computers: leave both out to have both ends on one page")
        if not self.role:
            given = [
                option
                for option, value in (
                    ("--confirm-transmit", self.confirm_transmit),
                    ("--keys", self.keys),
                    ("--watch", self.watch),
                    ("--folder", self.folder),
                )
                if value
            ]
            if given or self.is_far:
                raise RequestError(f"{given[0] if given else '--radio tcp://...'} goes with --tx or --rx only")
            load_loopback(self.radio)
        elif self.is_far:
            if self.keys is None:
                raise RequestError(f"--radio {self.radio} needs --keys: the folder that semcom keygen made")
        else:
            load_radio(self.radio)


def open_session(options: HostOptions, tell: Callable[[str], None]) -> PageSession:
    """The session, running. `tell` is given lines that a person should read before anything is transmitted."""
    if not options.role:
        from semcom.apps.live.session import LiveSession

        return LiveSession(load_loopback(options.radio))
    start_log()
    folder = options.folder or Path(f"out/live-{options.role}")
    check_target(folder, is_folder=True)
    check_watched(options.watch, log)
    if options.is_far:
        ring = KeyRing.load(options.keys or Path())
        return _session(options, options.radio, ring, folder, options.waveform)
    from semcom.apps.live.hosts.own_radio import KEY, OwnRadio

    radio = OwnRadio(options.radio, options.role, options.confirm_transmit, tell)
    tell(radio.about)
    try:
        session = _session(options, radio.address, radio.ring, folder, load_radio(options.radio).waveform, KEY)
    except BaseException:
        radio.close()
        raise
    session.beside.append(radio.close)
    if options.rx:
        session.record_from(radio.samples, radio.about_samples)
    return session


def _session(
    options: HostOptions, address: str, ring: KeyRing, folder: Path, waveform: str, radio_key: str = ""
) -> PageSession:
    radio_key = radio_key or options.radio_key
    if options.tx:
        from semcom.apps.live.hosts.tx_session import TxSession

        return TxSession(address, ring, radio_key, folder, Waveform.load(waveform), options.watch)
    from semcom.apps.live.hosts.rx_session import RxSession

    return RxSession(address, ring, radio_key, folder)
