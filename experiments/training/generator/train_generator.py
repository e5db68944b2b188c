"""Recipe: train the generator (ES-IRM) on what `make_generator_scenes.py` made.

    python experiments/training/generator/train_generator.py \\
        --scenes out/generator_scenes --out out/generator --minutes 60

Loss of the change: 1 - MS-SSIM of the luma + L1 of the colours. Loss of the detail: distance of the frozen backbone's
features, small heads on them that judge whether a place looks like a photo (hinge, with others' sentences, too), and
that broad tones stay. One thread; writes the exponential moving average of the weights.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from semcom.experiments.training.generator.judge import FrozenFeatures, Judge, fooled, judge_loss, perceptual
from semcom.experiments.training.schedule import descend, learning_rate, make_optimizer
from semcom.experiments.training.training_run import TrainingRun, add_run_options
from semcom.semantic.nets.generator_net import GeneratorNet
from semcom.semantic.nets.loading import load_weights, save_weights
from semcom.semantic.reconstruct.canvas import GRID
from semcom.semantic.reconstruct.sentence_vector import sentence_vector

CROP = 192
MS_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
LUMA = (0.299, 0.587, 0.114)
NETWORK = "generator-2"


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
        """original, drawing uint8 [3, CROP, CROP], planes, labels, sentence vector."""
        scene, version, parts = self.crop(rng)
        return *parts, sentence_vector(str(scene[f"caption{version}"]))

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


def run_net(net: GeneratorNet, batch: list[torch.Tensor], noise: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Faithful pictures and vivid ones, float32 [N, 3, CROP, CROP]; the loss of the second leaves the first alone."""
    _, drawing, planes, labels, sentence = batch
    change, detail = net(drawing, planes, labels, sentence, noise)
    faithful = drawing + change
    return faithful, faithful.detach() + detail


def faithful_loss(made: torch.Tensor, photo: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """1 - MS-SSIM of the luma, and L1."""
    luma = torch.tensor(LUMA)[None, :, None, None]
    similarity = ms_ssim((made * luma).sum(1), (photo * luma).sum(1))
    return 1 - similarity.mean(), (made - photo).abs().mean()


def broad_tones(vivid: torch.Tensor, faithful: torch.Tensor) -> torch.Tensor:
    """How far the detail moves the means of cells of 8 pixels, which the change knows better."""
    return functional.avg_pool2d(vivid - faithful.detach(), 8).abs().mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    add_run_options(parser, steps=20000, minutes=60.0)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=7e-4)
    parser.add_argument("--judge-rate", type=float, default=4e-4)
    parser.add_argument("--adversarial", type=float, default=0.05, help="weight of the judge beside the features")
    parser.add_argument("--start", type=Path, help="weights of an earlier run of this recipe to go on from")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    crops, features = Crops(args.scenes), FrozenFeatures()
    net, judge = GeneratorNet().to(memory_format=torch.channels_last), Judge()
    if args.start:
        load_weights(args.start, net)
        net.train().requires_grad_(True)
    average, optimizer = copy.deepcopy(net), make_optimizer(list(net.parameters()), args.rate)
    judging = torch.optim.AdamW(judge.parameters(), lr=args.judge_rate, betas=(0.5, 0.99))
    parts = {"net": net, "average": average, "optimizer": optimizer, "judge": judge, "judging": judging}
    run = TrainingRun(args.out, args, parts)
    print(f"{sum(p.numel() for p in net.parameters())} parameters, {len(crops.scenes)} photos", flush=True)

    def export() -> None:
        save_weights(args.out / "generator.safetensors", average, {"vocabulary": "everyday-1", "network": NETWORK})
        crops.refresh()

    def step(rng: np.random.Generator) -> float:
        batch = crops.batch(args.batch, rng)
        photo, sentence = batch[0], batch[4]
        cells = CROP // GRID
        noise = torch.from_numpy(rng.standard_normal((args.batch, net.NUM_NOISE, cells, cells), dtype=np.float32))
        faithful, vivid = run_net(net, batch, noise)
        dissimilarity, l1 = faithful_loss(faithful, photo)
        with torch.no_grad():
            seen = features(photo)
        looks = features(vivid.clamp(-0.1, 1.1))
        near = perceptual(looks, seen)
        detail = near + args.adversarial * fooled(judge, looks, sentence) + 2.0 * broad_tones(vivid, faithful)
        loss = dissimilarity + 0.5 * l1 + 0.1 * detail
        rate = learning_rate(run.progress.fraction, args.rate)
        descend(loss, net, average, optimizer, rate, run.progress.step, most_norm=0.1)
        judged = judge_loss(judge, seen, {size: each.detach() for size, each in looks.items()}, sentence)
        judging.zero_grad(set_to_none=True)
        judged.backward()
        judging.step()
        if run.progress.step % 100 == 0:
            print(f"   features {near.item():.4f}, judge {judged.item():.3f}", flush=True)
        return dissimilarity.item()

    run.train(step, export, save_steps=300)


if __name__ == "__main__":
    main()
