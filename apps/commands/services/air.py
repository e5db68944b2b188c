"""`semcom air`: a virtual air."""

from __future__ import annotations

from typing import Annotated

import typer

from semcom.apps.commands.console import plain_errors
from semcom.apps.commands.services.configuration import ConfigOption
from semcom.apps.commands.services.opening import open_service
from semcom.apps.commands.services.options import (
    AIR_ADDRESS,
    KeysOption,
    LogFormatOption,
    LogLevelOption,
    MetricsOption,
    StateOption,
)
from semcom.apps.services.service_log import LogFormat, LogLevel


def air(
    keys: KeysOption,
    listen: Annotated[str, typer.Option(help="Where radios connect.")] = AIR_ADDRESS,
    radio: Annotated[str, typer.Option(help="Channel: that of a loopback radio.")] = "loopback-awgn",
    snr_db: Annotated[float | None, typer.Option(help="Signal-to-noise ratio.", show_default="by the radio")] = None,
    cfo_hz: Annotated[float | None, typer.Option(help="Carrier offset.", show_default="by the radio")] = None,
    state: StateOption = None,
    metrics_port: MetricsOption = 9604,
    log_level: LogLevelOption = LogLevel.INFO,
    log_format: LogFormatOption = LogFormat.TEXT,
    config: ConfigOption = None,
) -> None:
    """Run a virtual air: the channel between radio processes that have no hardware."""
    with plain_errors():
        from semcom.apps.services.radio_process.air import AirService
        from semcom.sdr_configs.radio import load_loopback

        opening = open_service("air", keys, state, metrics_port, log_level, log_format)
        changes = {name: value for name, value in (("snr_db", snr_db), ("cfo_hz", cfo_hz)) if value is not None}
        settings = load_loopback(radio).with_channel(**changes)
        opening.run(
            lambda: AirService(settings.channel, listen, opening.ring),
            lambda service: f"air {radio} at {service.server.address}",
        )
