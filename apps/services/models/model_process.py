"""A process that holds a receiver's models: pictures wait for it in a queue of stated length.

```
host rx ── layers of a picture ──► queue of QUEUE_LENGTH ──► process: model, loaded once ── picture, notes ──► thread
```

A GPU's driver that takes the process down takes nothing else: it is started anew with the next picture.
"""

from __future__ import annotations

import logging
import multiprocessing
import queue
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from semcom.semantic import LayerKey

QUEUE_LENGTH = 4
"""Pictures that wait at most, beside the one being made."""
LOOK_S = 0.2
log = logging.getLogger("semcom.rx")


@dataclass(frozen=True)
class Job:
    """Layers of one picture, under a number of its own."""

    number: int
    payloads: dict[LayerKey, bytes]


@dataclass(frozen=True)
class Made:
    """What the process made of a job.

    Attributes
    ----------
    number : int
    picture, provenance : uint8 array or None
        As a reconstruction has them; None where nothing was made.
    made_by : str or None
        Reconstructor that made them.
    notes : tuple of str
        Why another one than the preset's did.
    seconds : float
    """

    number: int
    picture: np.ndarray | None
    provenance: np.ndarray | None
    made_by: str | None
    notes: tuple[str, ...]
    seconds: float = 0.0


class ModelProcess:
    """The process, and the thread that takes what it made.

    Parameters
    ----------
    work : callable
        (models, seed) → what makes a `Made` of a `Job`; a function at the top of a module, called in the process.
    models : str
        Preset.
    seed : int
        Of what is made up.
    take : callable
        Called with each `Made`, in the thread.
    """

    def __init__(
        self,
        work: Callable[[str, int], Callable[[Job], Made]],
        models: str,
        seed: int,
        take: Callable[[Made], None],
    ) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._arguments, self._take = (work, models, seed), take
        self._waiting: dict[int, Job] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._start()
        self._thread = threading.Thread(target=self._listen, name="semcom models", daemon=True)
        self._thread.start()

    @property
    def num_waiting(self) -> int:
        """Pictures in the queue and in the making."""
        return len(self._waiting)

    def submit(self, job: Job) -> bool:
        """Whether there was room for it."""
        with self._lock:
            if len(self._waiting) > QUEUE_LENGTH or self._closing.is_set():
                return False
            if not self._waiting and not self._process.is_alive():
                self._end()
                self._start()
            self._waiting[job.number] = job
            self._jobs.put(job)
            return True

    def close(self) -> None:
        """End both at once: what waits stays as it is shown."""
        self._closing.set()
        self._thread.join()
        self._end()

    def _start(self) -> None:
        self._jobs, self._done = self._context.Queue(), self._context.Queue()
        self._process = self._context.Process(
            target=_serve, args=(*self._arguments, self._jobs, self._done), name="semcom models", daemon=True
        )
        self._process.start()

    def _end(self) -> None:
        self._process.kill()
        self._process.join()
        for one in (self._jobs, self._done):
            one.cancel_join_thread()
            one.close()

    def _listen(self) -> None:
        while not self._closing.is_set():
            try:
                made: Any = self._done.get(timeout=LOOK_S)
            except queue.Empty:
                if self._waiting and not self._process.is_alive():
                    self._give_up_first()
                continue
            with self._lock:
                self._waiting.pop(made.number, None)
            self._give(made)

    def _give_up_first(self) -> None:
        """The process ended by itself: the picture it was at is given up, the others wait for its successor.

        One that ends at once is so started once for each picture, no more.
        """
        code = self._process.exitcode
        log.error("the process of the models ended with status %s", code)
        with self._lock:
            lost = next(iter(self._waiting))
            del self._waiting[lost]
            if self._waiting:
                self._end()
                self._start()
            for job in self._waiting.values():
                self._jobs.put(job)
        note = f"The process of the models ended with status {code}, so one of ours made the picture."
        self._give(Made(lost, None, None, None, (note,)))

    def _give(self, made: Made) -> None:
        try:
            self._take(made)
        except Exception as error:  # a disk that is full must not end the thread
            log.error("what a model made cannot be written: %s: %s", type(error).__name__, error)


def _serve(work: Callable, models: str, seed: int, jobs: Any, done: Any) -> None:
    """The process: jobs one after the other."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent ends us
    make = work(models, seed)
    while True:
        job: Job = jobs.get()
        try:
            done.put(make(job))
        except Exception as error:
            note = f"The models failed, so one of ours made the picture: {type(error).__name__}: {error}"[:400]
            done.put(Made(job.number, None, None, None, (note,)))
