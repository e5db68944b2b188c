"""Bytes one way: a source to a radio, a radio to a sink, and over a loopback both."""

from __future__ import annotations

from collections.abc import Callable

from semcom.apps.delivery.stopping import Stopping
from semcom.apps.modem.account import counted, is_short
from semcom.apps.modem.airs import AirOptions, drawn_sources, load_settings, open_loopback, open_radio
from semcom.apps.modem.link_settings import LinkOptions, frame_bytes_for, make_exchange, piece_bytes_for
from semcom.apps.modem.ports.byte_files import check_framing
from semcom.apps.modem.ports.names import PortOptions, open_sink, open_source
from semcom.apps.modem.ports.port import Port, Quiet
from semcom.apps.modem.session import run_stations
from semcom.apps.modem.station import Station
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.radio import LoopbackRadio

BAD_INPUT, NOTHING_ARRIVED, INCOMPLETE = 2, 3, 4


def transmit_bytes(
    source_port: str,
    sink_port: str,
    air_options: AirOptions,
    link: LinkOptions,
    framing: str,
    source: int | None,
    tell: Callable[[str], None],
) -> tuple[Station, int]:
    """Send what a source gives; the station, and the exit status.

    Raises
    ------
    PortError, ConfigError, ConfigurationError, RadioError
        See the parts.
    """
    check_framing(framing)
    radio = load_settings(air_options)
    waveform = Waveform.load(radio.waveform)
    options = PortOptions(framing, piece_bytes_for(frame_bytes_for(link, waveform)))
    source_number, _ = drawn_sources(source)
    exchange = make_exchange(link, radio, source_number)
    is_loopback = isinstance(radio, LoopbackRadio)
    port: Port = open_source(source_port, options)
    sink: Port = Quiet()
    try:
        sink = open_sink(sink_port, options) if is_loopback else sink
        air = open_loopback(radio) if is_loopback else open_radio(air_options, radio, True, False, source_number, tell)
        try:
            station = Station(exchange, air, port, sink, tell, hears_itself=is_loopback)
            with Stopping() as stopping:
                run_stations([station], lambda: bool(stopping) or station.has_sent_all)
            station.write_rest()
            kept = air.status().get("frames_waiting", 0)
        finally:
            air.close()
    finally:
        port.close()
        sink.close()
    if kept:
        tell(f"{counted(kept, 'block')} did not go out")
        return station, INCOMPLETE
    if getattr(port, "is_damaged", False):
        return station, BAD_INPUT
    return station, _status(station) if is_loopback else 0


def receive_bytes(
    sink_port: str,
    air_options: AirOptions,
    framing: str,
    keep_on: bool,
    timeout_s: float,
    tell: Callable[[str], None],
) -> tuple[Station, int]:
    """Hand what comes to a sink; the station, and the exit status. Raises as `transmit_bytes`."""
    check_framing(framing)
    radio = load_settings(air_options)
    if isinstance(radio, LoopbackRadio):
        raise ConfigError(
            "a loopback has no other end to receive from: `semcom modem tx` with it also receives, to its --sink"
        )
    exchange = make_exchange(LinkOptions(callsign=""), radio, 0)
    sink = open_sink(sink_port, PortOptions(framing))
    try:
        air = open_radio(air_options, radio, False, True, 0, tell)
        try:
            station = Station(exchange, air, _ended(), sink, tell, hears_itself=True)

            def is_over() -> bool:
                if air.status()["state"] == "ended":
                    station.step()
                    return True
                # A recording is heard to its end: the station that sent the stream says who it was behind it.
                has_all = station.order.ended and air_options.recording is None
                return bool(stopping) or (has_all and not keep_on)

            with Stopping() as stopping:
                run_stations([station], is_over, timeout_s)
            station.write_rest()
        finally:
            air.close()
    finally:
        sink.close()
    if not station.counts["bursts"]:
        tell(f"nothing was heard: no burst of waveform {radio.waveform}")
    return station, _status(station)


def _status(station: Station) -> int:
    if not station.counts["packets_out"] and not station.order.ended:
        return NOTHING_ARRIVED
    return INCOMPLETE if is_short(station) else 0


def _ended() -> Port:
    """A source that gives nothing."""
    port = Quiet()
    port.ended = True
    return port
