"""`semcom replay`: pictures from a SigMF recording."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semcom.apps.console import plain_errors


def replay(
    recording: Annotated[Path, typer.Argument(help="Recording: .sigmf-meta, .sigmf-data or the name before.")],
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for results.")] = Path("out/replayed"),
    radio: Annotated[str, typer.Option(help="File with waveform and search range.")] = "sigmf_replay",
    timeout_s: Annotated[float, typer.Option(help="Stop after so many seconds.", min=0.1, max=1e7)] = 3600.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print report.json instead of words.")] = False,
) -> None:
    """Receive from a recording what could be received from the radio."""
    with plain_errors():
        from semcom.flowgraphs.requirements import require_gnu_radio

        require_gnu_radio()
        from semcom.apps.output_folder import check_target
        from semcom.apps.receive_session import receive_pictures
        from semcom.sdr_configs.errors import ConfigError
        from semcom.sdr_configs.radio import load_real_radio, parse_radio

        settings = load_real_radio(radio)
        if settings.driver != "sigmf":
            raise ConfigError(f"{radio}: driver must be sigmf for a replay, got {settings.driver!r}")
        settings = parse_radio({**settings.model_dump(), "recording": str(recording)}, radio)
        check_target(out_dir, is_folder=True)
        receive_pictures(radio, settings, out_dir, 0, timeout_s, as_json)
