"""`semcom radio` inside the page's process, for a radio that is plugged into this computer: no keys to be made by hand.

Transmitting needs the same confirmation as there; the driver runs in a child process, as there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from semcom.apps.live.hosts.host_thread import HostThread
from semcom.apps.live.hosts.radio_samples import RadioSamples
from semcom.apps.services.radio_link import AirOptions, make_air
from semcom.apps.services.radio_process.radio import RadioService
from semcom.flowgraphs.radios.sigmf_files import about_radio
from semcom.link.transports.key_files import KeyRing, make_acquainted
from semcom.phy.recording.written_metadata import About
from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.radio import LoopbackRadio, load_radio

KEY = "radio"


class OwnRadio:
    """A radio service on a free port of this computer, and the keys of the one host that may use it.

    Parameters
    ----------
    radio : str
        Name or file of a real radio.
    role : str
        ``tx`` or ``rx``: what the radio does, and the host that may use it.
    confirm_transmit : bool
    tell : callable
        Given lines that a person should read before anything is transmitted.

    Attributes
    ----------
    address : str
        Where the host connects.
    ring : KeyRing
        Of that host.
    about : str
        The radio in words.
    samples : RadioSamples

    Raises
    ------
    ConfigError, RadioError
        The radio is none that does this, is not there, or nobody has said that it may transmit.
    """

    def __init__(self, radio: str, role: str, confirm_transmit: bool, tell: Callable[[str], None]) -> None:
        self._radio = load_radio(radio)
        if isinstance(self._radio, LoopbackRadio):
            raise ConfigError(
                f"--{role} needs a real radio or the address of a radio process (tcp://...), got the loopback {radio}, "
                "which has both ends: leave --tx and --rx out"
            )
        with tempfile.TemporaryDirectory(prefix="semcom-keys-") as folder:
            make_acquainted(Path(folder), [KEY, role])
            # no folder: it goes at once, and the keys are not to go with it
            ring, self.ring = (replace(KeyRing.load(Path(folder) / name), folder=None) for name in (KEY, role))
        air, self.about = make_air(radio, AirOptions(role, confirm_transmit), ring, tell)
        self._air, self.address = air, ""

        def make() -> RadioService:
            try:
                service = RadioService(air, "tcp://127.0.0.1:*", ring, self.about)
            except BaseException:
                air.close()
                raise
            self.address = service.server.address
            return service

        self._thread = HostThread("radio", make)
        self._thread.start_and_wait()
        self.samples = RadioSamples(air, self._thread.do)

    def about_samples(self) -> About:
        """What a recording that begins now says of them. Raises `OSError`."""
        rate_hz = self._air.status().get("sample_rate_hz")
        if rate_hz is None:
            raise OSError("the radio has not told its sample rate yet")
        return about_radio(self._radio, rate_hz)

    def close(self) -> None:
        self._thread.stop()
