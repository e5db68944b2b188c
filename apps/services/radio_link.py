"""Which air `semcom radio` works with: a real radio or loopback in a child process, or a virtual air."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from semcom.apps.delivery.radio_facts import require_confirmation, transmit_facts
from semcom.flowgraphs.live.air import Air
from semcom.flowgraphs.requirements import require_gnu_radio
from semcom.link.transports.key_files import KeyRing
from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.radio import LoopbackRadio, load_radio
from semcom.sdr_configs.real_radio import RealRadio

if TYPE_CHECKING:
    from semcom.apps.services.radio_process.child_air import ChildAir

ROLES = {"tx": (True, False), "rx": (False, True), "both": (True, True)}
"""Whether a radio of that role transmits, and whether it receives."""


@dataclass(frozen=True)
class AirOptions:
    """Options of `semcom radio` that say what its air is; see there."""

    role: str = "both"
    confirm_transmit: bool = False
    source: int | None = None
    hear_own: bool = False
    give_up_s: float = 86400.0
    snr_db: float | None = None
    cfo_hz: float | None = None
    virtual: str | None = None
    virtual_key: str = "air"


def make_air(name: str, options: AirOptions, ring: KeyRing, tell: Callable[[str], None]) -> tuple[Air, str]:
    """The air, open, and what it is in words.

    Parameters
    ----------
    name : str
        Of the radio, or the path of its file.
    options : AirOptions
    ring : KeyRing
        For a virtual air.
    tell : callable
        Given lines that a person should read before anything is transmitted.

    Raises
    ------
    ConfigError
        An option does not go with this radio; nobody has said that it may transmit.
    RadioError
        The radio is not there, or refuses a setting.
    """
    if options.role not in ROLES:
        raise ConfigError(f"role must be one of {', '.join(ROLES)}, got {options.role!r}")
    radio = load_radio(name)
    changes = {key: value for key in ("snr_db", "cfo_hz") if (value := getattr(options, key)) is not None}
    if changes and (options.virtual or not isinstance(radio, LoopbackRadio)):
        raise ConfigError(f"{', '.join(changes)} must be given for a loopback radio only, got --radio {name}")
    if options.virtual:
        return _virtual_air(radio.waveform, options, ring), f"virtual air {options.virtual}, waveform {radio.waveform}"
    if not isinstance(radio, LoopbackRadio) and ROLES[options.role][0]:
        require_confirmation(name, radio, options.confirm_transmit)
    air = _child_air(name, radio.waveform, options, tell)
    return air, air.about


def make_air_here(name: str, options: AirOptions, tell: Callable[[str], None]) -> tuple[Air, str]:
    """The air of a loopback or a real radio, in this process; otherwise as `make_air`."""
    radio = load_radio(name)
    changes = {key: value for key in ("snr_db", "cfo_hz") if (value := getattr(options, key)) is not None}
    if isinstance(radio, LoopbackRadio):
        return _live_loopback(radio.with_channel(**changes)), f"{name}, waveform {radio.waveform}"
    return _live_radio(name, radio, options, tell), f"{name}, {options.role}, waveform {radio.waveform}"


def _live_loopback(radio: LoopbackRadio) -> Air:
    from semcom.flowgraphs.live.loopback import LiveLoopback

    return LiveLoopback(radio)


def _live_radio(name: str, radio: RealRadio, options: AirOptions, tell: Callable[[str], None]) -> Air:
    from semcom.flowgraphs.live.radio import LiveRadio
    from semcom.flowgraphs.live.radio_settings import LiveSettings
    from semcom.flowgraphs.radios.rate_change import occupied_edge
    from semcom.phy.waveform import Waveform

    transmits, receives = ROLES[options.role]
    if transmits:
        require_confirmation(name, radio, options.confirm_transmit)
        waveform = Waveform.load(radio.waveform)
        for line in transmit_facts(radio, 2 * occupied_edge(waveform) * waveform.nominal_rate_hz):
            tell(line)
    source = secrets.randbelow(255) + 1 if options.source is None else options.source
    hears_itself = options.hear_own or getattr(radio, "loopback", "none") == "digital"
    settings = LiveSettings(transmits, receives, source, hears_itself, options.give_up_s, with_taps=receives)
    return LiveRadio(radio, settings)


def _child_air(name: str, waveform: str, options: AirOptions, tell: Callable[[str], None]) -> ChildAir:
    from semcom.apps.services.radio_process.child_start import child_options, start_child

    told = child_options(name, options)
    first = start_child(told)  # what follows takes as long to load as what the child loads meanwhile
    from semcom.apps.services.radio_process.child_air import ChildAir
    from semcom.phy.waveform import Waveform

    return ChildAir(told, Waveform.load(waveform), tell, first)


def _virtual_air(waveform: str, options: AirOptions, ring: KeyRing) -> Air:
    require_gnu_radio()
    from semcom.flowgraphs.live.virtual_air import MAX_AIR_MESSAGE_BYTES, MAX_QUEUED, VirtualAir
    from semcom.link.messages import Role
    from semcom.link.transports.client import Client
    from semcom.phy.waveform import Waveform

    limits = {"max_message_bytes": MAX_AIR_MESSAGE_BYTES, "max_queued": MAX_QUEUED}
    client = Client(options.virtual, ring, options.virtual_key, Role.RADIO, name="radio", **limits)
    return VirtualAir(Waveform.load(waveform), client)
