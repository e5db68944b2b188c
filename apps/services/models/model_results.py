"""Results of a receiving computer with models: caption and our picture at once, the model's picture when it is made."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from semcom.apps.delivery.packet_items import receiver_options
from semcom.apps.report.model import PictureResult
from semcom.apps.services.models.model_process import QUEUE_LENGTH, Job, Made, ModelProcess
from semcom.apps.services.receiving.received_pictures import ReceivedPicture
from semcom.apps.services.receiving.result_folders import Rebuilt, ResultFolders
from semcom.apps.services.receiving.result_names import name_of
from semcom.apps.services.receiving.retention import Keep
from semcom.link import Scope
from semcom.semantic import RequestError, SemanticPacket, decode, registry
from semcom.semantic.backends.catalogue import folder_of
from semcom.semantic.backends.inventory import SYSTEMS
from semcom.semantic.backends.presets import models_preset
from semcom.semantic.request import typed_part

log = logging.getLogger("semcom.rx")


class ModelResults(ResultFolders):
    """`ResultFolders` whose pictures are made by a preset's models, each a while after its caption is there.

    Parameters
    ----------
    folder, keep
        As `ResultFolders`.
    models : str
        Preset; `RequestError` where there is none of that name.
    seed : int
    reconstructor : str or None
        Who makes the pictures, ``NAME,key=value``; None takes the preset's. `SemanticError` where there is none such.
    work : callable
        What the process does; for tests.
    """

    def __init__(
        self,
        folder: Path,
        keep: Keep,
        models: str,
        seed: int = 0,
        reconstructor: str | None = None,
        work: Callable[[str, int], Callable[[Job], Made]] | None = None,
    ) -> None:
        models_preset(models, SYSTEMS[0])
        if reconstructor is not None and typed_part("reconstructor", reconstructor).name not in _reconstructors():
            known = ", ".join(_reconstructors())
            raise RequestError(f"reconstructor must be one of {known}, got {reconstructor!r}")
        super().__init__(folder, keep)
        self.models_counts: Counter[str] = Counter()
        self._models, self._number = models, 0
        self._jobs: dict[int, ReceivedPicture] = {}
        self._latest: dict[Scope, int] = {}
        self._made: Made | None = None
        self._note = ""
        self._lock = threading.RLock()
        self._process = ModelProcess(
            work or partial(make_pictures, reconstructor=reconstructor), models, seed, self._take
        )

    def write(self, picture: ReceivedPicture) -> PictureResult:
        """Caption, maps and our picture at once; the models' picture follows where their queue has room."""
        with self._lock:
            picture = replace(picture, frames=list(picture.frames))
            self._number += 1
            number = self._number
            self._jobs[number], self._latest[picture.scope] = picture, number
            wanted = bool(picture.payloads) and self._process.submit(Job(number, dict(picture.payloads)))
            if wanted:
                self._note = f"The models of {self._models} are making the picture; until then one of ours shows it."
            else:
                self._forget_job(number)
                self.models_counts["models_full"] += bool(picture.payloads)
                self._note = f"{QUEUE_LENGTH} pictures wait for the models, so one of ours made this one."
            try:
                return super().write(picture)
            finally:
                self._note = ""

    def tidy(self) -> None:
        with self._lock:
            super().tidy()

    def counts(self) -> dict[str, int]:
        """Also what became of pictures that the models were to make: metrics show it."""
        with self._lock:
            named = {name: self.models_counts[name] for name in ("generated", "smaller", "failed", "models_full")}
            return {**super().counts(), **named, "waiting_for_models": self._process.num_waiting}

    def close(self) -> None:
        """End the process; what waits stays as it is shown."""
        self._process.close()

    def _rebuilt(self, picture: ReceivedPicture) -> Rebuilt:
        packet, reconstruction, notes = super()._rebuilt(picture)
        made = self._made
        if reconstruction is not None and made is not None and made.picture is not None:
            reconstruction = replace(
                reconstruction, picture=made.picture, provenance=made.provenance, reconstructor=made.made_by
            )
        return packet, reconstruction, [*notes, *(made.notes if made is not None else [self._note])]

    def _take(self, made: Made) -> None:
        """Write a result again with what the models made, unless more of the picture has come since."""
        with self._lock:
            picture = self._jobs.get(made.number)
            is_latest = picture is not None and self._latest.get(picture.scope) == made.number
            self._forget_job(made.number)
            if not is_latest:
                return
            outcome = "failed" if made.picture is None else "smaller" if made.notes[:-1] else "generated"
            self.models_counts[outcome] += 1
            level = logging.INFO if outcome == "generated" else logging.WARNING
            log.log(level, "%s: %s", name_of(picture.scope), "; ".join(made.notes))
            self._made = made
            try:
                super().write(picture)
            except OSError as error:  # what is shown already stays: caption, maps and our picture
                log.error("%s: the models' picture cannot be written: %s", name_of(picture.scope), error.strerror)
            finally:
                self._made = None

    def _forget_job(self, number: int) -> None:
        picture = self._jobs.pop(number, None)
        if picture is not None and self._latest.get(picture.scope) == number:
            del self._latest[picture.scope]


def make_pictures(models: str, seed: int, reconstructor: str | None = None) -> Callable[[Job], Made]:
    """In the process: pictures by the preset's reconstructor for their system, or the next smaller that works.

    `reconstructor` takes the place of the preset's.
    """

    def make(job: Job) -> Made:
        since = time.perf_counter()
        packet = SemanticPacket.from_payloads(job.payloads)
        system = packet.header.system if packet.header is not None else SYSTEMS[0]
        options = receiver_options(models, system, seed)
        shown = decode(packet, reconstructor or options.reconstructor, options.texture, options.seed)
        seconds = time.perf_counter() - since
        told = f"The picture was made by {shown.reconstructor}, seed {seed}, in {seconds:.1f} s."
        return Made(job.number, shown.picture, shown.provenance, shown.reconstructor, (*shown.notes, told), seconds)

    return make


def _reconstructors() -> list[str]:
    return registry.names("reconstructors")


def missing_models(models: str) -> list[str]:
    """Names of the models that a receiver with this preset wants and that are not in the folder of models."""
    wanted = {name for system in SYSTEMS for name in models_preset(models, system).receiver}
    return sorted(name for name in wanted if not folder_of(name).is_dir())
