"""What training recipes share: learning rate over the run, weight average, log, and when the run ends."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn

REPORT_STEPS = 100
PAUSE_S = 30.0
"""A step longer than this was paused (SIGSTOP): the excess does not count as training time."""


def learning_rate(progress: float, peak: float) -> float:
    """Linear rise over the first 3 %, then a cosine down to 1 % of the peak. `progress` runs from 0 to 1."""
    if progress < 0.03:
        return peak * (0.05 + 0.95 * progress / 0.03)
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (progress - 0.03) / 0.97)))


@torch.no_grad()
def update_average(average: nn.Module, net: nn.Module, step: int) -> None:
    """Exponential moving average of weights and statistics: short memory first, 2000 steps of memory later."""
    keep = min(0.9995, (1 + step) / (20 + step))
    for kept, new in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
        if kept.is_floating_point():
            kept.lerp_(new, 1 - keep)
        else:
            kept.copy_(new)


def make_optimizer(parameters: list[nn.Parameter], peak_lr: float) -> torch.optim.AdamW:
    """AdamW with weight decay on kernels only."""
    kernels = [p for p in parameters if p.ndim > 1]
    rest = [p for p in parameters if p.ndim <= 1]
    groups = [{"params": kernels, "weight_decay": 0.08}, {"params": rest, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=peak_lr)


def descend(
    loss: torch.Tensor,
    net: nn.Module,
    average: nn.Module,
    optimizer: torch.optim.Optimizer,
    rate: float,
    step: int,
    most_norm: float = 5.0,
) -> None:
    """One step down the gradient of a loss, at a learning rate, with the gradient's norm bounded; then the average."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_([p for group in optimizer.param_groups for p in group["params"]], most_norm)
    optimizer.step()
    update_average(average, net, step)


@dataclass
class Progress:
    """How far a run is: by steps, or by minutes of training where they run out first."""

    steps: int
    minutes: float
    step: int = 0
    elapsed_s: float = 0.0
    _last: float = field(default_factory=time.monotonic)

    @property
    def fraction(self) -> float:
        """0 at the start, 1 or more at the end."""
        return max(self.step / self.steps, self.elapsed_s / (60 * self.minutes))

    def tick(self) -> None:
        """One step is done."""
        now = time.monotonic()
        self.elapsed_s += min(now - self._last, PAUSE_S)
        self._last = now
        self.step += 1


class LossLog:
    """Mean loss of every hundred steps: printed as it comes, kept for ``log.json``."""

    def __init__(self) -> None:
        self.entries: list[dict[str, float]] = []
        self._recent: list[float] = []

    def add(self, progress: Progress, loss: float) -> None:
        """The loss of the step that `progress` has just counted."""
        self._recent.append(loss)
        if progress.step % REPORT_STEPS == 0:
            mean = round(sum(self._recent) / len(self._recent), 5)
            self.entries.append({"step": progress.step, "minutes": round(progress.elapsed_s / 60, 2), "loss": mean})
            self._recent.clear()
            print(json.dumps(self.entries[-1]), flush=True)

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(self.entries, indent=1), encoding="utf-8")
