"""Recipe: train A-seg's head on the pretrained backbone, which stays as it is.

    python experiments/training/train_scene_head.py --shared ../shared --out out/scene_head

Data: CamVid train, COCO dense and things masks (but the held-out part, see `scenes.coco`), VOC 2012 train with SBD's
masks, COCO photos with person masks (but every fourth), four Cityscapes pictures; and, with `--self-labels`, what an
earlier stage of this network says where these labels say nothing. One thread. Writes the exponential moving average of
the weights.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import numpy as np
import torch
from torch import nn

from semcom.experiments.training import scene_features, scenes
from semcom.experiments.training.schedule import descend, learning_rate, make_optimizer
from semcom.experiments.training.train_segmenter import CodeLoss, code_weights
from semcom.experiments.training.training_run import TrainingRun, add_run_options
from semcom.semantic.benchmark import labels
from semcom.semantic.nets.backbone import PACKAGE, SHA256, load_backbone
from semcom.semantic.nets.loading import load_weights, save_weights
from semcom.semantic.nets.scene_head import SceneHead

SHARE = {"camvid": 0.24, "dense": 0.28, "things": 0.17, "voc_true": 0.19, "people": 0.10, "cityscapes": 0.02}


def training_scenes(shared: Path) -> list[scenes.Scene]:
    """All labelled pictures that may be trained on."""
    pictures = scenes.camvid(shared, "train") + scenes.cityscapes(shared)
    pictures += scenes.coco(shared, "dense", False) + scenes.coco(shared, "things", False)
    return pictures + scenes.voc(shared, "train") + scenes.people(shared, held_out=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--self-labels", type=Path, help="folder written by make_self_labels.py")
    parser.add_argument("--out", type=Path, default=Path("out/scene_head"))
    add_run_options(parser, steps=8000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--crop", type=int, default=256)
    parser.add_argument("--cache", type=Path, help="folder of the backbone's features (default: OUT/features)")
    parser.add_argument("--renditions", type=int, default=3, help="views of each scene that the backbone sees")
    parser.add_argument("--street-views", type=int, default=0, help="views of each CamVid scene beyond RENDITIONS")
    parser.add_argument("--camvid-share", type=float, default=SHARE["camvid"], help="of the crops, relative to SHARE")
    parser.add_argument("--without-drives", nargs="*", default=[], help="CamVid drives to leave out")
    parser.add_argument("--peak-lr", type=float, default=1.5e-3)
    parser.add_argument("--balance", type=float, default=0.3, help="how much more rare categories weigh: 0 to 0.5")
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--start", type=Path, help="weights of an earlier run of this recipe to go on from")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    rng = np.random.default_rng(arguments.seed)

    cache = arguments.cache or arguments.out / "features"
    pictures = training_scenes(arguments.shared) + arguments.street_views * scenes.camvid(arguments.shared, "train")
    if arguments.self_labels:
        pictures = scenes.with_self_labels(pictures, arguments.self_labels)
    scene_features.compute(pictures, load_backbone(), arguments.renditions, cache, arguments.seed)
    file = scene_features.FeatureFile.open(cache)
    share = SHARE | {"camvid": arguments.camvid_share}
    sampler = scene_features.FeatureSampler(file, share, arguments.crop, tuple(arguments.without_drives))
    head = SceneHead(len(labels.VOCABULARY), arguments.dropout).to(memory_format=torch.channels_last)
    auxiliary = nn.Conv2d(128, len(labels.VOCABULARY), 1)
    if arguments.start:
        load_weights(arguments.start, head)
        head.train().requires_grad_(True)
    average = copy.deepcopy(head).eval()
    loss_of = CodeLoss(code_weights(sampler.code_counts(rng, 4000), arguments.balance))
    trained = [*head.parameters(), *auxiliary.parameters()]
    optimizer = make_optimizer(trained, arguments.peak_lr)
    parts = {"net": head, "auxiliary": auxiliary, "average": average, "optimizer": optimizer}
    run = TrainingRun(arguments.out, arguments, parts)
    print(f"{len(file.origins)} views, {sum(p.numel() for p in head.parameters())} parameters", flush=True)

    def export() -> None:
        facts = {"model": "scene_head", "network": "SceneHead", "recipe": "experiments/training/train_scene_head.py"}
        facts |= {"backbone": PACKAGE, "backbone_sha256": SHA256}
        facts |= {"vocabulary": labels.VOCABULARY.full_name, "vocabulary_hash": f"{labels.VOCABULARY.hash:04x}"}
        facts |= {"steps": str(run.progress.step), "seed": str(arguments.seed)}
        save_weights(arguments.out / "scene_head.safetensors", average, facts)

    def step(rng: np.random.Generator) -> float:
        features, codes = sampler.batch(arguments.batch, rng)
        dy, dx = rng.integers(0, 2, size=2)  # which of each 2×2 codes stands for it: thin things get their turn
        decoded, coarse = head.decoded(features)
        loss = loss_of(head.classify(decoded), codes[:, dy::2, dx::2])
        total = loss + 0.3 * loss_of(auxiliary(coarse), codes[:, 4::8, 4::8])
        rate = learning_rate(run.progress.fraction, arguments.peak_lr)
        descend(total, head, average, optimizer, rate, run.progress.step)
        return loss.item()

    run.train(step, export)


if __name__ == "__main__":
    main()
