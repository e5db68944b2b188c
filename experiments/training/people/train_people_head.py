"""Recipe: the people head on the pretrained backbone, which stays as it is.

    python experiments/training/people/train_people_head.py --shared ../shared --out out/people_head

Data: `coco_people` without every fourth photo, `coco` without the part held out of `scenes.coco`, VOC train photos
without people. Features of a few random views of each photo are computed once. One thread. Writes the exponential
moving average of the weights.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid

from semcom.experiments.training.people import people_boxes
from semcom.experiments.training.schedule import descend, learning_rate, make_optimizer
from semcom.experiments.training.training_run import TrainingRun, add_run_options
from semcom.semantic.nets.backbone import CHANNELS, PACKAGE, SHA256, load_backbone
from semcom.semantic.nets.loading import load_weights, save_weights
from semcom.semantic.nets.people_head import PeopleHead

STRIDES = (8, 16, 32)
TARGETS = ("inside", "weight", "middle", "sizes")


def compute(photos: list[people_boxes.PeoplePhoto], renditions: int, folder: Path, rng: np.random.Generator) -> None:
    """Features and targets of `renditions` random views of each photo, in files."""
    folder.mkdir(parents=True, exist_ok=True)
    count, side = renditions * len(photos), people_boxes.SIDE
    features = {
        stride: np.lib.format.open_memmap(
            folder / f"features{stride}.npy",
            "w+",
            np.float16,
            (count, side // stride, side // stride, CHANNELS[stride]),
        )
        for stride in STRIDES
    }
    cells = side // people_boxes.STRIDE
    maps = np.lib.format.open_memmap(folder / "targets.npy", "w+", np.float16, (count, 5, cells, cells))
    backbone = load_backbone().to(memory_format=torch.channels_last)
    for position in range(count):
        picture, target = people_boxes.random_view(photos[position % len(photos)], rng)
        tensor = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 255
        with torch.inference_mode():
            pyramid = backbone.pyramid(tensor.to(memory_format=torch.channels_last))
        for stride in STRIDES:
            features[stride][position] = pyramid[stride][0].permute(1, 2, 0).numpy().astype(np.float16)
        maps[position] = np.concatenate([np.stack([target.inside, target.weight, target.middle]), target.sizes])
        if position % 200 == 0:
            print(f"features of {position} of {count} views", flush=True)
    (folder / "done").touch()


def loss_of(maps: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Cross entropy of `inside`, focal loss of `middle` [Zhou 2019], absolute error of sizes: scalar."""
    inside, weight, middle, sizes = truth[:, 0], truth[:, 1], truth[:, 2], truth[:, 3:]
    known = (inside >= 0).float() * weight
    crossed = binary_cross_entropy_with_logits(maps[:, 0], inside.clamp_min(0), reduction="none")
    first = (crossed * known).sum() / known.sum().clamp_min(1)
    peak = (middle == 1).float()
    probability = maps[:, 1].sigmoid()
    hit = -((1 - probability) ** 2) * logsigmoid(maps[:, 1]) * peak
    other = -((1 - middle.clamp_min(0)) ** 4) * probability**2 * logsigmoid(-maps[:, 1]) * (1 - peak) * (middle >= 0)
    second = (hit + other).sum() / peak.sum().clamp_min(1)
    third = ((maps[:, 2:] - sizes).abs() * peak[:, None]).sum() / peak.sum().clamp_min(1)
    return first + 0.35 * second + 0.1 * third


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, default=Path("out/people_head"))
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--renditions", type=int, default=2)
    add_run_options(parser, steps=4000)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--peak-lr", type=float, default=1.5e-3)
    parser.add_argument("--dropout", type=float, default=0.15)
    parser.add_argument("--start", type=Path, help="weights of an earlier run of this recipe to go on from")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    rng = np.random.default_rng(arguments.seed)
    cache = arguments.cache or arguments.out / "features"
    photos = people_boxes.people_photos(arguments.shared)
    if not (cache / "done").exists():
        compute(photos, arguments.renditions, cache, rng)
    features = {stride: np.load(cache / f"features{stride}.npy", mmap_mode="r") for stride in STRIDES}
    targets = np.load(cache / "targets.npy", mmap_mode="r")
    head = PeopleHead(arguments.dropout).to(memory_format=torch.channels_last)
    if arguments.start:
        load_weights(arguments.start, head)
        head.train().requires_grad_(True)
    average = copy.deepcopy(head).eval()
    optimizer = make_optimizer(list(head.parameters()), arguments.peak_lr)
    parts = {"net": head, "average": average, "optimizer": optimizer}
    run = TrainingRun(arguments.out, arguments, parts)
    print(f"{len(targets)} views, {sum(p.numel() for p in head.parameters())} parameters", flush=True)

    def export() -> None:
        facts = {
            "model": "people_head",
            "network": "PeopleHead",
            "recipe": "experiments/training/people/train_people_head.py",
        }
        facts |= {"backbone": PACKAGE, "backbone_sha256": SHA256}
        facts |= {"steps": str(run.progress.step), "seed": str(arguments.seed)}
        save_weights(arguments.out / "people_head.safetensors", average, facts)

    def step(rng: np.random.Generator) -> float:
        rows = np.sort(rng.choice(len(targets), arguments.batch, replace=False))
        batch = {s: torch.from_numpy(np.asarray(f[rows], np.float32)).permute(0, 3, 1, 2) for s, f in features.items()}
        loss = loss_of(head(batch), torch.from_numpy(np.asarray(targets[rows], np.float32)))
        rate = learning_rate(run.progress.fraction, arguments.peak_lr)
        descend(loss, head, average, optimizer, rate, run.progress.step)
        return loss.item()

    run.train(step, export)


if __name__ == "__main__":
    main()
