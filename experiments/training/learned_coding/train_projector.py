"""Recipe: the projector of image set splitting, on the pretrained backbone, which stays as it is.

    python -m semcom.experiments.training.learned_coding.train_projector --shared ../shared --out out/projector

SimSiam [Chen 2021]: two views of each photo go through the projector p; a predictor h makes of the one's projection the
other's, which gets no gradient: loss −½ cos(h(p(a)), p(b)) − ½ cos(h(p(b)), p(a)). Photos: those that `photo_crops`
trains with, evenly thinned to `--photos`; every tenth of them does not train, but tells how often the nearest
neighbour of a view is another one of the same photo. Features of `--views` random views of each are computed once. One
thread.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import cosine_similarity

from semcom.experiments.training.learned_coding.photo_crops import training_photos
from semcom.experiments.training.learned_coding.photo_views import view_features
from semcom.experiments.training.training_run import TrainingRun, add_run_options
from semcom.semantic.nets.backbone import PACKAGE, SHA256, load_backbone
from semcom.semantic.nets.loading import save_weights
from semcom.semantic.nets.set_projector import Predictor, SetProjector

HELD_OUT_EVERY = 10


def thinned(photos: list[Path], count: int) -> list[Path]:
    """`count` of the photos at even distances; all where there are fewer."""
    return [photos[index] for index in np.linspace(0, len(photos) - 1, min(count, len(photos))).round().astype(int)]


def simsiam_loss(projector: SetProjector, predictor: Predictor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """−1 where each view's projection predicts the other one's direction; a, b: features float32 [N, FEATURES]."""
    of_a, of_b = projector(a), projector(b)
    there = cosine_similarity(predictor(of_a), of_b.detach(), dim=1)
    back = cosine_similarity(predictor(of_b), of_a.detach(), dim=1)
    return -(there + back).mean() / 2


@torch.inference_mode()
def found_again(features: torch.Tensor) -> float:
    """Share of views whose nearest neighbour by angle is of the same photo: features [photos, views, dimensions]."""
    photos, views = features.shape[:2]
    flat = torch.nn.functional.normalize(features.reshape(photos * views, -1).float(), dim=1)
    near = flat @ flat.T
    near.fill_diagonal_(-2)
    same = near.argmax(1) // views == torch.arange(photos * views) // views
    return float(same.float().mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("out/projector"))
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--views", type=int, default=6)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=0.03, help="of gradient descent; falls to 0 as a cosine")
    add_run_options(parser, steps=3000)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    backbone = load_backbone().to(memory_format=torch.channels_last)
    photos = thinned(training_photos(args.shared), args.photos)
    features = view_features(photos, args.views, backbone, args.out / "features.npy", args.seed)
    kept = torch.from_numpy(np.array(features, np.float32))
    held_out = torch.arange(len(kept)) % HELD_OUT_EVERY == 0
    train, rest = kept[~held_out], kept[held_out]
    projector, predictor = SetProjector(), Predictor()
    optimizer = torch.optim.SGD(
        [*projector.parameters(), *predictor.parameters()], args.rate, momentum=0.9, weight_decay=1e-4
    )
    run = TrainingRun(args.out, args, {"projector": projector, "predictor": predictor, "optimizer": optimizer})

    def step(rng: np.random.Generator) -> float:
        for group in optimizer.param_groups:
            group["lr"] = args.rate * 0.5 * (1 + np.cos(np.pi * min(run.progress.fraction, 1.0)))
        some = torch.from_numpy(rng.choice(len(train), min(args.batch, len(train)), replace=False))
        pairs = np.stack([rng.choice(args.views, 2, replace=False) for _ in range(len(some))])
        a, b = (train[some, torch.from_numpy(pairs[:, side])] for side in (0, 1))
        loss = simsiam_loss(projector.train(), predictor.train(), a, b)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    def export() -> None:
        told = {"backbone": PACKAGE, "backbone_sha256": SHA256, "steps": str(run.progress.step), "seed": str(args.seed)}
        save_weights(args.out / "seb_projector.safetensors", projector, told)

    run.train(step, export)
    with torch.inference_mode():
        projected = projector.eval()(rest.flatten(0, 1)).reshape(*rest.shape[:2], -1)
    print(
        f"held-out views found again: {found_again(projected):.1%}, by the features as they are {found_again(rest):.1%}"
    )


if __name__ == "__main__":
    main()
