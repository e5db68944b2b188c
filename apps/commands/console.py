"""What the commands share: words to a person, progress, plain errors, options read."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

BAD_INPUT = 2
OUTCOME_COLOURS = {"complete": "green", "partial": "yellow", "lost": "red"}
_USED_SHARE = 0.5


def visible(text: str) -> str:
    """Text whose control characters (escape sequences, line ends, changes of direction) stand as codes: ``\\x1b``."""
    return "".join(
        c if c.isprintable() or unicodedata.category(c) == "Zs" else c.encode("unicode_escape").decode() for c in text
    )


def shown(text: str | os.PathLike[str]) -> str:
    """A name, path or caption from outside, to be printed as it is: it commands neither the terminal nor the markup."""
    if not isinstance(text, str):
        text = os.fsencode(text).decode("utf-8", "replace")
    return escape(visible(text))


class _PlainConsole(Console):
    """A console where no text can command the terminal; colours come from our markup alone."""

    def render_str(self, text: str, **options):
        return super().render_str("\n".join(map(visible, text.split("\n"))), **options)


out = _PlainConsole(emoji=False, highlight=False, soft_wrap=True)
err = _PlainConsole(stderr=True, emoji=False, highlight=False, soft_wrap=True)


def names_in(listed: str | None) -> tuple[str, ...]:
    """Names between commas."""
    return tuple(name for part in (listed or "").split(",") if (name := part.strip()))


def counted(number: int, noun: str) -> str:
    """``1 picture``, ``2 pictures``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def unused_budget(budget_bytes: int | None, num_bytes: int) -> list[str]:
    """A note where a packet stays far below what it was allowed."""
    if budget_bytes is None or num_bytes > budget_bytes * _USED_SHARE:
        return []
    return [f"Of the budget of {budget_bytes:,} bytes only {num_bytes:,} are used: more cannot be said of this photo."]


def say_version(wanted: bool) -> None:
    """Of ``semcom --version``."""
    from importlib.metadata import PackageNotFoundError, version

    if not wanted:
        return
    try:
        out.print(f"semcom {version('gr-semcom')}")
    except PackageNotFoundError:  # installed by CMake alone
        out.print("semcom, of unknown version: installed without pip's record of it")
    raise typer.Exit


def select_layers(packet, names: str | None):
    """The packet with only the kinds of layer that are named, and the names of those left out."""
    from semcom.semantic import LayerError, LayerKind

    if names is None:
        return packet, []
    known = {kind.label: kind for kind in LayerKind}
    wanted = [name.strip() for name in names.split(",")]
    for name in wanted:
        if name not in known:
            raise LayerError(f"layers must be among {', '.join(known)}, got {name!r}")
    chosen = packet.only(known[name] for name in wanted)
    here = {layer.kind.label for layer in chosen.layers}
    return chosen, sorted({layer.kind.label for layer in packet.layers} - here)


def say_what_arrived(report, folder: Path, again: bool = False) -> None:
    """A few lines for a person; `again`: results of an earlier run were there."""
    colour = OUTCOME_COLOURS[report.outcome]
    account = report.account
    words = "nothing was sent"
    if report.was_sent:
        words = (
            f"{report.packet_bytes} bytes ({report.bytes_raw / report.packet_bytes:.0f} : 1), "
            f"{account['delivered']} of {account['sent']} frames, {report.airtime_s * 1e3:.0f} ms on air"
        )
    out.print(f"[bold]{shown(report.image)}[/bold] [{colour}]{report.outcome}[/{colour}]: {words}")
    if report.reconstruction is not None and report.reconstruction.caption is not None:
        out.print(f"  “{shown(report.reconstruction.caption.text)}”")
    for note in report.notes:
        out.print(f"  [dim]{shown(note)}[/dim]")
    replaced = " (in the place of an earlier one; another --out keeps both)" if again else ""
    out.print(f"  {shown(folder / 'report.html')}{replaced}")


@contextmanager
def progress_of(name: str, quiet: bool = False) -> Iterator:
    """A progress line: yields a function of (stage, done, total)."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=quiet or not err.is_terminal) as bar:
        task = bar.add_task(shown(name), total=None)

        def show(stage: str, done: int, total: int) -> None:
            bar.update(
                task, description=f"{shown(name)}: {shown(stage)}", completed=done, total=total if total > 1 else None
            )

        yield show


def say_error(error: Exception | str) -> None:
    """One line in red; lines of a longer message are joined."""
    err.print(f"semcom: {shown(' '.join(line.strip() for line in str(error).splitlines()))}", style="red")


def say_notes(name: str, notes: Iterable[str]) -> None:
    """A line each in yellow, on the error stream, after the name of what they are about."""
    for note in notes:
        err.print(f"[yellow]{shown(name)}: {shown(note)}[/yellow]")


@contextmanager
def plain_errors() -> Iterator[None]:
    """Errors that rooms raise on purpose become one line and exit status 2."""
    try:
        yield
    except BrokenPipeError:
        raise  # whoever reads our words has heard enough: no error of ours
    except Exception as error:
        from semcom.apps.commands.known_errors import KNOWN_ERRORS  # only now: it loads rooms that a radio never needs

        if isinstance(error, KNOWN_ERRORS):
            say_error(error)
        elif isinstance(error, OSError):
            where = f"{error.filename}: " if error.filename else ""
            say_error(f"{where}{error.strerror or error}")
        else:
            raise
        raise typer.Exit(BAD_INPUT) from None
