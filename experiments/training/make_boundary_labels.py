"""Recipe: let a published edge detector label photos that have no human boundaries.

    python experiments/training/make_boundary_labels.py --shared ../shared --out out/pseudo_edges

The teacher is PiDiNet-small [Su 2021]; its pixel-difference convolutions are turned into plain ones (§3.1 there). Each
photo is seen as it is and mirrored, and the mean is kept, 0..255. The photos are COCO pictures that train the
segmenter, sequences and a few CamVid frames: none of BSDS500, none of Kodak. The teacher only labels.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from semcom.experiments.training import scenes

TEACHER = "weights/pidinet/table5_pidinet-small.pth"
_KINDS = ("central", "angular", "radial", "plain")
_BLOCKS = (3, 4, 4, 4)


def plain_kernel(weight: torch.Tensor, kind: str) -> torch.Tensor:
    """A pixel-difference kernel [O, I, 3, 3] as an ordinary one (5×5 for radial differences)."""
    if kind == "central":  # each tap minus the centre
        kernel = weight.clone()
        kernel[:, :, 1, 1] -= weight.sum(dim=(2, 3))
        return kernel
    flat = weight.flatten(2)
    if kind == "angular":  # each tap minus its neighbour around the ring
        return (flat - flat[:, :, [3, 0, 1, 6, 4, 2, 7, 8, 5]]).view_as(weight)
    if kind == "radial":  # outer ring minus inner ring
        kernel = flat.new_zeros(*flat.shape[:2], 25)
        kernel[:, :, [0, 2, 4, 10, 14, 20, 22, 24]] = flat[:, :, 1:]
        kernel[:, :, [6, 7, 8, 11, 13, 16, 17, 18]] = -flat[:, :, 1:]
        return kernel.view(*flat.shape[:2], 5, 5)
    return weight


class EdgeTeacher:
    """PiDiNet with published weights: RGB picture → edge probability float32 [H, W]."""

    def __init__(self, path: Path) -> None:
        state = torch.load(path, map_location="cpu", weights_only=True)
        self._w = {name.removeprefix("module."): value for name, value in state.get("state_dict", state).items()}
        self._w["init_block.weight"] = plain_kernel(self._w["init_block.weight"], "central")
        number = 1
        for stage, count in enumerate(_BLOCKS, 1):
            for block in range(1, count + 1):
                name = f"block{stage}_{block}.conv1.weight"
                self._w[name] = plain_kernel(self._w[name], _KINDS[number % 4])
                number += 1

    @torch.no_grad()
    def __call__(self, picture: np.ndarray) -> np.ndarray:
        """uint8 [H, W, 3] → float32 [H, W], 0..1."""
        mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
        x = (torch.from_numpy(picture.astype(np.float32) / 255) - mean) / std
        x = functional.conv2d(x.permute(2, 0, 1)[None], self._w["init_block.weight"], padding=1)
        height, width = picture.shape[:2]
        sides = []
        for stage, count in enumerate(_BLOCKS, 1):
            for block in range(1, count + 1):
                x = self._block(x, f"block{stage}_{block}")
            side = self._side(x, stage - 1)
            sides.append(functional.interpolate(side, (height, width), mode="bilinear", align_corners=False))
        logit = functional.conv2d(torch.cat(sides, 1), self._w["classifier.weight"], self._w["classifier.bias"])
        return torch.sigmoid(logit)[0, 0].numpy()

    def _block(self, x: torch.Tensor, name: str) -> torch.Tensor:
        shortcut = f"{name}.shortcut.weight" in self._w
        if shortcut:
            x = functional.max_pool2d(x, 2)
        kernel = self._w[f"{name}.conv1.weight"]
        y = functional.conv2d(x, kernel, padding=kernel.shape[-1] // 2, groups=kernel.shape[0])
        y = functional.conv2d(torch.relu(y), self._w[f"{name}.conv2.weight"])
        if shortcut:
            x = functional.conv2d(x, self._w[f"{name}.shortcut.weight"], self._w[f"{name}.shortcut.bias"])
        return x + y

    def _side(self, x: torch.Tensor, number: int) -> torch.Tensor:
        w, name = self._w, f"dilations.{number}"
        x = functional.conv2d(torch.relu(x), w[f"{name}.conv1.weight"], w[f"{name}.conv1.bias"])
        x = sum(
            functional.conv2d(x, w[f"{name}.conv2_{i}.weight"], padding=d, dilation=d)
            for i, d in enumerate((5, 7, 9, 11), 1)
        )
        name = f"attentions.{number}"
        gate = functional.conv2d(torch.relu(x), w[f"{name}.conv1.weight"], w[f"{name}.conv1.bias"])
        gate = torch.sigmoid(functional.conv2d(gate, w[f"{name}.conv2.weight"], padding=1))
        name = f"conv_reduces.{number}.conv"
        return functional.conv2d(x * gate, w[f"{name}.weight"], w[f"{name}.bias"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, default=Path("out/pseudo_edges"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    teacher = EdgeTeacher(arguments.shared / TEACHER)
    data = arguments.shared / "data"
    kinds = ("dense", "things")
    held_out = {Path(n).stem for kind in kinds for n, _ in scenes.coco_names(arguments.shared, kind, held_out=True)}
    photos = [path for path in sorted((data / "coco/images").glob("*.jpg")) if path.stem not in held_out]
    photos += sorted((data / "camvid/train/images").iterdir())[::8]
    for sequence in sorted((data / "sequences").iterdir()):
        photos += sorted((sequence / "images").iterdir())[::8]
    for number, path in enumerate(photos):
        with Image.open(path) as image:
            image.thumbnail((512, 512), Image.Resampling.BICUBIC)
            picture = np.asarray(image.convert("RGB"))
        edges = (teacher(picture) + teacher(picture[:, ::-1].copy())[:, ::-1]) / 2
        target = arguments.out / path.relative_to(data).with_suffix(".png")
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.round(edges * 255).astype(np.uint8)).save(target)
        if number % 50 == 0:
            print(f"{number} of {len(photos)}", flush=True)


if __name__ == "__main__":
    main()
