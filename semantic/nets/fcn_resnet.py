"""FCN on a dilated ResNet [Long 2015, He 2016]: a class for each pixel, at an eighth of the resolution.

```
x ─ conv 7×7 /2 ─ pool /2 ─ layer1 ─ layer2 /2 ─ layer3, dilation 2 ─ layer4, dilation 4 ─ conv 3×3 ─ 1×1 ─ enlarged
```

Layers bear the names of the published checkpoints (``backbone.layer1.0.conv1.weight``, ``classifier.4.weight``), so
that these fit as they are. Strides lie in the 3×3 convolutions; a stage that is dilated instead of strided begins with
the dilation of the one before it.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

EXPANSION = 4
DEPTHS = (3, 4, 6, 3)
"""Of ResNet-50."""


class Bottleneck(nn.Module):
    """1×1, 3×3 and 1×1 convolutions beside a shortcut [He 2016, Fig. 5]."""

    def __init__(self, inputs: int, width: int, stride: int, dilation: int, projected: bool) -> None:
        super().__init__()
        outputs = width * EXPANSION
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, dilation, dilation, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if projected:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        y = torch.relu(self.bn1(self.conv1(x)))
        y = torch.relu(self.bn2(self.conv2(y)))
        return torch.relu(self.bn3(self.conv3(y)) + shortcut)


class DilatedResNet(nn.Module):
    """ResNet whose last two stages are dilated instead of strided: features at an eighth of the resolution."""

    def __init__(self, depths: Sequence[int] = DEPTHS, width: int = 64) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        inputs = width
        stages = ((1, 1, 1), (2, 1, 1), (1, 1, 2), (1, 2, 4))  # stride, dilation of the first block, of the others
        for number, (depth, (stride, first, others)) in enumerate(zip(depths, stages, strict=True)):
            here = width << number
            blocks = [Bottleneck(inputs, here, stride, first, projected=True)]
            inputs = here * EXPANSION
            blocks += [Bottleneck(inputs, here, 1, others, projected=False) for _ in range(depth - 1)]
            self.add_module(f"layer{number + 1}", nn.Sequential(*blocks))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        return self.layer4(self.layer3(self.layer2(self.layer1(x))))


class FcnResNet(nn.Module):
    """Logits of each class at the picture's size.

    Input
    -----
    x : float32 [N, 3, H, W]
        sRGB in 0..1 minus ImageNet's mean, over its deviation.

    Output
    ------
    logits : float32 [N, classes, H, W]
    """

    def __init__(self, num_classes: int = 21, depths: Sequence[int] = DEPTHS, width: int = 64) -> None:
        super().__init__()
        self.backbone = DilatedResNet(depths, width)
        features = (width << 3) * EXPANSION
        inner = features // 4
        self.classifier = nn.Sequential(
            nn.Conv2d(features, inner, 3, padding=1, bias=False), nn.BatchNorm2d(inner), nn.ReLU(), nn.Dropout(0.1),
            nn.Conv2d(inner, num_classes, 1),
        )  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits = self.classifier(self.backbone(x))
        return functional.interpolate(logits, x.shape[-2:], mode="bilinear", align_corners=False)
