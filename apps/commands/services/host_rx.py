"""`semcom host rx`: the receiving host."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from semcom.apps.commands.console import out, plain_errors
from semcom.apps.commands.encode_options import ModelsOption
from semcom.apps.commands.services.configuration import ConfigOption
from semcom.apps.commands.services.opening import open_service
from semcom.apps.commands.services.options import (
    RADIO_ADDRESS,
    FrameKeyOption,
    KeysOption,
    LogFormatOption,
    LogLevelOption,
    MetricsOption,
    RadioKeyOption,
    ToRadioOption,
)
from semcom.apps.services.service_log import LogFormat, LogLevel

if TYPE_CHECKING:
    from semcom.apps.services.receiving.retention import Keep

DAY_S = 86400.0


def rx(
    keys: KeysOption,
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for results.")] = Path("out/received"),
    radio: ToRadioOption = RADIO_ADDRESS,
    radio_key: RadioKeyOption = "radio",
    state: Annotated[Path | None, typer.Option(help="Folder for journal.", show_default="OUT/.state")] = None,
    keep: Annotated[int, typer.Option(min=1, help="Results to keep; the oldest are removed.")] = 10_000,
    keep_bytes: Annotated[
        int | None, typer.Option(min=0, help="Bytes that all results may take.", show_default="no limit")
    ] = None,
    keep_days: Annotated[float | None, typer.Option(min=0, help="Age of results.", show_default="no limit")] = None,
    keep_free: Annotated[
        int | None, typer.Option(min=0, help="Bytes of the disk that stay free.", show_default="no limit")
    ] = None,
    models: ModelsOption = None,
    seed: Annotated[int, typer.Option(help="Of what models make up.", min=0)] = 0,
    reconstructor: Annotated[
        str | None,
        typer.Option(help="Who makes the pictures, as ip-adapter,steps=8,weight=0.4.", show_default="by --models"),
    ] = None,
    frame_key: FrameKeyOption = None,
    metrics_port: MetricsOption = 9603,
    log_level: LogLevelOption = LogLevel.INFO,
    log_format: LogFormatOption = LogFormat.TEXT,
    config: ConfigOption = None,
) -> None:
    """Receive pictures into a folder; index.html shows them."""
    with plain_errors():
        from semcom.apps.report.output_folder import check_target
        from semcom.apps.services.receiving.host_rx import WINDOW, HostRx
        from semcom.apps.services.receiving.received_pictures import ReceivedPictures
        from semcom.apps.services.receiving.result_folders import ResultFolders
        from semcom.apps.services.receiving.retention import Keep
        from semcom.link.messages import Role
        from semcom.semantic import RequestError

        state = state or out_dir / ".state"
        opening = open_service("host-rx", keys, state, metrics_port, log_level, log_format)
        check_target(out_dir, is_folder=True)
        if reconstructor is not None and models is None:
            raise RequestError(f"reconstructor must come with models, got {reconstructor!r} alone: --models big")
        kept = Keep(keep, keep_bytes, None if keep_days is None else keep_days * DAY_S, keep_free)

        def make() -> HostRx:
            results = (
                _with_models(out_dir, kept, models, seed, reconstructor) if models else ResultFolders(out_dir, kept)
            )
            pictures = ReceivedPictures(state / "frames", results.payloads, results.to_disk)
            client = opening.client(Role.RX, radio, radio_key, frame_key, WINDOW)
            return HostRx(client, pictures, results, state)

        opening.run(make, lambda service: f"host rx: results in {escape(str(out_dir))}, radio {radio}")


def _with_models(out_dir: Path, keep: Keep, models: str, seed: int, reconstructor: str | None):
    """Results whose pictures a preset's models make; one of ours serves for those that are not here."""
    from semcom.apps.services.models.model_results import ModelResults, missing_models

    for name in missing_models(models):
        out.print(f"model {escape(name)} is not here, a smaller one serves: semcom models get {escape(name)}")
    return ModelResults(out_dir, keep, models, seed, reconstructor)
