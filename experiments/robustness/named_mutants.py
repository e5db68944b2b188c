"""Mutations that passed the matching tests once; each must be killed from now on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from semcom.experiments.robustness.mutants import Mutant


@dataclass(frozen=True)
class NamedMutation:
    """What is changed, and what that does."""

    title: str
    path: str
    before: str
    after: str


NAMED = (
    NamedMutation(
        "equaliser without the estimation error in its noise variance",
        "phy/channel_estimation/equaliser.py",
        "out_var[i] = (noise_var + gain**2 * channel_var[selected[i]]) / power[i]",
        "out_var[i] = noise_var / power[i]",
    ),
    NamedMutation("QPSK-1/2 threshold 3 dB off", "phy/sensitivity.py", '"qpsk-1/2": 0.8,', '"qpsk-1/2": 3.8,'),
    NamedMutation(
        "close-up without feathered edge",
        "semantic/reconstruct/drawing.py",
        "mask = np.where(finer, _feather(x0, y0, x1, y1, width, height), 0)",
        "mask = np.where(finer, 255, 0)",
    ),
    NamedMutation(
        "coarser close-up over a finer one",
        "semantic/reconstruct/drawing.py",
        "finer = (there == 0) | (there > level)",
        "finer = there == there",
    ),
    NamedMutation(
        "receiver over its byte limit evicting the newest",
        "link/receiver.py",
        "max_bytes:\n            self._forget(next(iter(self._pictures)))",
        "max_bytes:\n            self._forget(next(reversed(self._pictures)))",
    ),
)


def named_mutants(repository: Path, room: str) -> list[Mutant]:
    """The named mutations of a room; a line that is no longer there is an error, as it must be named anew."""
    found = []
    for named in NAMED:
        if named.path.split("/")[0] != room:
            continue
        text = (repository / named.path).read_text(encoding="utf-8")
        if text.count(named.before) != 1:
            raise LookupError(f"{named.path} must hold once: {named.before}")
        line = text[: text.index(named.before)].count("\n") + 1
        key = hashlib.sha256(f"{named.title}:{named.after}".encode()).hexdigest()[:12]
        changed = text.replace(named.before, named.after)
        operator = f"named: {named.title}"
        found.append(Mutant(named.path, line, "", operator, named.before, named.after, changed, key))
    return found
