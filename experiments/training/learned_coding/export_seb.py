"""Recipe: weights and integer tables of Seb and of the autoencoder beside it, from what `train_seb` made.

    python -m semcom.experiments.training.learned_coding.export_seb --shared ../shared \
        --weights out/seb/average.safetensors --out semantic/weights

Weights are stored as float16. The tables are counted with these weights over subsets of training photos, at all
qualities: of bases, of residuals beside them, and of pictures.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from semcom.experiments.training.learned_coding.export_hyperprior import save_tables
from semcom.experiments.training.learned_coding.photo_crops import PhotoCrops, training_photos
from semcom.experiments.training.learned_coding.train_seb import (
    NUM_CROPS,
    RESIDUAL_WIDTH,
    SIDE,
    SebTraining,
    clustered,
    divided,
    joined,
    predicted,
)
from semcom.semantic.coding.latents import counted_table
from semcom.semantic.coding.picture_codecs.hyperprior import LAST_STEP, STEPS_PER_QUALITY
from semcom.semantic.coding.picture_codecs.patch_latents import PatchTables
from semcom.semantic.nets.loading import load_weights, save_weights
from semcom.semantic.nets.transform_coding.base_net import BaseNet
from semcom.semantic.nets.transform_coding.entropy_models import LEAST_SCALE, NUM_SCALES, SCALE_STEP
from semcom.semantic.nets.transform_coding.hyperprior_net import LAMBDAS

CODED = 4


def base_rows(net: BaseNet, deviation: torch.Tensor) -> np.ndarray:
    """int64 [steps, channels]: number of the spread of each channel's rounded latents at each step of quality."""
    steps = torch.arange(LAST_STEP + 1) / STEPS_PER_QUALITY
    scaled = torch.stack([net.gains.apply_to(deviation[None, :, None, None], float(q))[0, :, 0, 0] for q in steps])
    numbers = ((scaled.clamp(min=LEAST_SCALE) / LEAST_SCALE).log() / SCALE_STEP).round()
    return numbers.clamp(0, NUM_SCALES - 1).to(torch.int64).numpy()


def base_tables(net: BaseNet, bases: torch.Tensor) -> PatchTables:
    """Tables counted over latents of bases, float32 [N, channels, 2, 2]."""
    rows = base_rows(net, bases.transpose(0, 1).flatten(1).std(1))
    numbers, places = [], []
    for step in range(0, LAST_STEP + 1, STEPS_PER_QUALITY):
        scaled = net.gains.apply_to(bases, step / STEPS_PER_QUALITY).round().to(torch.int64).numpy()
        numbers.append(scaled.ravel())
        places.append(np.broadcast_to(rows[step][:, None, None], scaled.shape).ravel())
    return PatchTables(rows, counted_table(np.concatenate(numbers), np.concatenate(places), NUM_SCALES))


def as_bytes(crops: torch.Tensor) -> list[np.ndarray]:
    """uint8 [SIDE, SIDE, 3] of each crop, 0..1."""
    return list((crops * 255).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy())


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder")
    parser.add_argument("--subsets", type=int, default=15)
    args = parser.parse_args()
    torch.set_num_threads(1)
    net, rng = SebTraining(), np.random.default_rng(7)
    told = {"steps": load_weights(args.weights, net)["steps"]}
    files = {name: args.out / f"seb_{name}.safetensors" for name in ("bases", "residual", "alone")}
    save_weights(files["bases"], net.bases, told | {"network": "seb-bases-1"})
    load_weights(files["bases"], net.bases)
    for name in ("residual", "alone"):
        width = {"transforms": "convolutional", "width": str(RESIDUAL_WIDTH)}
        save_weights(files[name], getattr(net, name), told | {"network": "hyperprior-1"} | width)
    photos = PhotoCrops(training_photos(args.shared)[::4], SIDE)
    all_bases, residuals, pictures = [], [], []
    for _ in range(args.subsets):
        crops = torch.from_numpy(photos.related(NUM_CROPS, SIDE, rng))
        bases, labels, _ = clustered(net.bases.latents(divided(crops)), rng)
        all_bases.append(bases)
        some = divided(crops[:CODED])
        for quality in range(len(LAMBDAS)):
            reference = joined(predicted(some, net.bases(bases, quality)[0][labels[: len(some)]]))
            residuals += [(one, quality) for one in as_bytes(crops[:CODED] - reference + 0.5)]
            pictures += [(one, quality) for one in as_bytes(crops[:CODED])]
    base_tables(net.bases, torch.cat(all_bases)).save(files["bases"].with_suffix(".tables.npz"))
    save_tables(files["residual"], net.residual, residuals)
    save_tables(files["alone"], net.alone, pictures)
    print(f"{', '.join(path.name for path in files.values())}: {told['steps']} steps of training")


if __name__ == "__main__":
    main()
