"""Backbones whose features LPIPS compares: AlexNet, VGG-16 and SqueezeNet 1.1, as far as their last compared layer.

Layer names are those of the published ImageNet state dictionaries (``features.N...``), so that such a file fits as it
is, once stored as safetensors.

References
----------
[Zhang 2018] R. Zhang et al., "The unreasonable effectiveness of deep features as a perceptual metric"
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from semcom.semantic.errors import ModelError

MAX_BACKBONE_BYTES = 1 << 30

CHANNELS = {
    "alex": (64, 192, 384, 256, 256),
    "vgg": (64, 128, 256, 512, 512),
    "squeeze": (64, 128, 256, 384, 384, 512, 512),
}
"""Channels of the compared layers of each backbone."""
_TAPS = {"alex": (1, 4, 7, 9, 11), "vgg": (3, 8, 15, 22, 29), "squeeze": (1, 4, 7, 9, 10, 11, 12)}
_MEAN, _SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)


class Fire(nn.Module):
    """Squeeze to few channels, expand by 1×1 and 3×3 side by side (SqueezeNet)."""

    def __init__(self, inputs: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeezed, 1)
        self.expand1x1 = nn.Conv2d(squeezed, expanded, 1)
        self.expand3x3 = nn.Conv2d(squeezed, expanded, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.squeeze(x))
        return torch.cat([torch.relu(self.expand1x1(x)), torch.relu(self.expand3x3(x))], 1)


class LpipsNet(nn.Module):
    """Distance of two pictures: squared differences of unit-length features, weighed by channel, averaged over places.

    Input
    -----
    one, other : float32 [N, 3, H, W], sRGB scaled to -1..1

    Output
    ------
    distance : float32 [N]
    """

    def __init__(self, backbone: str) -> None:
        super().__init__()
        if backbone not in CHANNELS:
            raise ValueError(f"backbone must be one of {', '.join(CHANNELS)}, got {backbone!r}")
        self.taps = _TAPS[backbone]
        self.features = {"alex": _alexnet, "vgg": _vgg16, "squeeze": _squeezenet}[backbone]()
        self.heads = nn.ParameterList([nn.Parameter(torch.zeros(1, channels, 1, 1)) for channels in CHANNELS[backbone]])
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("scale", torch.tensor(_SCALE).view(1, 3, 1, 1), persistent=False)

    def forward(self, one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        total = torch.zeros(len(one))
        for a, b, head in zip(self._compared(one), self._compared(other), self.heads, strict=True):
            difference = (functional.normalize(a, dim=1) - functional.normalize(b, dim=1)) ** 2
            total = total + (difference * head).sum(dim=1).mean(dim=(1, 2))
        return total

    @torch.inference_mode()
    def between(self, one: np.ndarray, other: np.ndarray) -> float:
        """Distance of two pictures, uint8 [H, W, 3] each."""
        batches = (torch.from_numpy(np.array(p)).permute(2, 0, 1)[None].float() / 127.5 - 1 for p in (one, other))
        return float(self(*batches)[0])

    def _compared(self, picture: torch.Tensor) -> list[torch.Tensor]:
        x, found = (picture - self.mean) / self.scale, []
        for number, layer in enumerate(self.features):
            x = layer(x)
            if number in self.taps:
                found.append(x)
        return found


def _alexnet() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(),
        nn.MaxPool2d(3, 2), nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(),
        nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(),
    )  # fmt: skip


def _vgg16() -> nn.Sequential:
    layers: list[nn.Module] = []
    inputs = 3
    for stage, (width, count) in enumerate(((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))):
        layers += [nn.MaxPool2d(2, 2)] if stage else []
        for _ in range(count):
            layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU()]
            inputs = width
    return nn.Sequential(*layers)


def _squeezenet() -> nn.Sequential:
    def pool() -> nn.Module:
        return nn.MaxPool2d(3, 2, ceil_mode=True)

    return nn.Sequential(
        nn.Conv2d(3, 64, 3, 2), nn.ReLU(), pool(), Fire(64, 16, 64), Fire(128, 16, 64), pool(), Fire(128, 32, 128),
        Fire(256, 32, 128), pool(), Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256), Fire(512, 64, 256),
    )  # fmt: skip


def load_lpips(backbone: str, backbone_file: Path, heads_file: Path) -> LpipsNet:
    """Build and fill the network from two safetensors files.

    Parameters
    ----------
    backbone : str
        alex, vgg or squeeze.
    backbone_file : Path
        An ImageNet state dictionary; tensors beyond the compared layers are not read.
    heads_file : Path
        ``lin0.model.1.weight``, ``lin1...``: the weights of LPIPS v0.1.

    Raises
    ------
    ModelError
        A file is missing, too large or no safetensors, or a tensor is missing or of another shape.
    """
    net = LpipsNet(backbone)
    wanted = {name: (backbone_file, name) for name in net.state_dict() if name.startswith("features.")}
    wanted |= {f"heads.{i}": (heads_file, f"lin{i}.model.1.weight") for i in range(len(net.heads))}
    state = net.state_dict()
    for file in (backbone_file, heads_file):
        names = {stored: name for name, (where, stored) in wanted.items() if where == file}
        for stored, values in _read(file, set(names)).items():
            target = state[names[stored]]
            if tuple(values.shape) != tuple(target.shape):
                raise ModelError(f"{file}: {stored!r} must have shape {tuple(target.shape)}, got {tuple(values.shape)}")
            with torch.no_grad():
                target.copy_(values.float())
    return net.eval().requires_grad_(False)


def _read(file: Path, names: set[str]) -> dict[str, torch.Tensor]:
    from safetensors import SafetensorError, safe_open

    if not file.is_file():
        raise ModelError(f"LPIPS needs {file}, which is missing; docs/referee.md says where to get it")
    if file.stat().st_size > MAX_BACKBONE_BYTES:
        raise ModelError(f"{file}: must have at most {MAX_BACKBONE_BYTES} bytes, got {file.stat().st_size}")
    try:
        with safe_open(file, "pt") as tensors:
            missing = sorted(names - set(tensors.keys()))
            if missing:
                raise ModelError(f"{file}: lacks {len(missing)} tensors, first {missing[0]!r}")
            return {name: tensors.get_tensor(name) for name in names}
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelError(f"{file}: must be a safetensors file, got: {error}") from error
