"""Packets both ways: one station at a radio, or two stations and a loopback between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from semcom.apps.delivery.stopping import Stopping
from semcom.apps.modem.airs import AirOptions, drawn_sources, load_settings, open_radio, open_two_way
from semcom.apps.modem.link_settings import LinkOptions, make_exchange
from semcom.apps.modem.ports.names import PortOptions, open_both_ways
from semcom.apps.modem.ports.port import Port
from semcom.apps.modem.session import run_stations
from semcom.apps.modem.station import Station
from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.radio import LoopbackRadio


def run_tunnel(
    names: Sequence[str],
    air_options: AirOptions,
    link: LinkOptions,
    mtu: int,
    sources: tuple[int | None, int | None],
    timeout_s: float,
    tell: Callable[[str], None],
) -> list[Station]:
    """Until Ctrl-C, SIGTERM or the time is over; the stations.

    Raises
    ------
    PortError, ConfigError, ConfigurationError, RadioError
        See the parts.
    """
    radio = load_settings(air_options)
    is_loopback = isinstance(radio, LoopbackRadio)
    if len(names) != 1 + is_loopback:
        ends = "both ends in this process: two ports" if is_loopback else "one end: one port"
        raise ConfigError(f"a tunnel over this radio has {ends}, got {len(names)}")
    numbers = drawn_sources(*sources)
    exchanges = [make_exchange(link, radio, number) for number, _ in zip(numbers, names, strict=False)]
    ports: list[Port] = []
    try:
        for name in names:
            ports.append(open_both_ways(name, PortOptions(mtu=mtu)))
        if is_loopback:
            whole = open_two_way(radio, numbers, link.half_duplex)
            airs = list(whole.ends)
        else:
            whole = open_radio(air_options, radio, True, True, numbers[0], tell, link.half_duplex)
            airs = [whole]
        try:
            parts = zip(exchanges, airs, ports, strict=True)
            stations = [Station(exchange, air, port, port, tell) for exchange, air, port in parts]
            with Stopping() as stopping:
                run_stations(stations, lambda: bool(stopping), timeout_s, rest_s=0.05)
        finally:
            whole.close()
    finally:
        for port in ports:
            port.close()
    return stations
