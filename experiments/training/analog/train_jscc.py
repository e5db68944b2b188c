"""Recipe: train deep JSCC, the filters around the linear analog code, through the AWGN channel.

    python -m semcom.experiments.training.analog.train_jscc --photos ../shared/data/bsds500/train/images \\
        --out out/jscc --minutes 30 --piece-minutes 10
    python -m semcom.experiments.training.analog.train_jscc --photos ... --out out/jscc19 \\
        --start semantic/weights/jscc.safetensors --snr-db 19

Each call trains one piece and goes on where the last one ended (`state.pt` in `--out`). Loss: mean square error over
that of what the linear code received, so that each SNR counts alike. One thread; writes the exponential moving average
of the weights.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from semcom.experiments.training.analog.jscc_channel import CODED_CBR, AnalogChannel
from semcom.experiments.training.schedule import descend, learning_rate, make_optimizer
from semcom.experiments.training.training_run import TrainingRun, add_run_options
from semcom.semantic.nets.jscc_net import JsccNet, conditions
from semcom.semantic.nets.loading import load_weights, save_weights

CROP = 96
BATCH = 4
LEAST_SNR_DB, MOST_SNR_DB = -7.0, 22.0
WEIGHT_OF_CBR = (0.4, 0.2, 0.2, 0.2)
SHARE_OF_OTHER_DESIGN = 0.3
"""Of crops whose gains were set for another SNR than the one that the channel has."""


class Crops:
    """Random crops of photos, mirrored and turned."""

    def __init__(self, folders: list[Path]) -> None:
        files = sorted(path for folder in folders for path in folder.iterdir() if path.suffix in (".jpg", ".png"))
        self.photos = [np.asarray(Image.open(path).convert("RGB")) for path in files]
        self.photos = [photo for photo in self.photos if min(photo.shape[:2]) > CROP]
        if not self.photos:
            raise SystemExit(f"--photos must hold photos of more than {CROP} pixels a side, found none")

    def batch(self, rng: np.random.Generator, count: int) -> torch.Tensor:
        """float32 [count, 3, CROP, CROP] of -1..1."""
        crops = []
        for _ in range(count):
            photo = self.photos[rng.integers(len(self.photos))]
            top, left = (int(rng.integers(side - CROP + 1)) for side in photo.shape[:2])
            crop = photo[top : top + CROP, left : left + CROP]
            crop = np.rot90(crop, rng.integers(4))
            crops.append(crop[:, ::-1] if rng.random() < 0.5 else crop)
        return torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float() / 127.5 - 1


def loss_of(
    net: JsccNet,
    channel: AnalogChannel,
    crops: torch.Tensor,
    rng: np.random.Generator,
    snr_db: float | None,
    seed: int,
) -> torch.Tensor:
    """Mean square error through both filters over that of what is received, mean over the crops."""
    count = len(crops)
    cbr = rng.choice(CODED_CBR, count, p=WEIGHT_OF_CBR)
    snr = rng.uniform(LEAST_SNR_DB, MOST_SNR_DB, count) if snr_db is None else np.full(count, snr_db)
    other = rng.random(count) < SHARE_OF_OTHER_DESIGN if snr_db is None else np.zeros(count, bool)
    design = np.where(other, rng.uniform(0, 20, count), snr)
    known = conditions(*(torch.from_numpy(values.astype(np.float32)) for values in (snr, design, cbr)))
    sender = conditions(*(torch.from_numpy(values.astype(np.float32)) for values in (design, design, cbr)))
    noise = torch.Generator().manual_seed(seed)
    received = channel(crops + net.before(crops, sender), cbr, snr, design, noise)
    made = received + net.behind(received, known)
    least = ((received - crops) ** 2).mean((1, 2, 3)).detach()
    return (((made - crops) ** 2).mean((1, 2, 3)) / least).mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="weights to start from: jscc.safetensors of another run")
    parser.add_argument("--snr-db", type=float, help="train at this Es/N0 alone; default: -7 to 22")
    add_run_options(parser, steps=10**9, minutes=30.0)
    parser.add_argument("--rate", type=float, default=1e-3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    trained = "-7 to 22 dB" if options.snr_db is None else f"{options.snr_db:g} dB"
    net = JsccNet()
    average = copy.deepcopy(net)
    if options.start is not None:
        for module in (net, average):
            load_weights(options.start, module)
            module.train().requires_grad_(True)
    optimizer = make_optimizer(list(net.parameters()), options.rate)
    run = TrainingRun(options.out, options, {"net": net, "average": average, "optimizer": optimizer})
    crops, channel = Crops(options.photos), AnalogChannel()

    def export() -> None:
        metadata = {"net": "jscc", "esno_db": trained, "steps": str(run.progress.step)}
        save_weights(options.out / "jscc.safetensors", average, metadata)

    def step(rng: np.random.Generator) -> float:
        seed = options.seed + run.progress.step
        loss = loss_of(net, channel, crops.batch(rng, BATCH), rng, options.snr_db, seed)
        rate = learning_rate(run.progress.fraction, options.rate)
        descend(loss, net, average, optimizer, rate, run.progress.step)
        return loss.item()

    run.train(step, export)


if __name__ == "__main__":
    main()
