"""``semcom sweep``: many trials of systems over links, resumable, on one machine or many."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semcom.apps.commands.console import counted, out, plain_errors, progress_of, shown


def sweep(
    file: Annotated[Path, typer.Argument(help="Sweep file (docs/sweeps.md).", show_default=False)],
    out_dir: Annotated[Path | None, typer.Option("--out", help="Folder for results.", show_default="out/NAME")] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes on this machine.", min=1, max=256, show_default="one a core")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask cluster: tcp://HOST:8786.", show_default="this machine")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Run trials again that were unavailable or failed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many trials there are, and end.")] = False,
) -> None:
    """Run the trials of a sweep file: one row each in Parquet, figures, one page.

    Stopped in whatever way, the same command goes on where it was.
    """
    with plain_errors():
        from semcom.apps.report.output_folder import check_target
        from semcom.apps.sweeps.page import write_page
        from semcom.apps.sweeps.requirements import require_sweep_packages
        from semcom.apps.sweeps.rows import keeps_picture, rows_of
        from semcom.sdr_configs.sweep import load_sweep

        settings = load_sweep(file)
        rows = rows_of(settings, file.resolve().parent)
        if dry_run:
            out.print(f"{counted(len(rows), 'trial')}")
            return
        require_sweep_packages()
        from semcom.apps.sweeps.running import run_rows
        from semcom.apps.sweeps.store import RowStore

        folder = out_dir or Path("out") / file.stem
        check_target(folder, is_folder=True)
        store = RowStore(folder / "rows")
        photos = list(dict.fromkeys(row.photo for row in rows))
        with progress_of(file.stem) as progress:
            ran = run_rows(
                rows,
                lambda row: keeps_picture(row, settings, photos),
                store,
                scheduler,
                workers,
                lambda done, total: progress("trials", done, total),
                again=again,
            )
        wanted = {row.trial for row in rows}
        results = [row for row in store.rows() if row["trial"] in wanted]
        page = write_page(folder, file.stem, settings, results)
        out.print(f"{counted(len(results), 'row')}, {ran:,} of them new")
        for outcome in ("unavailable", "failed", "lost"):
            these = [row for row in results if row["outcome"] == outcome]
            if these:
                systems = ", ".join(sorted({row["system"] for row in these}))
                out.print(f"  {len(these):,} {outcome}: {shown(systems)}: {shown(these[0]['reason'] or '')}")
        out.print(f"  {shown(page)}")
