"""What the process of the models does in tests: at the top of a module, so that a process of its own finds it."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np

from semcom.apps.services.models.model_process import Job, Made


def grey(models: str, seed: int) -> Callable[[Job], Made]:
    """Pictures of one grey, the seed; a layer whose payload says so makes it fail, or ends the process."""

    def make(job: Job) -> Made:
        told = b"".join(job.payloads.values())
        if told == b"fail":
            raise MemoryError("CUDA out of memory")
        if told == b"end":
            os._exit(7)
        size = (160, 240)
        note = f"The picture was made by {models}, seed {seed}, in 0.0 s."
        return Made(job.number, np.full((*size, 3), seed, np.uint8), np.full(size, 64, np.uint8), models, (note,))

    return make
