"""One piece of a training run that goes on where the last one stopped: weights, step size, log."""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from collections import defaultdict
from pathlib import Path

import torch
from torch import nn

from semcom.semantic.nets.loading import load_weights, read_header, save_weights

REPORT_STEPS = 50
MOST_GRADIENT = 1.0
AVERAGE_STEPS = 100


class Piece:
    """Adam for so many minutes, from the weights of the last piece, with a moving average of them for use.

    Parameters
    ----------
    net : nn.Module
    args : argparse.Namespace
        As `arguments` makes it.

    Attributes
    ----------
    net : nn.Module
        To train.
    steps_before : int
        Of all earlier pieces together.
    """

    def __init__(self, net: nn.Module, args: argparse.Namespace) -> None:
        torch.set_num_threads(args.threads)
        torch.manual_seed(args.seed)
        self.net, self._args, self._out = net, args, args.out
        self.steps_before, self._step, self._start = 0, 0, time.monotonic()
        self._out.mkdir(parents=True, exist_ok=True)
        self._last, self._mean = self._out / "last.safetensors", self._out / "average.safetensors"
        self._average = copy.deepcopy(net)
        if self._last.exists():
            self.steps_before = int(read_header(self._last)[1]["steps"])
            load_weights(self._last, net)
            load_weights(self._mean, self._average)
        elif args.start:
            load_weights(args.start, net)
            self._average = copy.deepcopy(net)
        net.train().requires_grad_(True).to(memory_format=torch.channels_last)
        self._optimizer = torch.optim.Adam(net.parameters(), args.rate)
        self._sums: dict[str, list[float]] = defaultdict(list)

    @staticmethod
    def arguments(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
        """With what every piece is told."""
        parser.add_argument("--out", type=Path, required=True, help="folder of weights and log; goes on from them")
        parser.add_argument("--start", type=Path, help="weights to begin with where the folder has none")
        parser.add_argument("--minutes", type=float, default=9.0)
        parser.add_argument("--rate", type=float, default=1e-3, help="step size at the start of the piece")
        parser.add_argument("--last-rate", type=float, default=None, help="and at its end; default the same")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--threads", type=int, default=1)
        return parser

    def __enter__(self) -> Piece:
        return self

    def __exit__(self, kind, error, trace) -> None:
        if kind is None:
            self._save()

    def average_anew(self) -> None:
        """The average begins with the weights as they are now."""
        self._average.load_state_dict(self.net.state_dict())

    @property
    def goes_on(self) -> bool:
        return self._fraction < 1

    @property
    def _fraction(self) -> float:
        return (time.monotonic() - self._start) / (60 * self._args.minutes)

    def step(self, loss: torch.Tensor, quality: int, error: torch.Tensor, *rates: torch.Tensor) -> None:
        """One step down the gradient; error and rates of that quality go to the log."""
        last = self._args.last_rate or self._args.rate
        warm = min(1.0, (self._step + 1) / 50)
        for group in self._optimizer.param_groups:
            group["lr"] = warm * self._args.rate * (last / self._args.rate) ** min(self._fraction, 1.0)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.net.parameters(), MOST_GRADIENT)
        if torch.isfinite(norm):
            self._optimizer.step()
        self._step += 1
        with torch.no_grad():
            keep = min(
                1 - 1 / AVERAGE_STEPS, (1 + self.steps_before + self._step) / (20 + self.steps_before + self._step)
            )
            for kept, new in zip(self._average.parameters(), self.net.parameters(), strict=True):
                kept.lerp_(new, 1 - keep)
        told = [-10 * math.log10(max(float(error.detach()), 1e-9)), *(float(rate.detach()) for rate in rates)]
        for number, value in enumerate(told):
            self._sums[f"{quality}/{number}"].append(value)
        if self._step % REPORT_STEPS == 0:
            self._report()

    def _report(self) -> None:
        means = {name: round(sum(values) / len(values), 4) for name, values in sorted(self._sums.items())}
        line = {
            "step": self.steps_before + self._step,
            "minutes": round(self._fraction * self._args.minutes, 2),
            **means,
        }
        self._sums.clear()
        print(json.dumps(line), flush=True)
        with (self._out / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
        if self._step % (2 * REPORT_STEPS) == 0:
            self._save()

    def _save(self) -> None:
        told = {"steps": str(self.steps_before + self._step)}
        save_weights(self._last, self.net, told, half=False)
        save_weights(self._mean, self._average, told, half=False)
