"""Photos of one command, one after the other: a bad one is named and passed over, and named again at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from semcom.apps.commands.console import BAD_INPUT, counted, err, progress_of, say_error, shown
from semcom.apps.commands.inputs import STDIN, load_photo

if TYPE_CHECKING:
    from semcom.apps.delivery.send import SendSettings
    from semcom.apps.report.photo_report import PhotoReport

STDIN_NAME = "stdin"


@dataclass(frozen=True)
class BatchPhoto:
    """A photo of the batch.

    Attributes
    ----------
    file : Path
        As given; ``-`` is standard input.
    number : int
        Its place in the batch, from 1.
    name : str
        As reports and the console call it.
    path : str
        As given, as text.
    folder : str
        Name of its results' folder, like no other of the batch.
    """

    file: Path
    number: int
    name: str
    path: str
    folder: str


class Batch:
    """Photos that a command takes, and what became of the bad ones.

    Parameters
    ----------
    files : sequence of Path

    Attributes
    ----------
    photos : list of BatchPhoto

    Raises
    ------
    PictureError
        Standard input is given more than once.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        from semcom.apps.report.results import as_text, folder_names, shown_name
        from semcom.semantic.errors import PictureError

        if list(files).count(STDIN) > 1:
            raise PictureError(f"- (standard input) must be given at most once, got {list(files).count(STDIN)} times")
        named = [Path(STDIN_NAME) if file == STDIN else file for file in files]
        self.photos = [
            BatchPhoto(file, number, shown_name(name), as_text(os.fspath(file)), folder)
            for number, (file, name, folder) in enumerate(zip(files, named, folder_names(named), strict=True), start=1)
        ]
        self._bad: list[BatchPhoto] = []

    @contextmanager
    def passing_over(self, photo: BatchPhoto) -> Iterator[None]:
        """Ends the work on a photo that cannot be read or encoded with one line; the others go on.

        Errors of the request itself (an unknown system, a policy that does not fit) end the command: they are the same
        for every photo.
        """
        from semcom.link.errors import ItemError
        from semcom.semantic.errors import LayerError, PictureError

        try:
            yield
        except (PictureError, LayerError, ItemError) as error:
            self._bad.append(photo)
            text = str(error)
            say_error(text if len(self.photos) == 1 or photo.path in text else f"{photo.path}: {text}")

    def finish(self) -> None:
        """Name the bad ones again; raises `typer.Exit` with status 2 where all were bad."""
        if self._bad and len(self.photos) > 1:
            names = ", ".join(shown(photo.path) for photo in self._bad)
            err.print(
                f"semcom: {len(self._bad)} of {counted(len(self.photos), 'photo')} left out: {names}", style="red"
            )
        if len(self._bad) == len(self.photos):
            raise typer.Exit(BAD_INPUT)


class PhotoSet:
    """Photos of a batch as one set.

    Parameters
    ----------
    batch : Batch
    settings : SendSettings
    quiet : bool
        No progress is shown.

    Attributes
    ----------
    photos : list of BatchPhoto
        Those that could be read: `next_report` gives a report of each in turn.
    """

    def __init__(self, batch: Batch, settings: SendSettings, quiet: bool) -> None:
        from semcom.apps.delivery.send_set import send_set

        self.photos: list[BatchPhoto] = []
        self._notes: list[list[str]] = []
        images = []
        for photo in batch.photos:
            with batch.passing_over(photo):
                notes: list[str] = []
                images.append(load_photo(photo.file, notes))
                self.photos.append(photo)
                self._notes.append(notes)
        with progress_of(f"{len(images)} photos", quiet) as progress:
            self._reports = iter(send_set([photo.name for photo in self.photos], images, settings, progress))

    def next_report(self) -> PhotoReport:
        """Of the next photo, which is sent now."""
        report = next(self._reports)
        report.notes += self._notes.pop(0)
        return report
