"""`semcom record`: what a radio hears, as a SigMF recording with an annotation per burst."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from semcom.apps.commands.console import err, out, plain_errors

NOTHING_CAME = 3


def record(
    recording: Annotated[Path, typer.Argument(help="Recording to write: NAME.sigmf-meta and NAME.sigmf-data.")],
    radio: Annotated[str, typer.Option(help="Radio: a name from sdr_configs/ or a YAML file.", show_default=False)],
    duration_s: Annotated[float, typer.Option(help="How long.", min=0.1, max=86400)] = 10.0,
) -> None:
    """Record what a radio hears. `semcom replay` makes pictures of it. Status 3 where no samples came."""
    with plain_errors():
        from semcom.flowgraphs.requirements import require_gnu_radio

        require_gnu_radio()
        from semcom.flowgraphs.live.receive import Listener, run_receive
        from semcom.flowgraphs.radios.sigmf_files import SigmfRecorder
        from semcom.flowgraphs.radios.stream_events import advice_on
        from semcom.sdr_configs.radio import load_real_radio

        settings = load_real_radio(radio)
        recorder = SigmfRecorder(recording, settings)
        bursts = 0

        def on_burst(burst) -> None:
            nonlocal bursts
            bursts += 1
            recorder.take_burst(burst)

        summary = run_receive(settings, Listener(on_burst=on_burst), timeout_s=duration_s, record_to=recorder.data_path)
        recorder.finish()
        for words in (*summary.differences, *advice_on(summary.events)):
            err.print(f"[yellow]{escape(words)}[/yellow]")
        seconds = summary.num_samples / settings.sample_rate_hz
        something_came = recorder.data_path.stat().st_size > 0
        if something_came:
            out.print(f"{escape(str(recorder.meta_path))}: {seconds:.2f} s, {bursts} bursts")
        else:
            sending = " With this radio they come only while somebody transmits." if settings.driver == "zmq" else ""
            out.print(f"{escape(str(recorder.meta_path))}: no samples came in {duration_s:g} s.{sending}")
    if not something_came:
        raise typer.Exit(NOTHING_CAME)
