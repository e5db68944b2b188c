"""`semcom replay`: pictures from a SigMF recording."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semcom.apps.commands.console import plain_errors
from semcom.apps.commands.reception import WorkersOption, receive_and_say

DEFAULT_RADIO = "sigmf_replay"
MAX_REPORTED_RATE_HZ = 200e6
"""What a radio file can say of a rate."""


def replay(
    recording: Annotated[
        Path, typer.Argument(help="Recording: .sigmf-meta, .sigmf-data, .sigmf, the name before; or samples alone.")
    ],
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for results.")] = Path("out/replayed"),
    radio: Annotated[
        str | None, typer.Option(help="Radio file with waveform and search range.", show_default="as recorded")
    ] = None,
    sample_rate_hz: Annotated[
        float, typer.Option(help="Counts instead of the recorded one; then samples may be alone.", min=0, max=1e9)
    ] = 0.0,
    datatype: Annotated[
        str, typer.Option(help="The same: cf32_le, ci16_le, ci8, cu8, ...; with a rate, metadata are not read.")
    ] = "",
    center_offset_hz: Annotated[
        float, typer.Option(help="Where the signal lies, above the middle of the recorded band.", min=-5e8, max=5e8)
    ] = 0.0,
    timeout_s: Annotated[float, typer.Option(help="Stop after so many seconds.", min=0.1, max=1e7)] = 3600.0,
    workers: WorkersOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print report.json instead of words.")] = False,
) -> None:
    """Receive from a recording what could be received from the radio."""
    with plain_errors():
        from semcom.flowgraphs.requirements import require_gnu_radio

        require_gnu_radio()
        from semcom.apps.report.output_folder import check_target
        from semcom.phy.recording.metadata import read_recording
        from semcom.sdr_configs.errors import ConfigError
        from semcom.sdr_configs.radio import load_real_radio, parse_radio

        name = radio or DEFAULT_RADIO
        settings = load_real_radio(name)
        if settings.driver != "sigmf":
            raise ConfigError(f"{name}: driver must be sigmf for a replay, got {settings.driver!r}")
        told = {"recorded_rate_hz": sample_rate_hz, "datatype": datatype, "center_offset_hz": center_offset_hz}
        changes = {"recording": str(recording)} | {key: value for key, value in told.items() if value}
        if workers is not None:
            changes["rx_workers"] = workers
        if radio is None:
            found = read_recording(recording, False, sample_rate_hz, datatype)
            changes["sample_rate_hz"] = min(found.sample_rate_hz, MAX_REPORTED_RATE_HZ)
            as_recorded = {"waveform": found.waveform, "max_cfo_subcarriers": found.max_cfo_subcarriers}
            changes |= {key: value for key, value in as_recorded.items() if value is not None}
        settings = parse_radio({**settings.model_dump(), **changes}, name)
        check_target(out_dir, is_folder=True)
        receive_and_say("replay", name, settings, out_dir, as_json, pictures=0, timeout_s=timeout_s)
