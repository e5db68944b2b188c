"""`semcom radio`: the process that has the radio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from semcom.apps.commands.console import out, plain_errors
from semcom.apps.commands.services.configuration import ConfigOption
from semcom.apps.commands.services.opening import open_service
from semcom.apps.commands.services.options import (
    RADIO_ADDRESS,
    KeysOption,
    LogFormatOption,
    LogLevelOption,
    MetricsOption,
    StateOption,
)
from semcom.apps.services.service_log import LogFormat, LogLevel

if TYPE_CHECKING:
    from semcom.apps.services.radio_process.radio import RadioService


def radio(
    keys: KeysOption,
    listen: Annotated[str, typer.Option(help="Where hosts connect.")] = RADIO_ADDRESS,
    radio: Annotated[str, typer.Option(help="Radio: a name from sdr_configs/ or a YAML file.")] = "loopback-awgn",
    role: Annotated[str, typer.Option(help="What a real radio does: tx, rx or both.")] = "both",
    confirm_transmit: Annotated[
        bool, typer.Option("--confirm-transmit", help="I may transmit on this frequency with this power.")
    ] = False,
    source: Annotated[
        int | None, typer.Option(help="Number that our bursts carry.", min=0, max=255, show_default="by chance")
    ] = None,
    hear_own: Annotated[
        bool, typer.Option("--hear-own", help="Receive our own bursts: the transmitter is cabled to the receiver.")
    ] = False,
    give_up_s: Annotated[float, typer.Option(help="How long to wait for a radio that is lost.", min=0)] = 86400.0,
    snr_db: Annotated[float | None, typer.Option(help="Signal-to-noise ratio.", show_default="by the radio")] = None,
    cfo_hz: Annotated[float | None, typer.Option(help="Carrier offset.", show_default="by the radio")] = None,
    air: Annotated[
        str | None, typer.Option(help="Address of a virtual air (semcom air); then --radio names the waveform only.")
    ] = None,
    air_key: Annotated[str, typer.Option(help="Name of the air's key in peers/.")] = "air",
    state: StateOption = None,
    metrics_port: MetricsOption = 9602,
    log_level: LogLevelOption = LogLevel.INFO,
    log_format: LogFormatOption = LogFormat.TEXT,
    config: ConfigOption = None,
) -> None:
    """Run the radio: takes frames from host tx, gives received ones to host rx."""
    with plain_errors():
        from semcom.apps.services.radio_link import AirOptions, make_air

        opening = open_service("radio", keys, state, metrics_port, log_level, log_format)
        options = AirOptions(role, confirm_transmit, source, hear_own, give_up_s, snr_db, cfo_hz, air, air_key)

        def make() -> RadioService:
            made, about = make_air(radio, options, opening.ring, lambda line: out.print(f"  {escape(line)}"))
            from semcom.apps.services.radio_process.radio import RadioService

            try:
                return RadioService(made, listen, opening.ring, about)
            except BaseException:
                made.close()
                raise

        opening.run(make, lambda service: f"radio at {service.server.address}: {escape(service.about)}")
