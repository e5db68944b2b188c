"""Recipe: train the boundary network (B-seg) from random initialisation.

    python experiments/training/train_boundary.py --shared ../shared --pseudo out/pseudo_edges --out out/boundary

Data: BSDS500 train (mean of all annotators' maps) and photos labelled by a published edge detector
(`make_boundary_labels.py`). One thread (or `--device cuda`), bfloat16. Writes the exponential moving average.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

from semcom.experiments.training.scenes import degrade, recolour
from semcom.experiments.training.schedule import descend, learning_rate, make_optimizer
from semcom.experiments.training.training_run import TrainingRun, add_run_options
from semcom.semantic.nets.boundary_net import BoundaryNet
from semcom.semantic.nets.loading import save_weights

HUMAN_SHARE = 0.6
"""Share of crops from BSDS; the others come from photos labelled by the teacher."""
AGREED = 0.3
"""Human boundary: more than this share of the annotators. Fewer but not none: the pixel is left out."""


class EdgeCrops:
    """Random crops of pictures with boundary maps: turned, mirrored, scaled, recoloured."""

    def __init__(self, shared: Path, pseudo: Path | None, crop: int) -> None:
        self.crop = crop
        folder = shared / "data/bsds500/train"
        pairs = [(p, folder / "edges" / f"{p.stem}.png") for p in sorted((folder / "images").glob("*.jpg"))]
        self.human = [_open_pair(*pair) for pair in pairs]
        self.taught = []
        for mask in sorted(pseudo.rglob("*.png")) if pseudo else []:
            stem = shared / "data" / mask.relative_to(pseudo).with_suffix("")
            image = next(p for p in (stem.with_suffix(end) for end in (".jpg", ".png", ".jpeg")) if p.exists())
            self.taught.append(_open_pair(image, mask))

    def sample(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, bool]:
        """Picture uint8 [S, S, 3], boundary share uint8 [S, S] (0..255), and whether people drew it."""
        human = not self.taught or rng.random() < HUMAN_SHARE
        members = self.human if human else self.taught
        image, edges = members[rng.integers(len(members))]
        width, height = image.size
        zoom = float(np.exp(rng.uniform(np.log(0.75), np.log(1.6))))
        side = min(width, height, self.crop / zoom)
        x0, y0 = rng.uniform(0, width - side), rng.uniform(0, height - side)
        box, size = (x0, y0, x0 + side, y0 + side), (self.crop, self.crop)
        picture = image.resize(size, Image.Resampling.BILINEAR, box=box)
        if rng.random() < 0.1:
            picture = degrade(picture, rng)
        target = np.asarray(edges.resize(size, Image.Resampling.BILINEAR, box=box)).astype(np.float32)
        if human:  # a line one pixel wide pales when it shrinks
            target = target * max(1.0, side / self.crop)
        target = np.minimum(target, 255).astype(np.uint8)
        quarter = int(rng.integers(4))
        picture = np.rot90(recolour(np.asarray(picture), rng), quarter)
        target = np.rot90(target, quarter)
        return (picture[:, ::-1], target[:, ::-1], human) if rng.random() < 0.5 else (picture, target, human)


def boundary_loss(logit: torch.Tensor, target: torch.Tensor, human: torch.Tensor) -> torch.Tensor:
    """Cross-entropy over pixels; logit and target float32 [N, h, w], human bool [N].

    Human maps: class-balanced as in [Xie 2015], disputed pixels left out. Taught maps: plain, towards the teacher's
    probability.
    """
    positive, negative = (target > AGREED).float(), (target < 0.02).float()
    num_positive, num_negative = positive.sum((1, 2), keepdim=True), negative.sum((1, 2), keepdim=True)
    total = (num_positive + num_negative).clamp_min(1)
    balanced = positive * (num_negative / total) + negative * (1.1 * num_positive / total)
    is_human = human[:, None, None]
    weight = torch.where(is_human, balanced, torch.full_like(target, 0.25))
    wanted = torch.where(is_human, positive, target)
    losses = functional.binary_cross_entropy_with_logits(logit, wanted, weight, reduction="none")
    return losses.mean()


def _open_pair(image: Path, mask: Path) -> tuple[Image.Image, Image.Image]:
    with Image.open(image) as opened:
        picture = opened.convert("RGB")
    with Image.open(mask) as opened:
        edges = opened.convert("L")
    return picture.resize(edges.size, Image.Resampling.BICUBIC), edges


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--pseudo", type=Path, help="folder written by make_boundary_labels.py")
    parser.add_argument("--out", type=Path, default=Path("out/boundary"))
    add_run_options(parser, steps=6000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--crop", type=int, default=256)
    parser.add_argument("--peak-lr", type=float, default=2e-3)
    parser.add_argument("--device", default="cpu", help="cpu (one thread) or cuda")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    crops = EdgeCrops(arguments.shared, arguments.pseudo, arguments.crop)
    print(f"{len(crops.human)} pictures by people, {len(crops.taught)} by the teacher", flush=True)
    net = BoundaryNet().to(memory_format=torch.channels_last)
    sides = nn.ModuleList(nn.Conv2d(net.lateral2.out_channels, 1, 1) for _ in range(3))
    net, sides = net.to(arguments.device), sides.to(arguments.device)
    average = copy.deepcopy(net).eval()
    trained = [*net.parameters(), *sides.parameters()]
    optimizer = make_optimizer(trained, arguments.peak_lr)
    parts = {"net": net, "sides": sides, "average": average, "optimizer": optimizer}
    run = TrainingRun(arguments.out, arguments, parts)

    def export() -> None:
        recipe = "experiments/training/train_boundary.py"
        facts = {"model": "detailer", "network": "BoundaryNet", "recipe": recipe}
        facts |= {"steps": str(run.progress.step), "seed": str(arguments.seed)}
        save_weights(arguments.out / "boundary.safetensors", average, facts)

    def step(rng: np.random.Generator) -> float:
        batch = [crops.sample(rng) for _ in range(arguments.batch)]
        pictures = torch.from_numpy(np.stack([b[0] for b in batch])).permute(0, 3, 1, 2).float() / 255
        target = torch.from_numpy(np.stack([b[1] for b in batch])).float() / 255
        human = torch.tensor([b[2] for b in batch])
        pictures, target, human = (t.to(arguments.device) for t in (pictures, target, human))
        with torch.autocast(arguments.device, torch.bfloat16):
            features = net.pyramid(pictures)
            logit = net.shuffle(net.classify(features[0]))
            side_logits = [side(feature) for side, feature in zip(sides, features, strict=True)]
        loss = boundary_loss(logit.float()[:, 0], target, human)
        total = loss
        for scale, side_logit in zip((2, 4, 8), side_logits, strict=True):
            coarse = functional.max_pool2d(target[:, None], scale)[:, 0]
            total = total + 0.3 * boundary_loss(side_logit.float()[:, 0], coarse, human)
        rate = learning_rate(run.progress.fraction, arguments.peak_lr)
        descend(total, net, average, optimizer, rate, run.progress.step)
        return loss.item()

    run.train(step, export, save_steps=1000)


if __name__ == "__main__":
    main()
