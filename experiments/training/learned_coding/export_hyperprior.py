"""Recipe: weights and integer tables of the hyperprior codec from what training made.

    python -m semcom.experiments.training.learned_coding.export_hyperprior --shared ../shared \
        --weights out/hyperprior/average.safetensors --out semantic/weights/hyperprior

Weights are stored as float16. The tables are counted with these weights over crops of training photos, at all
qualities.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from semcom.experiments.training.learned_coding.photo_crops import PhotoCrops, training_photos
from semcom.semantic.coding.integer_hyper import NUM_SCALES, HyperTables, scale_numbers
from semcom.semantic.coding.latents import ROW_LENGTH, counted_table
from semcom.semantic.nets.loading import load_weights, read_header, save_weights
from semcom.semantic.nets.transform_coding.hyperprior_net import LAMBDAS, HyperpriorNet
from semcom.semantic.nets.transform_coding.running import TransformRunner

SIDE = 256


def integer_weights(net: HyperpriorNet) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Weights and biases of the hyper-decoder in 64ths, rounded as in training."""
    convs = (net.hyperprior.first, net.hyperprior.second, net.hyperprior.last)
    made = [
        [np.floor(value.double().numpy() * 64 + 0.5).astype(np.int64) for value in (c.weight, c.bias)] for c in convs
    ]
    return tuple(weight for weight, _ in made), tuple(bias for _, bias in made)


def save_tables(path: Path, net: HyperpriorNet, samples: Iterable[tuple[np.ndarray, int]]) -> None:
    """Beside stored weights the integer tables, counted over pictures, uint8 [height, width, 3], with a quality each.

    Parameters
    ----------
    path : Path
        Of the weights as stored; `net` becomes what they are.
    net : HyperpriorNet
    samples : iterable of (picture, quality)
    """
    load_weights(path, net)
    weights, biases = integer_weights(net)
    even = np.full((NUM_SCALES, ROW_LENGTH), 1 << 15, np.int64)
    tables = HyperTables(weights, biases, even, even[: weights[0].shape[1]])
    runner = TransformRunner(path)
    found: list[tuple[np.ndarray, ...]] = []
    for picture, quality in samples:
        numbers, side = runner.rounded(runner.analysed(picture), quality)
        channels = np.arange(len(side))[:, None, None] + np.zeros_like(side)
        found.append((numbers.ravel(), scale_numbers(tables, side).ravel(), side.ravel(), channels.ravel()))
    numbers, scales, side, channels = (np.concatenate(parts) for parts in zip(*found, strict=True))
    HyperTables(
        weights,
        biases,
        counted_table(numbers, scales, NUM_SCALES),
        counted_table(side, channels, tables.num_hyper_latents),
    ).save(path.with_suffix(".tables.npz"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="first part of both files' names")
    parser.add_argument("--crops", type=int, default=60)
    args = parser.parse_args()
    torch.set_num_threads(1)
    is_linear = not any(name.startswith("analysis.") for name in read_header(args.weights)[0])
    net = HyperpriorNet(is_linear)
    told = load_weights(args.weights, net)
    path = args.out.with_suffix(".safetensors")
    transforms = "linear" if is_linear else "convolutional"
    save_weights(path, net, {"network": "hyperprior-1", "transforms": transforms, "steps": told["steps"]})
    rng = np.random.default_rng(7)
    crops = PhotoCrops(training_photos(args.shared)[::4], SIDE).batch(args.crops, SIDE, rng)
    pictures = [np.rint(crop.transpose(1, 2, 0) * 255).astype(np.uint8) for crop in crops]
    save_tables(path, net, ((picture, quality) for picture in pictures for quality in range(len(LAMBDAS))))
    print(f"{path} and its tables: {len(crops)} crops, {told['steps']} steps of training")


if __name__ == "__main__":
    main()
