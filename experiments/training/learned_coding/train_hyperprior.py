"""Recipe: train the picture codec with a scale hyperprior on crops of photos, in pieces that go on from each other.

    python experiments/training/learned_coding/train_hyperprior.py --shared ../shared --out out/hyperprior --minutes 9

Loss: λ · mean squared error + bits per pixel, a random λ of the network's for every batch. A run goes on from the
weights in `--out`, with a step size that falls from `--rate` to `--last-rate`; log.jsonl tells every hundred steps.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from semcom.experiments.training.learned_coding.photo_crops import PhotoCrops, training_photos
from semcom.experiments.training.learned_coding.piece import Piece
from semcom.semantic.nets.transform_coding.hyperprior_net import LAMBDAS, HyperpriorNet, start_linear
from semcom.semantic.nets.transform_coding.transforms import REDUCTION

SIDE = 128
FIRST_BLOCKS = 20_000
"""Of which the principal components are the start."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--batch", type=int, default=6)
    args = Piece.arguments(parser).parse_args()
    crops = PhotoCrops(training_photos(args.shared), SIDE)
    print(f"{len(crops)} photos", flush=True)
    with Piece(HyperpriorNet(), args) as piece:
        rng = np.random.default_rng((args.seed, piece.steps_before))
        if piece.steps_before == 0:
            start_linear(piece.net, torch.from_numpy(crops.batch(FIRST_BLOCKS, REDUCTION, rng)))
            piece.average_anew()
        while piece.goes_on:
            quality = int(rng.integers(len(LAMBDAS)))
            picture = torch.from_numpy(crops.batch(args.batch, SIDE, rng)).to(memory_format=torch.channels_last)
            coded, bits_per_pixel = piece.net(picture, quality)
            error = (coded - picture).square().mean()
            piece.step(LAMBDAS[quality] * error + bits_per_pixel, quality, error, bits_per_pixel)


if __name__ == "__main__":
    main()
