"""Options of every command that encodes or sends a picture: system, bytes, profile, what must not be sent, protection.

`semantic.EncodeRequest.from_options` makes the one request of them that travels on unchanged.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

PhotoArgument = Annotated[list[Path], typer.Argument(help="Picture files; - for standard input.", show_default=False)]
SystemOption = Annotated[str, typer.Option(help="Semantic system.")]
BudgetOption = Annotated[int | None, typer.Option(help="Most bytes of each packet.", show_default="by the system")]
ProfileOption = Annotated[
    str | None, typer.Option(help="What bytes are for: meaning, pixels or tasks.", show_default="meaning")
]
WithoutOption = Annotated[
    str | None,
    typer.Option(help="Categories or groups never to send, such as person,vehicle.", show_default="nothing left out"),
]
TextOption = Annotated[
    str, typer.Option(help="How sentences travel: coded, or soft (plain characters, repaired where they come damaged).")
]
RepairerOption = Annotated[
    str | None,
    typer.Option(help="Who repairs text that came damaged: ngram, none, or NAME,key=value.", show_default="ngram"),
]
PartOption = Annotated[
    list[str] | None,
    typer.Option(
        "--part",
        help="Who does a step: segmenter=NAME, or segmenter=NAME,key=value; again for other steps.",
        show_default="the system's own",
    ),
]
ModelsOption = Annotated[
    str | None,
    typer.Option(help="Models of others: big or big-permissive, see `semcom models`.", show_default="ours alone"),
]
DEFAULT_POLICY = "layered"
PolicyOption = Annotated[
    str, typer.Option(help="Protection by importance: a name from sdr_configs/policies/ or a file; flat: all alike.")
]
