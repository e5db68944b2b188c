"""`semcom calibrate`: the best gain and the carrier offset of a radio, into a copy of its file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from semcom.apps.commands.console import out, plain_errors

NOTHING_ARRIVED = 3


def calibrate(
    radio: Annotated[str, typer.Option(help="Radio: a name from sdr_configs/ or a YAML file.", show_default=False)],
    output: Annotated[Path, typer.Option("-o", "--output", help="Radio file to write.")] = Path("calibrated.yml"),
    own_transmitter: Annotated[
        bool, typer.Option("--own-transmitter", help="Send probes from this radio; else another one must be sending.")
    ] = False,
    sweep: Annotated[str, typer.Option(help="Whose gain: rx or tx.")] = "rx",
    from_db: Annotated[float, typer.Option(help="First gain (tx of a Pluto: attenuation with a minus).")] = 0.0,
    to_db: Annotated[float, typer.Option(help="Last gain.")] = 70.0,
    step_db: Annotated[float, typer.Option(help="Step between gains.", min=0.25, max=100)] = 10.0,
    step_s: Annotated[float, typer.Option(help="Longest time at each gain.", min=0.1, max=600)] = 5.0,
    confirm_transmit: Annotated[
        bool, typer.Option("--confirm-transmit", help="I may transmit on this frequency with this power.")
    ] = False,
) -> None:
    """Try gains, keep the one with the least error vector, and note the carrier offset."""
    with plain_errors():
        from semcom.flowgraphs.requirements import require_gnu_radio

        require_gnu_radio()
        from semcom.apps.delivery.radio_facts import require_confirmation
        from semcom.apps.report.output_folder import check_target
        from semcom.flowgraphs.live.calibration import best_step, sweep_gain
        from semcom.sdr_configs.changed_copy import write_changed_copy
        from semcom.sdr_configs.errors import ConfigError
        from semcom.sdr_configs.radio import load_real_radio

        settings = load_real_radio(radio)
        check_target(output, is_folder=False)
        if sweep not in ("rx", "tx"):
            raise ConfigError(f"sweep must be rx or tx, got {sweep!r}")
        if to_db < from_db:
            raise ConfigError(f"to-db must be at least from-db ({from_db:g}), got {to_db:g}")
        if own_transmitter:
            require_confirmation(radio, settings, confirm_transmit)
        gains_db = [from_db + step_db * at for at in range(int((to_db - from_db) / step_db) + 1)]

        def show(step) -> None:
            heard = "nothing heard"
            if step.evm_db is not None:
                heard = f"EVM {step.evm_db:.1f} dB, SNR {step.snr_db:.1f} dB, carrier offset {step.cfo_hz:.0f} Hz"
            out.print(f"  {sweep} gain {step.gain_db:g} dB: {step.num_bursts} bursts, {heard}")

        steps = sweep_gain(
            settings,
            gains_db,
            own_transmitter=own_transmitter,
            sweep_transmitter=sweep == "tx",
            step_s=step_s,
            progress=show,
        )
        best = best_step(steps)
        if best is not None:
            changes = {"rx_gain_db": best.gain_db}
            if sweep == "tx":
                by_loss = hasattr(settings, "tx_attenuation_db")
                changes = {"tx_attenuation_db": -best.gain_db} if by_loss else {"tx_gain_db": best.gain_db}
            if not own_transmitter:  # our own oscillator is no measure of another one's
                changes["rx_freq_offset_hz"] = round(settings.rx_freq_offset_hz + best.cfo_hz, 1)
            write_changed_copy(radio, output, changes)
            words = ", ".join(f"{key} {value:g}" for key, value in changes.items())
            out.print(f"{escape(str(output))}: {words}")
        inverted = best is None and sum(step.num_inverted for step in steps)
        if inverted:
            write_changed_copy(radio, output, {"iq_swap": not settings.iq_swap})
            value = str(not settings.iq_swap).lower()
            out.print(
                f"{inverted} bursts came with their spectrum inverted: I and Q are swapped. "
                f"{escape(str(output))}: iq_swap {value}. Calibrate again with it."
            )
    if inverted:
        return
    if best is None:
        out.print("Nothing was heard at any gain: nothing written. Is the other side sending on this frequency?")
        raise typer.Exit(NOTHING_ARRIVED)
