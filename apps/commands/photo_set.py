"""The photos of a command that are coded together: all are read first, bad ones are passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from semcom.apps.commands.batch import Batch, BatchPhoto
from semcom.apps.commands.console import progress_of
from semcom.apps.commands.inputs import load_photo

if TYPE_CHECKING:
    from semcom.apps.delivery.send import SendSettings
    from semcom.apps.report.photo_report import PhotoReport


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
