"""Recipe, first stage: the hyperprior of the linear picture codec, on latents that are computed once.

    python -m semcom.experiments.training.learned_coding.train_linear --shared ../shared --out out/linear --cache
    python -m semcom.experiments.training.learned_coding.train_linear --out out/linear --minutes 9

The transforms are the principal components of blocks of training photos, fixed. What is trained is what the hyperprior
says of their sizes; a step takes some 50 ms. Loss: logarithm of the bits, a random λ of the network's for every batch.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from semcom.experiments.training.learned_coding.piece import Piece
from semcom.semantic.nets.transform_coding.hyperprior_net import LAMBDAS, LATENTS, HyperpriorNet, start_linear
from semcom.semantic.nets.transform_coding.transforms import REDUCTION

SIDE, NUM_CROPS, NUM_BLOCKS = 128, 2500, 30_000
PIXELS = SIDE * SIDE


def cache(shared: Path, out: Path, seed: int) -> None:
    """Weights of the start, and latents of crops of training photos, float16 [crops, latents, 8, 8]."""
    from semcom.experiments.training.learned_coding.photo_crops import PhotoCrops, training_photos
    from semcom.semantic.nets.loading import save_weights

    rng, net = np.random.default_rng(seed), HyperpriorNet(linear_only=True)
    crops = PhotoCrops(training_photos(shared), SIDE)
    start_linear(net, torch.from_numpy(crops.batch(NUM_BLOCKS, REDUCTION, rng)))
    out.mkdir(parents=True, exist_ok=True)
    save_weights(out / "start.safetensors", net, {"steps": "0"}, half=False)
    latents = np.empty((NUM_CROPS, LATENTS, SIDE // REDUCTION, SIDE // REDUCTION), np.float16)
    with torch.inference_mode():
        for start in range(0, NUM_CROPS, 100):
            latents[start : start + 100] = net.analysed(torch.from_numpy(crops.batch(100, SIDE, rng))).numpy()
    np.save(out / "latents.npy", latents)
    print(f"{len(crops)} photos, {NUM_CROPS} crops")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path)
    parser.add_argument("--cache", action="store_true", help="compute the latents, train nothing")
    parser.add_argument("--batch", type=int, default=8)
    args = Piece.arguments(parser).parse_args()
    if args.cache:
        cache(args.shared, args.out, args.seed)
        return
    args.start = args.start or args.out / "start.safetensors"
    latents = np.load(args.out / "latents.npy", mmap_mode="r", allow_pickle=False)
    with Piece(HyperpriorNet(linear_only=True), args) as piece:
        for part in (piece.net.linear_analysis, piece.net.linear_synthesis, piece.net.gains):
            part.requires_grad_(False)
        rng = np.random.default_rng((args.seed, piece.steps_before))
        while piece.goes_on:
            quality = int(rng.integers(len(LAMBDAS)))
            batch = torch.from_numpy(latents[np.sort(rng.choice(len(latents), args.batch, replace=False))])
            bits, side_bits = piece.net.hyperprior.bits(piece.net.gains.apply_to(batch.float(), quality))
            told = [part / (args.batch * PIXELS) for part in (bits, side_bits)]
            piece.step(sum(told).log(), quality, torch.ones(()), *told)  # a tenth less is as good at any quality


if __name__ == "__main__":
    main()
