"""`semcom air`: a virtual air."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semcom.apps.commands.console import out, plain_errors
from semcom.apps.commands.services.options import AIR_ADDRESS, KeysOption, MetricsOption, StateOption


def air(
    keys: KeysOption,
    listen: Annotated[str, typer.Option(help="Where radios connect.")] = AIR_ADDRESS,
    radio: Annotated[str, typer.Option(help="Channel: that of a loopback radio.")] = "loopback-awgn",
    snr_db: Annotated[float | None, typer.Option(help="Signal-to-noise ratio.", show_default="by the radio")] = None,
    cfo_hz: Annotated[float | None, typer.Option(help="Carrier offset.", show_default="by the radio")] = None,
    state: StateOption = Path("out/air"),
    metrics_port: MetricsOption = 9604,
) -> None:
    """Run a virtual air: the channel between radio processes that have no hardware."""
    with plain_errors():
        from semcom.apps.services.loop import run_service, start_log
        from semcom.apps.services.radio_process.air import AirService
        from semcom.apps.services.start import status_point
        from semcom.link.transports.key_files import KeyRing
        from semcom.sdr_configs.radio import load_loopback

        start_log()
        changes = {name: value for name, value in (("snr_db", snr_db), ("cfo_hz", cfo_hz)) if value is not None}
        settings = load_loopback(radio).with_channel(**changes)
        ring = KeyRing.load(keys)
        point = status_point(state, metrics_port, "air")
        service = AirService(settings.channel, listen, ring)
        run_service(service, point, lambda: out.print(f"air {radio} at {service.server.address}"))
