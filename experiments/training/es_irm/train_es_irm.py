"""Recipe for a GPU: ES-IRM as ES-ISC has it, led by CLIP's text encoder, against a discriminator on CLIP-ViT.

    semcom models get clip
    python experiments/training/generator/make_generator_scenes.py \\
        --shared ../shared --out out/scenes --photos 1600 --versions 8
    python -m semcom.experiments.training.es_irm.train_es_irm \\
        --scenes out/scenes --out out/es_irm --device cuda --batch 32

Called again, it goes on with what lies in `--out`. CLIP stays as it is. What it writes is a folder for
``--reconstructor es-irm,folder=out/es_irm``. Not run with the real CLIP here: a tiny one trains in the tests.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import numpy as np
import torch

from semcom.experiments.training.es_irm.adversarial_losses import (
    discriminator_loss,
    generator_loss,
    on_device,
    step,
)
from semcom.experiments.training.generator.train_generator import Crops
from semcom.experiments.training.schedule import LossLog, Progress, update_average
from semcom.semantic.backends.generation.es_irm import NETWORK, WEIGHTS, load_clip, sentence_vectors
from semcom.semantic.nets.es_irm.discriminator import ClipDiscriminator, ClipFeatures
from semcom.semantic.nets.es_irm.generator import NOISE, EsIrmGenerator
from semcom.semantic.nets.loading import load_weights, save_weights

DISCRIMINATOR = "discriminator.safetensors"
SAVE_STEPS = 500
RATES = (1e-4, 4e-4)
"""Of generator and discriminator ([Tao 2023])."""


class CaptionedCrops(Crops):
    """Crops with the sentence of their scene."""

    def captioned_batch(self, size: int, rng: np.random.Generator) -> tuple[list[torch.Tensor], list[str]]:
        """original, drawing float32 [size, 3, CROP, CROP] of 0..1, planes, labels; and their captions."""
        found = [self.crop(rng) for _ in range(size)]
        original, drawing, planes, labels = (
            torch.from_numpy(np.stack(parts)) for parts in zip(*(parts for _, _, parts in found), strict=True)
        )
        captions = [str(scene[f"caption{version}"]) for scene, version, _ in found]
        return [original.float() / 255, drawing.float() / 255, planes, labels.long()], captions


class Training:
    """Both networks, their optimizers, and the average of the generator.

    Parameters
    ----------
    clip : Loaded
    out : Path
        Weights that lie there are gone on with.
    channels : sequence of 5 int
        Of a generator that begins.
    """

    def __init__(self, clip, out: Path, channels: list[int]) -> None:
        self.clip, self.out = clip, out
        length = int(clip.model.config.projection_dim)
        self.features = ClipFeatures(clip.model).to(clip.device)
        self.net = EsIrmGenerator(length, channels)
        self.judge = ClipDiscriminator(self.features.channels, length)
        for file, net in ((WEIGHTS, self.net), (DISCRIMINATOR, self.judge)):
            if (out / file).is_file():
                load_weights(out / file, net)
                net.train().requires_grad_(True)
            net.to(clip.device)
        self.average = copy.deepcopy(self.net)
        betas = (0.0, 0.9)
        self.optimizers = [
            torch.optim.Adam(net.parameters(), rate, betas)
            for net, rate in zip((self.net, self.judge), RATES, strict=True)
        ]

    def step(self, batch: list[torch.Tensor], captions: list[str], number: int) -> tuple[float, float]:
        """One step of the discriminator, one of the generator; their losses."""
        photo, drawing, planes, labels = on_device(batch, self.clip.device)
        sentence = sentence_vectors(self.clip, captions)
        noise = torch.randn(len(captions), NOISE, device=self.clip.device)
        made = self.net(sentence, noise, drawing, planes, labels)
        judged = discriminator_loss(self.judge, self.features, photo, made.detach(), sentence)
        step(judged, self.judge, self.optimizers[1])
        missed = generator_loss(self.judge, self.features, photo, made, sentence)
        step(missed, self.net, self.optimizers[0])
        update_average(self.average, self.net, number)
        return float(judged.detach()), float(missed.detach())

    def save(self) -> None:
        told = {
            "network": NETWORK,
            "sentence": str(self.net.sentence),
            "channels": ",".join(map(str, self.net.channels)),
        }
        save_weights(self.out / WEIGHTS, self.average, told)
        save_weights(self.out / DISCRIMINATOR, self.judge, {"network": "es-irm-discriminator-1"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=Path, required=True, help="of make_generator_scenes.py")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--clip", default="", help="folder of CLIP; else that of the folder of models")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=200_000, help="of this call")
    parser.add_argument("--minutes", type=float, default=24 * 60.0, help="of this call")
    parser.add_argument("--channels", type=int, nargs=5, default=[256, 192, 128, 64, 32])
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    rng, crops = np.random.default_rng(arguments.seed), CaptionedCrops(arguments.scenes)
    arguments.out.mkdir(parents=True, exist_ok=True)
    training = Training(load_clip(arguments.clip, arguments.device), arguments.out, arguments.channels)
    progress, log = Progress(arguments.steps, arguments.minutes), LossLog()
    while progress.fraction < 1:
        _, missed = training.step(*crops.captioned_batch(arguments.batch, rng), progress.step)
        progress.tick()
        log.add(progress, missed)
        if progress.step % SAVE_STEPS == 0 or progress.fraction >= 1:
            training.save()
            log.write(arguments.out / "log.json")


if __name__ == "__main__":
    main()
