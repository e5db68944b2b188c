"""Recipe: train the segmenter (A-seg) from random initialisation.

    python experiments/training/train_segmenter.py --shared ../shared --pseudo out/pseudo_voc --out out/segmenter

Data: CamVid train, COCO dense and things masks (but the held-out part, see `scenes.coco`), four Cityscapes pictures,
photos labelled by a VOC teacher (`make_pseudo_labels.py`) and, in a second run (`--start`), photos labelled by the
network of the first (`make_self_labels.py`). One thread (or `--device cuda`), bfloat16. The schedule runs over
`--steps`, or over `--minutes` of training where that ends first. Writes the exponential moving average of the weights.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import numpy as np
import torch
from torch import nn

from semcom.experiments.training import scenes
from semcom.experiments.training.schedule import descend, learning_rate, make_optimizer
from semcom.experiments.training.training_run import TrainingRun, add_run_options
from semcom.semantic.benchmark import labels
from semcom.semantic.nets.loading import load_weights, save_weights
from semcom.semantic.nets.segmentation_net import SegmentationNet

SHARE = {"camvid": 0.22, "dense": 0.30, "things": 0.21, "cityscapes": 0.02, "voc": 0.25}


class CodeLoss(nn.Module):
    """-log of the probability of all categories a pixel's code allows, weighted by code, averaged over known pixels.

    Input: logits [N, C, h, w], codes int64 [N, h, w] (`labels.IGNORE` where unknown). Output: scalar.
    """

    def __init__(self, code_weights: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("forbidden", torch.log(torch.from_numpy(labels.allowed_table()).clamp_min(1e-30)))
        self.register_buffer("code_weights", code_weights)

    def forward(self, logits: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
        known = codes != labels.IGNORE
        codes = codes[known]
        logits = logits.permute(0, 2, 3, 1)[known]
        log_allowed = torch.logsumexp(logits + self.forbidden[codes], dim=1) - torch.logsumexp(logits, dim=1)
        weights = self.code_weights[codes]
        return -(weights * log_allowed).sum() / weights.sum().clamp_min(1.0)


def weigh_codes(
    sampler: scenes.CropSampler, rng: np.random.Generator, balance: float, num_crops: int = 400
) -> torch.Tensor:
    """Weight per code from how often the sampler shows it: (median / frequency) ** balance, bounded.

    Stronger weights (a square root) from the start were tried: the frequent categories were hardly learned in 2000
    steps, and rare ones appeared everywhere. In a later stage they bring poles, signs and people.
    """
    counts = np.zeros(len(labels.CODES))
    for _ in range(num_crops):
        codes = sampler.sample(rng)[1][::8, ::8]
        counts += np.bincount(codes.ravel(), minlength=256)[: len(counts)]
    return code_weights(counts, balance)


def code_weights(counts: np.ndarray, balance: float) -> torch.Tensor:
    """Weight per code from how often it is shown; what is only partly known weighs 0.3."""
    weights = np.clip((np.median(counts) / np.maximum(counts, 1)) ** balance, 0.13**balance, 6.5**balance)
    weights[[labels.CODES[name] for name in ("STUFF", "NOT_VOC", "NOT_PERSON")]] = 0.3
    return torch.from_numpy(weights.astype(np.float32))


def batch_of(sampler: scenes.CropSampler, size: int, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures float32 [N, 3, S, S] in 0..1 (channels last) and codes int64 [N, S, S]."""
    crops = [sampler.sample(rng) for _ in range(size)]
    pictures, codes = np.stack([picture for picture, _ in crops]), np.stack([codes for _, codes in crops])
    mix_crops(pictures, codes, rng)
    pictures = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
    return pictures, torch.from_numpy(codes).long()


def mix_crops(pictures: np.ndarray, codes: np.ndarray, rng: np.random.Generator) -> None:
    """Paste a rectangle of the next crop into half of the crops, in place [Yun 2019, CutMix]."""
    side = pictures.shape[1]
    for here in np.flatnonzero(rng.random(len(pictures)) < 0.5):
        there = (here + 1) % len(pictures)
        height, width = rng.integers(side // 4, 3 * side // 4, size=2)
        y, x = rng.integers(side - height + 1), rng.integers(side - width + 1)
        box = np.s_[y : y + height, x : x + width]
        pictures[here][box], codes[here][box] = pictures[there][box], codes[there][box]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--pseudo", type=Path, help="folder written by make_pseudo_labels.py")
    parser.add_argument("--self-labels", type=Path, help="folder written by make_self_labels.py")
    parser.add_argument("--drives", nargs="*", default=[], help="CamVid drives to train on (default: all)")
    parser.add_argument("--out", type=Path, default=Path("out/segmenter"))
    add_run_options(parser, steps=20000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--crop", type=int, default=256)
    parser.add_argument("--zoom", type=float, nargs=2, default=(0.6, 1.9), help="size of things in the crops")
    parser.add_argument("--peak-lr", type=float, default=1.5e-3)
    parser.add_argument("--camvid-share", type=float, default=SHARE["camvid"], help="of the crops, before scaling to 1")
    parser.add_argument("--balance", type=float, default=0.25, help="how much more rare categories weigh: 0 to 0.5")
    parser.add_argument("--degraded", type=float, default=0.15, help="share of crops as a strong codec leaves them")
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--device", default="cpu", help="cpu (one thread) or cuda")
    parser.add_argument("--start", type=Path, help="weights of an earlier run of this recipe to go on from")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    rng = np.random.default_rng(arguments.seed)

    pictures = scenes.camvid(arguments.shared, "train", tuple(arguments.drives)) + scenes.cityscapes(arguments.shared)
    pictures += scenes.coco(arguments.shared, "dense", False) + scenes.coco(arguments.shared, "things", False)
    if arguments.pseudo:
        pictures += scenes.pseudo_labelled(arguments.shared, arguments.pseudo)
    if arguments.self_labels:
        pictures = scenes.with_self_labels(pictures, arguments.self_labels)
    sampler = scenes.CropSampler(
        pictures, SHARE | {"camvid": arguments.camvid_share}, arguments.crop, tuple(arguments.zoom), arguments.degraded
    )
    net = SegmentationNet(len(labels.VOCABULARY), dropout=arguments.dropout).to(memory_format=torch.channels_last)
    auxiliary = nn.Conv2d(64, len(labels.VOCABULARY), 1)
    if arguments.start:
        load_weights(arguments.start, net)
        net.train().requires_grad_(True)
    net, auxiliary = net.to(arguments.device), auxiliary.to(arguments.device)
    average = copy.deepcopy(net).eval()
    loss_of = CodeLoss(weigh_codes(sampler, rng, arguments.balance)).to(arguments.device)
    trained = [*net.parameters(), *auxiliary.parameters()]
    optimizer = make_optimizer(trained, arguments.peak_lr)
    parts = {"net": net, "auxiliary": auxiliary, "average": average, "optimizer": optimizer}
    run = TrainingRun(arguments.out, arguments, parts)
    print(f"{len(pictures)} scenes, {sum(p.numel() for p in net.parameters())} parameters", flush=True)

    def export() -> None:
        facts = {
            "model": "segmenter",
            "network": "SegmentationNet",
            "recipe": "experiments/training/train_segmenter.py",
        }
        facts |= {"vocabulary": labels.VOCABULARY.full_name, "vocabulary_hash": f"{labels.VOCABULARY.hash:04x}"}
        facts |= {"steps": str(run.progress.step), "seed": str(arguments.seed)}
        save_weights(arguments.out / "segmenter.safetensors", average, facts)

    def step(rng: np.random.Generator) -> float:
        images, codes = (t.to(arguments.device) for t in batch_of(sampler, arguments.batch, rng))
        dy, dx = rng.integers(0, 4, size=2)  # which pixel of each 4×4 stands for it: thin things get their turn
        with torch.autocast(arguments.device, torch.bfloat16):
            features, coarse = net.pyramid(images)
            logits, coarse_logits = net.classify(features), auxiliary(coarse)
        loss = loss_of(logits.float(), codes[:, dy::4, dx::4])
        total = loss + 0.3 * loss_of(coarse_logits.float(), codes[:, 8::16, 8::16])
        rate = learning_rate(run.progress.fraction, arguments.peak_lr)
        descend(total, net, average, optimizer, rate, run.progress.step)
        return loss.item()

    run.train(step, export, save_steps=1000)


if __name__ == "__main__":
    main()
