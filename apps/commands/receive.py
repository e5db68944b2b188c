"""`semcom receive`: pictures from a real radio."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semcom.apps.commands.console import plain_errors
from semcom.apps.commands.reception import WorkersOption, receive_and_say


def receive(
    radio: Annotated[str, typer.Option(help="Radio: a name from sdr_configs/ or a YAML file.", show_default=False)],
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for results.")] = Path("out/received"),
    pictures: Annotated[int, typer.Option(help="Stop after so many complete pictures; 0: go on.", min=0)] = 0,
    timeout_s: Annotated[float, typer.Option(help="Stop after so many seconds.", min=0.1, max=1e7)] = 3600.0,
    record: Annotated[Path | None, typer.Option(help="Also write what comes as a SigMF recording.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="The recording may replace one of its name.")] = False,
    workers: WorkersOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print report.json instead of words.")] = False,
) -> None:
    """Receive pictures over a real radio, until there are enough, the time is over, Ctrl-C or SIGTERM."""
    with plain_errors():
        from semcom.flowgraphs.requirements import require_gnu_radio

        require_gnu_radio()
        from semcom.apps.report.output_folder import check_target
        from semcom.flowgraphs.radios.sigmf_files import SigmfRecorder
        from semcom.sdr_configs.radio import load_real_radio, parse_radio

        settings = load_real_radio(radio)
        if workers is not None:
            settings = parse_radio({**settings.model_dump(), "rx_workers": workers}, radio)
        check_target(out_dir, is_folder=True)
        recorder = SigmfRecorder(record, settings, overwrite) if record is not None else None
        receive_and_say(
            "receive", radio, settings, out_dir, as_json, pictures=pictures, timeout_s=timeout_s, recorder=recorder
        )
