"""Recipe: train Seb end to end, and beside it the same autoencoder without semantic bases, for as many steps.

    python -m semcom.experiments.training.learned_coding.train_seb --shared ../shared \
        --linear semantic/weights/hyperprior.safetensors --out out/seb --minutes 9

A run goes on from the weights in `--out`, with a step size that falls from `--rate` to `--last-rate`. A step takes
sixteen crops of 256 × 256 of one photo, K = ⌊patches / 25⌋ bases, and a random λ of the network's, small ones more
often; `--coded` of the crops are coded to the end, by both. Loss of each (equations 5 and 10): λ · mean squared error +
bits per pixel + β · squared distance of the patches' latents from their bases, β = 1. Usage is n_p · log₂K bits, which
no weight changes. The gradient of a base is copied to the latents of its cluster. The linear transforms stay as they
are: some hundred steps undo more of them than they better. log.jsonl has, by number of λ: PSNR of Seb, its residual's
and its bases' bits per pixel, and PSNR and bits per pixel of the autoencoder alone.

References
----------
[Zheng] Semantic Communications with Explicit Semantic Base for Image Transmission.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import nn

from semcom.experiments.training.learned_coding.photo_crops import PhotoCrops, training_photos
from semcom.experiments.training.learned_coding.piece import Piece
from semcom.semantic.coding.block_compensation import OFFSET_STEP
from semcom.semantic.nets.loading import load_weights
from semcom.semantic.nets.transform_coding.base_net import BaseNet, start_bases
from semcom.semantic.nets.transform_coding.hyperprior_net import LAMBDAS, HyperpriorNet, start_convolutions
from semcom.semantic.systems.seb.bases import NOISE_ENERGY, WORTH_IT
from semcom.semantic.systems.seb.kmeans import kmeans
from semcom.semantic.systems.seb.picture_coding import LEAST_OFFSET

SIDE, NUM_CROPS, PATCH, PATCHES_PER_BASE = 256, 16, 32, 25
RESIDUAL_WIDTH, KMEANS_ROUNDS = 16, 4


class SebTraining(nn.Module):
    """What is trained: Seb's two networks, and the second of them once more without the first."""

    def __init__(self) -> None:
        super().__init__()
        self.bases = BaseNet()
        self.residual, self.alone = (HyperpriorNet(width=RESIDUAL_WIDTH) for _ in range(2))

    def start(self, linear: HyperpriorNet, crops: torch.Tensor) -> None:
        """All from the transform code that `linear` is; the autoencoders begin alike."""
        start_bases(self.bases, linear, divided(crops))
        start_convolutions(self.residual, linear)
        self.alone.load_state_dict(self.residual.state_dict())


def divided(crops: torch.Tensor) -> torch.Tensor:
    """Patches [N · rows · columns, 3, PATCH, PATCH] of crops [N, 3, SIDE, SIDE]."""
    count, channels, height, width = crops.shape
    parts = crops.reshape(count, channels, height // PATCH, PATCH, width // PATCH, PATCH)
    return parts.permute(0, 2, 4, 1, 3, 5).reshape(-1, channels, PATCH, PATCH)


def joined(patches: torch.Tensor, side: int = SIDE) -> torch.Tensor:
    """Crops of patches: the opposite of `divided`."""
    edge = side // PATCH
    parts = patches.reshape(-1, edge, edge, patches.shape[1], PATCH, PATCH)
    return parts.permute(0, 3, 1, 4, 2, 5).reshape(-1, patches.shape[1], side, side)


def clustered(latents: torch.Tensor, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Bases of latents F [N, ...]: S with gradients that go to all F of its cluster as they are; number of the base of
    each F; sum of squared distances with S fixed (equation 9)."""
    flat = latents.detach().reshape(len(latents), -1)
    found = kmeans(flat.numpy(), len(latents) // PATCHES_PER_BASE, rng, KMEANS_ROUNDS)
    labels = torch.from_numpy(found.labels.astype(np.int64))
    centres = torch.from_numpy(found.centres).reshape(-1, *latents.shape[1:])
    copied = torch.zeros_like(centres).index_add(0, labels, latents - latents.detach())
    return centres + copied, labels, (latents - centres[labels]).square().sum()


def predicted(patches: torch.Tensor, bases: torch.Tensor) -> torch.Tensor:
    """What is subtracted: the base of each patch, or grey where it does not serve, made as bright as the patch."""
    own, left = (part.var((2, 3), correction=0).mean(1) for part in (patches, patches - bases.detach()))
    serves = left <= WORTH_IT * own + NOISE_ENERGY / 255**2
    reference = torch.where(serves[:, None, None, None], bases, 0.5)
    steps = ((patches - reference.detach()).mean((1, 2, 3), keepdim=True) * (255 / OFFSET_STEP)).round()
    return reference + torch.where(steps.abs() < LEAST_OFFSET, 0.0, steps * (OFFSET_STEP / 255))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--linear", type=Path, required=True, help="weights that training begins with")
    parser.add_argument("--coded", type=int, default=2, help="crops of the sixteen that are coded to the end")
    parser.add_argument("--beta", type=float, default=1.0)
    parser.add_argument("--every", type=int, default=1, help="takes one photo of so many")
    args = Piece.arguments(parser).parse_args()
    photos = PhotoCrops(training_photos(args.shared)[:: args.every], SIDE)
    print(f"{len(photos)} photos", flush=True)
    with Piece(SebTraining(), args) as piece:
        for part in (piece.net.bases, piece.net.residual, piece.net.alone):
            part.linear_analysis.requires_grad_(False)
            part.linear_synthesis.requires_grad_(False)
        net, rng = piece.net, np.random.default_rng((args.seed, piece.steps_before))
        if piece.steps_before == 0:
            linear = HyperpriorNet(linear_only=True)
            load_weights(args.linear, linear)
            net.start(linear, torch.from_numpy(photos.batch(NUM_CROPS, SIDE, rng)))
            piece.average_anew()
        while piece.goes_on:
            quality = int(rng.integers(len(LAMBDAS), size=2).min())
            crops = torch.from_numpy(photos.related(NUM_CROPS, SIDE, rng))
            coded = crops[: args.coded]
            patches = divided(crops)
            bases, labels, distance = clustered(net.bases.latents(patches), rng)
            references, base_bits = net.bases(bases, quality)
            some = divided(coded)
            reference = joined(predicted(some, references[labels[: len(some)]]))
            residual, residual_bits = net.residual((coded - reference + 0.5).clamp(0, 1), quality)
            pictures, alone_bits = net.alone(coded, quality)
            error, alone_error = ((made - coded).square().mean() for made in (reference + residual - 0.5, pictures))
            pixels = NUM_CROPS * SIDE * SIDE
            loss = LAMBDAS[quality] * (error + alone_error) + residual_bits + alone_bits
            loss = loss + (base_bits + args.beta * distance) / pixels
            alone_psnr_db = -10 * alone_error.log10()
            piece.step(loss, quality, error, residual_bits, base_bits / pixels, alone_psnr_db, alone_bits)


if __name__ == "__main__":
    main()
