"""Recipe, second stage: train the whole picture codec with a scale hyperprior, in pieces that go on from each other.

    python -m semcom.experiments.training.learned_coding.train_hyperprior --shared ../shared \
        --linear out/linear/average.safetensors --out out/hyperprior --minutes 9

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
from semcom.semantic.nets.loading import load_weights
from semcom.semantic.nets.transform_coding.hyperprior_net import LAMBDAS, HyperpriorNet, start_convolutions

SIDE = 128


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--linear", type=Path, required=True, help="weights of the first stage")
    parser.add_argument("--batch", type=int, default=6)
    args = Piece.arguments(parser).parse_args()
    crops = PhotoCrops(training_photos(args.shared), SIDE)
    print(f"{len(crops)} photos", flush=True)
    with Piece(HyperpriorNet(), args) as piece:
        rng = np.random.default_rng((args.seed, piece.steps_before))
        if piece.steps_before == 0:
            linear = HyperpriorNet(linear_only=True)
            load_weights(args.linear, linear)
            start_convolutions(piece.net, linear)
            piece.average_anew()
        while piece.goes_on:
            quality = int(rng.integers(len(LAMBDAS)))
            picture = torch.from_numpy(crops.batch(args.batch, SIDE, rng)).to(memory_format=torch.channels_last)
            coded, bits_per_pixel = piece.net(picture, quality)
            error = (coded - picture).square().mean()
            piece.step(LAMBDAS[quality] * error + bits_per_pixel, quality, error, bits_per_pixel)


if __name__ == "__main__":
    main()
