"""`semcom demo`: a photo over the loopback, with everything at its default."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semcom.apps.commands.console import plain_errors
from semcom.apps.commands.send import send


def demo(
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for results.")] = Path("out/demo"),
    snr_db: Annotated[float, typer.Option(help="Signal-to-noise ratio.")] = 8.0,
) -> None:
    """Send a photo that comes with scikit-image over the loopback, with everything at its default."""
    with plain_errors():
        from semcom.apps.commands.demo_photo import demo_photo

        photo = demo_photo()
    send([photo], snr_db=snr_db, out_dir=out_dir)
