"""Recipe: the flow network that finds where a picture lies in the reference that its semantic bases give.

    python -m semcom.experiments.training.learned_coding.train_flow --shared ../shared --out out/flow

Crops of the photos that `photo_crops` trains with, moved in ways that are known (`warped_pairs`). Loss: distance from
the true flow at each level, in pixels of the picture, a coarser level counting half of the next finer one; where the
place is not in the reference, nothing. One thread. Writes the exponential moving average of the weights.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from semcom.experiments.training.learned_coding.photo_crops import PhotoCrops, training_photos
from semcom.experiments.training.learned_coding.warped_pairs import MARGIN, Pair, pair
from semcom.experiments.training.schedule import descend, learning_rate, make_optimizer
from semcom.experiments.training.training_run import TrainingRun, add_run_options
from semcom.semantic.nets.flow_net import FlowNet
from semcom.semantic.nets.loading import save_weights

_LEAST = 0.01
"""Pixels: the distance's edge at zero is rounded by so much."""


def flow_loss(flows: list[torch.Tensor], truth: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """Mean distance from the truth, pixels of the picture, over the levels, the finest one counting most.

    flows as `FlowNet` gives them; truth float32 [N, 2, H, W]; known float32 [N, 1, H, W].
    """
    loss, weight = truth.new_zeros(()), 1.0
    for flow in reversed(flows):
        step = truth.shape[-1] // flow.shape[-1]
        sure = (functional.avg_pool2d(known, step) > 0.99).float()
        wanted = functional.avg_pool2d(truth, step)
        distance = ((step * flow - wanted).square().sum(1, keepdim=True) + _LEAST**2).sqrt()
        loss = loss + weight * (distance * sure).sum() / sure.sum().clamp(min=1)
        weight /= 2
    return loss


def batch_of(pairs: list[Pair]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Pictures, references, flows, and where they are known, float32 [N, …] each."""
    parts = [np.stack([getattr(one, name) for one in pairs]) for name in ("picture", "reference", "flow", "known")]
    parts[3] = parts[3][:, None]
    return tuple(torch.from_numpy(np.ascontiguousarray(part, np.float32)) for part in parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("out/flow"))
    parser.add_argument("--batch", type=int, default=6)
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--every", type=int, default=2, help="takes one photo of so many")
    parser.add_argument("--peak-lr", type=float, default=2e-3)
    add_run_options(parser, steps=2400)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    crops = PhotoCrops(training_photos(args.shared)[:: args.every], args.side + 2 * MARGIN)
    print(f"{len(crops)} photos", flush=True)
    net = FlowNet().to(memory_format=torch.channels_last)
    average, optimizer = copy.deepcopy(net), make_optimizer(list(net.parameters()), args.peak_lr)
    run = TrainingRun(args.out, args, {"net": net, "average": average, "optimizer": optimizer})

    def step(rng: np.random.Generator) -> float:
        some = crops.batch(args.batch, args.side + 2 * MARGIN, rng)
        picture, reference, truth, known = batch_of([pair(crop, rng) for crop in some])
        loss = flow_loss(net(picture, reference), truth, known)
        rate = learning_rate(min(run.progress.fraction, 1.0), args.peak_lr)
        descend(loss, net, average, optimizer, rate, run.progress.step)
        return float(loss.detach())

    def export() -> None:
        save_weights(
            args.out / "seb_flow.safetensors",
            average,
            {"steps": str(run.progress.step), "seed": str(args.seed)},
        )

    run.train(step, export, save_steps=100)


if __name__ == "__main__":
    main()
