"""Options that several services have, and the addresses where they meet unless told otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semcom.apps.services.service_log import LogFormat, LogLevel

RADIO_ADDRESS = "tcp://127.0.0.1:5701"
PUSH_ADDRESS = "tcp://127.0.0.1:5702"
AIR_ADDRESS = "tcp://127.0.0.1:5703"

KeysOption = Annotated[Path, typer.Option("--keys", help="Folder that semcom keygen made.", show_default=False)]
StateOption = Annotated[
    Path | None,
    typer.Option("--state", help="Folder for journal and status socket.", show_default="~/.local/state/semcom/..."),
]
MetricsOption = Annotated[int, typer.Option(help="Port of the Prometheus page on 127.0.0.1; 0: any.")]
ToRadioOption = Annotated[str, typer.Option("--radio", help="Address of the radio process.")]
RadioKeyOption = Annotated[str, typer.Option("--radio-key", help="Name of the radio's key in peers/.")]
LogLevelOption = Annotated[LogLevel, typer.Option(help="Least important messages that are logged.")]
LogFormatOption = Annotated[LogFormat, typer.Option(help="Lines of text, or a JSON object a line.")]
FrameKeyOption = Annotated[
    Path | None,
    typer.Option("--frame-key", help="Frames are sealed with the key in this file, at both ends.", show_default="none"),
]
