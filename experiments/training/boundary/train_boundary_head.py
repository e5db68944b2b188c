"""Recipe: train B-seg's head on the pretrained backbone, which stays as it is.

    python experiments/training/boundary/train_boundary_head.py --shared ../shared --out out/boundary_head

Data: BSDS500 train, mean of all annotators' maps; every tenth photo is kept apart. The loss is that of
`train_boundary.py`. One thread, bfloat16. Writes the exponential moving average of the weights.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from semcom.experiments.training.boundary.views import BoundaryViews, compute, training_pairs
from semcom.experiments.training.schedule import descend, learning_rate, make_optimizer
from semcom.experiments.training.train_boundary import boundary_loss
from semcom.experiments.training.training_run import TrainingRun, add_run_options
from semcom.semantic.extract.detailer import WEIGHTS
from semcom.semantic.nets.backbone import PACKAGE, SHA256, load_backbone
from semcom.semantic.nets.boundary_head import BoundaryHead
from semcom.semantic.nets.boundary_net import BoundaryNet
from semcom.semantic.nets.loading import load_weights, save_weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, default=Path("out/boundary_head"))
    add_run_options(parser, steps=3000)
    parser.add_argument("--cache", type=Path, help="folder of the views (default: OUT/views)")
    parser.add_argument("--renditions", type=int, default=12, help="views of each photo that the backbone sees")
    parser.add_argument("--batch", type=int, default=6)
    parser.add_argument("--crop", type=int, default=256)
    parser.add_argument("--peak-lr", type=float, default=2e-3)
    parser.add_argument("--dropout", type=float, default=0.1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    cache = arguments.cache or arguments.out / "views"
    pairs = training_pairs(arguments.shared)
    compute(pairs, load_backbone(), arguments.renditions, cache, arguments.seed)
    views = BoundaryViews.open(cache, arguments.renditions * len(pairs))

    head = BoundaryHead(arguments.dropout)
    small = BoundaryNet()
    load_weights(WEIGHTS, small)
    head.begin_as(small)
    head = head.to(memory_format=torch.channels_last).train()
    sides = nn.ModuleList(nn.Conv2d(channels, 1, 1) for channels in (32, 40, 48, 64))
    average = copy.deepcopy(head).eval()
    optimizer = make_optimizer([*head.parameters(), *sides.parameters()], arguments.peak_lr)
    parts = {"net": head, "sides": sides, "average": average, "optimizer": optimizer}
    run = TrainingRun(arguments.out, arguments, parts)
    print(f"{len(views.pictures)} views, {sum(p.numel() for p in head.parameters())} parameters", flush=True)

    def export() -> None:
        facts = {"model": "boundary_head", "network": "BoundaryHead"}
        facts |= {"recipe": "experiments/training/boundary/train_boundary_head.py"}
        facts |= {"backbone": PACKAGE, "backbone_sha256": SHA256}
        facts |= {"steps": str(run.progress.step), "seed": str(arguments.seed)}
        save_weights(arguments.out / "boundary_head.safetensors", average, facts)

    def step(rng: np.random.Generator) -> float:
        pictures, target, features = views.batch(arguments.batch, arguments.crop, rng)
        human = torch.ones(len(target), dtype=torch.bool)
        with torch.autocast("cpu", torch.bfloat16):
            decoded = head.pyramid(pictures.contiguous(memory_format=torch.channels_last), features)
            logit = head.shuffle(head.classify(decoded[0]))
            side_logits = [side(feature) for side, feature in zip(sides, decoded, strict=True)]
        loss = boundary_loss(logit.float()[:, 0], target, human)
        total = loss
        for scale, side_logit in zip((2, 4, 8, 16), side_logits, strict=True):
            coarse = functional.max_pool2d(target[:, None], scale)[:, 0]
            total = total + 0.3 * boundary_loss(side_logit.float()[:, 0], coarse, human)
        rate = learning_rate(run.progress.fraction, arguments.peak_lr)
        descend(total, head, average, optimizer, rate, run.progress.step)
        return loss.item()

    run.train(step, export, save_steps=250)


if __name__ == "__main__":
    main()
