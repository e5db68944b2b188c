"""``semcom referee``: es-isc beside picture codecs, at equal bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from semcom.apps.commands.console import err, names_in, out, plain_errors, progress_of
from semcom.apps.commands.inputs import load_photo

PhotoArgument = Annotated[list[Path], typer.Argument(help="Picture files.", show_default=False)]


def referee(
    photos: PhotoArgument,
    budget_bytes: Annotated[
        str, typer.Option(help="Bytes of a picture, one number or several between commas.")
    ] = "1500",
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for results.")] = Path("out/referee"),
    truth: Annotated[Path | None, typer.Option(help="Folder of label maps, STEM.png.", show_default="none")] = None,
    truth_kind: Annotated[str, typer.Option(help="Labels of the truth: camvid or coco.")] = "camvid",
    captions: Annotated[
        Path | None, typer.Option(help='People\'s captions, JSON: {"STEM": ["A dog.", ...]}.', show_default="none")
    ] = None,
    lpips: Annotated[
        Path | None, typer.Option(help="Folder with alex.safetensors and alex-lpips.safetensors.", show_default="none")
    ] = None,
    clip: Annotated[Path | None, typer.Option(help="Folder of a CLIP model.", show_default="none")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print verdicts.json instead of words.")] = False,
) -> None:
    """Compare es-isc with picture codecs at equal bytes: to look at, and to work with."""
    with plain_errors():
        from semcom.apps.report.output_folder import check_target
        from semcom.apps.report.referee import TRUTH_KINDS, judge_photos, read_captions, write_results
        from semcom.apps.report.referee_page import words
        from semcom.semantic import SemanticError
        from semcom.semantic.benchmark.model_measures import ModelMeasures
        from semcom.semantic.systems.es_isc.system import MIN_BUDGET_BYTES

        numbers = names_in(budget_bytes)
        if not numbers or not all(number.isdigit() and int(number) >= MIN_BUDGET_BYTES for number in numbers):
            raise SemanticError(
                f"budget-bytes must be numbers from {MIN_BUDGET_BYTES} between commas, got {budget_bytes!r}"
            )
        if truth_kind not in TRUTH_KINDS:
            raise SemanticError(f"truth-kind must be one of {', '.join(TRUTH_KINDS)}, got {truth_kind!r}")
        check_target(out_dir, is_folder=True)
        by_people = read_captions(captions) if captions else None
        for path in photos:
            load_photo(path)
        measures = ModelMeasures(lpips, clip)
        with progress_of("referee", as_json) as progress:
            verdicts, originals = judge_photos(
                photos,
                [int(n) for n in numbers],
                truth,
                truth_kind,
                progress,
                lambda line: err.print(escape(line)),
                by_people,
                measures,
            )
        write_results(out_dir, verdicts, originals)
        if as_json:
            print((out_dir / "verdicts.json").read_text(encoding="utf-8"), end="")
            return
        for budget in sorted({verdict.budget_bytes for verdict in verdicts}):
            out.print(f"[bold]{budget:,} bytes[/bold]")
            for line in words(verdicts, budget):
                out.print(f"  {escape(line)}")
        out.print(f"Results in {escape(str(out_dir))}, index.html shows them; sliders.html is one file to send.")
