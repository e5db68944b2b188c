"""`semcom radio`: the process that has the radio."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from semcom.apps.commands.console import out, plain_errors
from semcom.apps.commands.services.options import RADIO_ADDRESS, KeysOption, MetricsOption, StateOption


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
    state: StateOption = Path("out/radio"),
    metrics_port: MetricsOption = 9602,
) -> None:
    """Run the radio: takes frames from host tx, gives received ones to host rx."""
    with plain_errors():
        from semcom.flowgraphs.requirements import require_gnu_radio

        require_gnu_radio()
        from semcom.apps.services.loop import run_service, start_log
        from semcom.apps.services.radio_link import AirOptions, make_air
        from semcom.apps.services.radio_process.radio import RadioService
        from semcom.apps.services.start import status_point
        from semcom.link.transports.key_files import KeyRing

        start_log()
        ring = KeyRing.load(keys)
        options = AirOptions(role, confirm_transmit, source, hear_own, give_up_s, snr_db, cfo_hz, air, air_key)
        made, about = make_air(radio, options, ring, lambda line: out.print(f"  {escape(line)}"))
        try:
            point = status_point(state, metrics_port, "radio")
            service = RadioService(made, listen, ring, about)
        except BaseException:
            made.close()
            raise
        run_service(service, point, lambda: out.print(f"radio at {service.server.address}: {escape(about)}"))
