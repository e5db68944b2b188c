"""A training run in its folder, in pieces: each call goes on where the last one ended or was broken off.

Every step draws from generators seeded with the run's seed and the step's number, so that a run in pieces is the run in
one go to the last bit.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from semcom.experiments.training.schedule import LossLog, Progress

STATE, LOG = "state.pt", "log.json"


def add_run_options(parser: argparse.ArgumentParser, steps: int, minutes: float = 1e9) -> None:
    """Options of every recipe: how long the whole run is, how long this piece of it, and its seed."""
    parser.add_argument("--steps", type=int, default=steps, help="of the whole run")
    parser.add_argument("--minutes", type=float, default=minutes, help="of the whole run, where steps take longer")
    parser.add_argument("--piece-minutes", type=float, default=1e9, help="end this call then; the next one goes on")
    parser.add_argument("--seed", type=int, default=1)


class TrainingRun:
    """What a run changes, and how far it is.

    Parameters
    ----------
    out : Path
        Folder of the run, made where it is not there. A state that lies there is gone on with.
    options : Namespace
        With those of `add_run_options`.
    parts : dict of str to object
        Networks, averages and optimizers: all with ``state_dict`` and ``load_state_dict``.
    """

    def __init__(self, out: Path, options: argparse.Namespace, parts: Mapping[str, Any]) -> None:
        self.progress, self.log = Progress(options.steps, options.minutes), LossLog()
        self._out, self._parts, self._seed = out, parts, options.seed
        out.mkdir(parents=True, exist_ok=True)
        if (out / STATE).exists():
            self._go_on()
        self._end_s = self.progress.elapsed_s + 60 * options.piece_minutes

    def train(
        self, step: Callable[[np.random.Generator], float], export: Callable[[], None], save_steps: int = 500
    ) -> None:
        """Steps, each of which returns its loss, until the run or this piece ends; saved every so often and at the end.

        `export` writes the weights.
        """
        while self.progress.fraction < 1 and self.progress.elapsed_s < self._end_s:
            torch.manual_seed((self._seed << 32) + self.progress.step)
            loss = step(np.random.default_rng([self._seed, self.progress.step]))
            self.progress.tick()
            self.log.add(self.progress, loss)
            if self.progress.step % save_steps == 0:
                self._save(export)
        self._save(export)

    def _save(self, export: Callable[[], None]) -> None:
        state = {"parts": {name: part.state_dict() for name, part in self._parts.items()}, "log": self.log.entries}
        state |= {"step": self.progress.step, "elapsed_s": self.progress.elapsed_s}
        unfinished = self._out / f"{STATE}.part"
        torch.save(state, unfinished)
        unfinished.replace(self._out / STATE)
        (self._out / LOG).write_text(json.dumps(self.log.entries, indent=1), encoding="utf-8")
        export()

    def _go_on(self) -> None:
        state = torch.load(self._out / STATE, weights_only=True)
        for name, part in self._parts.items():
            part.load_state_dict(state["parts"][name])
        self.progress.step, self.progress.elapsed_s = state["step"], state["elapsed_s"]
        self.log.entries = state["log"]
        print(f"goes on from step {self.progress.step}", flush=True)
