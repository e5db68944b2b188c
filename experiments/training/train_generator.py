"""Recipe: train the generator (ES-IRM) on what `make_generator_scenes.py` made.

    python experiments/training/train_generator.py --scenes out/generator_scenes --out out/generator --minutes 60

Loss: 1 - MS-SSIM of the luma + L1 of the colours, and for the texture head the likelihood of the energy that the
faithful picture lacks, per octave. One thread, bfloat16; writes the exponential moving average of the weights.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from semcom.experiments.training.schedule import descend, learning_rate, make_optimizer
from semcom.experiments.training.training_run import TrainingRun, add_run_options
from semcom.semantic.nets.generator_net import GeneratorNet
from semcom.semantic.nets.loading import load_weights, save_weights
from semcom.semantic.reconstruct.canvas import GRID, NUM_WORDS

CROP = 192
MS_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
LUMA = (0.299, 0.587, 0.114)


class Crops:
    """Random crops, mirrored and turned, of all scenes in a folder; colours of drawing and original moved together."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._read = folder, set()
        self.scenes: list[dict[str, np.ndarray]] = []
        self.refresh()
        self.versions = sum(name.startswith("drawing") for name in self.scenes[0])

    def refresh(self) -> None:
        """Read the photos that have come since."""
        for path in sorted(set(self._folder.glob("[0-9][0-9][0-9][0-9].npz")) - self._read):
            self.scenes.append(dict(np.load(path)))
            self._read.add(path)

    def crop(self, rng: np.random.Generator) -> tuple[dict[str, np.ndarray], int, list[np.ndarray]]:
        """A scene, the version of it, and of that original and drawing uint8 [3, CROP, CROP], planes, labels."""
        scene = self.scenes[rng.integers(len(self.scenes))]
        version = rng.integers(self.versions)
        original, drawing, planes, labels = (
            scene["original"],
            *(scene[f"{n}{version}"] for n in ("drawing", "planes", "labels")),
        )
        cells = CROP // GRID
        top, left = (int(rng.integers(side - cells + 1)) for side in labels.shape)
        cut = np.s_[top * GRID : (top + cells) * GRID, left * GRID : (left + cells) * GRID]
        grid = np.s_[..., top : top + cells, left : left + cells]
        parts = [original[cut].transpose(2, 0, 1), drawing[cut].transpose(2, 0, 1), planes[grid], labels[grid]]
        if rng.random() < 0.5:
            parts = [part[..., ::-1] for part in parts]
        return scene, int(version), [np.ascontiguousarray(part) for part in parts]

    def sample(self, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        """original, drawing uint8 [3, CROP, CROP], planes, labels, words."""
        scene, version, parts = self.crop(rng)
        return *parts, np.bincount(scene[f"words{version}"], minlength=NUM_WORDS).astype(np.float32)

    def batch(self, size: int, rng: np.random.Generator) -> list[torch.Tensor]:
        """`size` crops, pictures scaled to 0..1."""
        stacked = [
            torch.from_numpy(np.stack(parts)) for parts in zip(*(self.sample(rng) for _ in range(size)), strict=True)
        ]
        stacked[0], stacked[1], stacked[3] = stacked[0].float() / 255, stacked[1].float() / 255, stacked[3].long()
        return stacked


def blur_matrix(side: int) -> torch.Tensor:
    """float32 [side - 10, side]: the 11-tap Gaussian of MS-SSIM, valid part."""
    taps = torch.exp(-((torch.arange(11.0) - 5) ** 2) / (2 * 1.5**2))
    matrix = torch.zeros(side - 10, side)
    for row in range(side - 10):
        matrix[row, row : row + 11] = taps / taps.sum()
    return matrix


_MATRICES = {CROP >> scale: blur_matrix(CROP >> scale) for scale in range(4)}
_MATRICES[CROP >> 4] = blur_matrix(CROP >> 4)


def ms_ssim(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """[N] multi-scale structural similarity of lumas [N, CROP, CROP], 0..1."""
    c1, c2 = 0.01**2, 0.03**2
    product = 1.0
    for scale, weight in enumerate(MS_WEIGHTS):
        matrix = _MATRICES[a.shape[-1]]
        moments = matrix @ torch.stack([a, b, a * a, b * b, a * b]) @ matrix.T
        mean_a, mean_b = moments[0], moments[1]
        var_a, var_b, covariance = moments[2] - mean_a**2, moments[3] - mean_b**2, moments[4] - mean_a * mean_b
        term = (2 * covariance + c2) / (var_a + var_b + c2)
        if scale == len(MS_WEIGHTS) - 1:
            term = term * (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
        product = product * term.mean((1, 2)).clamp(min=0.02) ** weight
        a, b = (functional.avg_pool2d(x[:, None], 2)[:, 0] for x in (a, b))
    return product


def octaves(luma: torch.Tensor) -> list[torch.Tensor]:
    """Mean energy around each cell of the two finest octaves of [N, 1, H, W]: two of [N, H/4, W/4]."""
    half = functional.avg_pool2d(luma, 2)
    quarter = functional.avg_pool2d(half, 2)
    finest = (luma - functional.interpolate(half, scale_factor=2.0, mode="nearest")) ** 2
    second = (half - functional.interpolate(quarter, scale_factor=2.0, mode="nearest")) ** 2
    return [
        functional.avg_pool2d(functional.avg_pool2d(e, n), 5, 1, 2, count_include_pad=False)[:, 0]
        for e, n in ((finest, 4), (second, 2))
    ]


def losses(net: GeneratorNet, batch: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """1 - MS-SSIM, L1, texture."""
    original, drawing, planes, labels, words = batch
    with torch.autocast("cpu", torch.bfloat16):
        change, texture = net(drawing, planes, labels, words)
    picture = drawing + change.float()
    luma = torch.tensor(LUMA)[None, :, None, None]
    y, target = (picture * luma).sum(1, keepdim=True), (original * luma).sum(1, keepdim=True)
    similarity = ms_ssim(y[:, 0], target[:, 0])
    with torch.no_grad():
        lacking = [
            (t - p).clamp(min=1e-6) for t, p in zip(octaves(target), octaves(y.detach().clamp(0, 1)), strict=True)
        ]
    log_var = texture.float()
    likelihood = sum((log_var[:, i] + lacking[i] * torch.exp(-log_var[:, i])).mean() for i in range(len(lacking)))
    return 1 - similarity.mean(), (picture - original).abs().mean(), likelihood


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    add_run_options(parser, steps=20000, minutes=60.0)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=7e-4)
    parser.add_argument("--start", type=Path, help="weights of an earlier run of this recipe to go on from")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    crops = Crops(args.scenes)
    net = GeneratorNet().to(memory_format=torch.channels_last)
    if args.start:
        load_weights(args.start, net)
        net.train().requires_grad_(True)
    average, optimizer = copy.deepcopy(net), make_optimizer(list(net.parameters()), args.rate)
    run = TrainingRun(args.out, args, {"net": net, "average": average, "optimizer": optimizer})
    print(f"{sum(p.numel() for p in net.parameters())} parameters, {len(crops.scenes)} photos", flush=True)

    def export() -> None:
        facts = {"vocabulary": "everyday-1", "network": "generator-1"}
        save_weights(args.out / "generator.safetensors", average, facts)
        crops.refresh()

    def step(rng: np.random.Generator) -> float:
        dissimilarity, l1, texture = losses(net, crops.batch(args.batch, rng))
        loss = dissimilarity + 0.5 * l1 + 0.002 * texture
        rate = learning_rate(run.progress.fraction, args.rate)
        descend(loss, net, average, optimizer, rate, run.progress.step, most_norm=0.1)
        return dissimilarity.item()

    run.train(step, export, save_steps=300)


if __name__ == "__main__":
    main()
