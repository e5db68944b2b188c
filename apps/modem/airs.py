"""Which air a modem works with: a radio, a recording, or a loopback of one or two stations."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from semcom.apps.delivery.radio_facts import require_confirmation, transmit_facts
from semcom.flowgraphs.live.loopback import LiveLoopback
from semcom.flowgraphs.live.radio import LiveRadio
from semcom.flowgraphs.live.radio_settings import LiveSettings
from semcom.flowgraphs.live.two_way import TwoWayLoopback
from semcom.flowgraphs.radios.rate_change import occupied_edge
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.radio import LoopbackRadio, load_radio, parse_radio
from semcom.sdr_configs.real_radio import RealRadio

RECORDING_RADIO = "sigmf_replay"
LOOPBACK = "loopback"
"""Short for `loopback-awgn`."""


@dataclass(frozen=True)
class AirOptions:
    """What the command line says of the air.

    Attributes
    ----------
    radio : str
        Name or path of a radio file.
    recording : str
        In the place of a radio: written by ``tx --to``, read by ``rx --from``.
    changes : mapping
        Keys of the radio file that the command line gives.
    channel : mapping
        Keys of the channel of a loopback.
    confirm_transmit : bool
    give_up_s : float
    """

    radio: str | None = None
    recording: str | None = None
    changes: tuple[tuple[str, Any], ...] = ()
    channel: tuple[tuple[str, Any], ...] = ()
    confirm_transmit: bool = False
    give_up_s: float = 86400.0


def load_settings(options: AirOptions) -> LoopbackRadio | RealRadio:
    """The radio with what the command line changes of it.

    Raises
    ------
    ConfigError
        No radio, both a radio and a recording, or a value that cannot be.
    """
    if (options.radio is None) == (options.recording is None):
        raise ConfigError("either --radio or a recording (--to, --from) must be given, got both or none")
    name = options.radio if options.radio is not None else RECORDING_RADIO
    name = "loopback-awgn" if name == LOOPBACK else name
    settings = load_radio(name)
    changes = dict(options.changes)
    if options.recording is not None:
        changes |= {"recording": options.recording, "confirm_transmit": True}
    if changes:
        settings = parse_radio({**settings.model_dump(), **changes}, name)
    if options.channel:
        if not isinstance(settings, LoopbackRadio):
            keys = ", ".join(key for key, _ in options.channel)
            raise ConfigError(f"{keys} must be given for a loopback only, got radio {name}")
        settings = settings.with_channel(**dict(options.channel))
    return settings


def occupied_hz(radio: LoopbackRadio | RealRadio) -> float:
    """Bandwidth of the waveform."""
    waveform = Waveform.load(radio.waveform)
    return 2 * occupied_edge(waveform) * waveform.nominal_rate_hz


def open_radio(
    options: AirOptions,
    radio: RealRadio,
    transmits: bool,
    receives: bool,
    source: int,
    tell: Callable[[str], None],
    senses_band: bool = False,
) -> LiveRadio:
    """A real radio, a socket or a recording.

    Raises
    ------
    ConfigError
        Nobody has said that it may transmit.
    RadioError
        It is not there, or refuses a setting.
    """
    if transmits:
        require_confirmation(options.radio or RECORDING_RADIO, radio, options.confirm_transmit)
        if options.recording is None:
            for line in transmit_facts(radio, occupied_hz(radio)):
                tell(line)
    # What carries our number is given out, too: only so another station that has it is noticed.
    return LiveRadio(radio, LiveSettings(transmits, receives, source, True, options.give_up_s, senses_band))


def open_loopback(radio: LoopbackRadio) -> LiveLoopback:
    """One station that hears itself, as fast as the computer allows."""
    return LiveLoopback(radio)


def open_two_way(radio: LoopbackRadio, sources: tuple[int, int], one_frequency: bool) -> TwoWayLoopback:
    """Two stations, at the pace of a radio.

    Raises
    ------
    ConfigError
        Both have one number.
    """
    if sources[0] == sources[1]:
        raise ConfigError(f"source numbers of two stations must differ, got {sources[0]} for both")
    return TwoWayLoopback(radio, sources, one_frequency)


def drawn_sources(given: int | None, far: int | None = None) -> tuple[int, int]:
    """Source numbers of two stations, from 1 to 255 and by chance where none is given; then they differ."""
    free = [number for number in range(1, 256) if number not in (given, far)]
    first = secrets.choice(free) if given is None else given
    second = secrets.choice([number for number in free if number != first]) if far is None else far
    return first, second
