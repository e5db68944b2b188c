"""`semcom record`: what a radio hears, as a SigMF recording with an annotation per burst."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semcom.apps.commands.console import err, out, plain_errors, shown
from semcom.apps.delivery.stopping import Stopping

NOTHING_CAME = 3
CUT_SHORT = 4


def record(
    recording: Annotated[Path, typer.Argument(help="Recording to write: NAME.sigmf-meta and NAME.sigmf-data.")],
    radio: Annotated[str, typer.Option(help="Radio: a name from sdr_configs/ or a YAML file.", show_default=False)],
    duration_s: Annotated[float, typer.Option(help="How long.", min=0.1, max=86400)] = 10.0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a recording of this name.")] = False,
) -> None:
    """Record what a radio hears, until the time is over, Ctrl-C or SIGTERM. `semcom replay` makes pictures of it.

    Status 3 where no samples came, 4 where the disk took no more.
    """
    with plain_errors():
        from semcom.flowgraphs.requirements import require_gnu_radio

        require_gnu_radio()
        from semcom.flowgraphs.live.receive import Listener, run_receive
        from semcom.flowgraphs.radios.sigmf_files import SigmfRecorder
        from semcom.flowgraphs.radios.stream_events import advice_on
        from semcom.sdr_configs.radio import load_real_radio

        settings = load_real_radio(radio)
        recorder = SigmfRecorder(recording, settings, overwrite)
        bursts = 0

        def on_burst(burst) -> None:
            nonlocal bursts
            bursts += 1
            recorder.take_burst(burst)

        def tell(words: str) -> None:
            err.print(f"[yellow]{shown(words)}[/yellow]")

        with Stopping() as stopping:
            listener = Listener(on_burst=on_burst, on_event=tell, enough=lambda: bool(stopping or recorder.trouble))
            summary = run_receive(settings, listener, timeout_s=duration_s, recorder=recorder)
        for words in (*summary.differences, *advice_on(summary.events)):
            tell(words)
        ended = f", ended by {stopping.by}" if stopping else ""
        seconds = recorder.num_samples / settings.sample_rate_hz
        if recorder.num_samples:
            out.print(f"{shown(recorder.meta_path)}: {seconds:.2f} s, {bursts} bursts{ended}")
        else:
            sending = " With this radio they come only while somebody transmits." if settings.driver == "zmq" else ""
            within = f"before {stopping.by}" if stopping else f"in {duration_s:g} s"
            out.print(f"{shown(recording)}: no samples came {within}, nothing is kept.{sending}")
    if not recorder.num_samples:
        raise typer.Exit(NOTHING_CAME)
    if recorder.trouble:
        raise typer.Exit(CUT_SHORT)
