"""DETR's published checkpoints: their backbone is named as timm names it; ours is the ResNet of transformers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from semcom.semantic.backends.tensors.key_mapping import Table

STAGES = 4
MOST_BLOCKS = 64
_PREFIX = "model.backbone.conv_encoder.model."
_BACKBONE = r"(model\.backbone\.conv_encoder\.model\.)"


def backbone_table() -> Table:
    """Names of timm's ResNet → those of `transformers.ResNetBackbone`: blocks of three convolutions.

    ``layer2.0.conv3.weight`` → ``encoder.stages.1.layers.0.layer.2.convolution.weight``.
    """
    rows: list[tuple[str, str | None]] = [
        (r".*\.num_batches_tracked", None),
        (_BACKBONE + r"conv1\.(.*)", r"\1embedder.embedder.convolution.\2"),
        (_BACKBONE + r"bn1\.(.*)", r"\1embedder.embedder.normalization.\2"),
    ]
    for stage in range(1, STAGES + 1):
        theirs, ours = _BACKBONE + rf"layer{stage}\.(\d+)\.", rf"\1encoder.stages.{stage - 1}.layers.\2."
        for number in range(1, 4):
            rows += [
                (theirs + rf"conv{number}\.(.*)", ours + rf"layer.{number - 1}.convolution.\3"),
                (theirs + rf"bn{number}\.(.*)", ours + rf"layer.{number - 1}.normalization.\3"),
            ]
        rows += [
            (theirs + r"downsample\.0\.(.*)", ours + r"shortcut.convolution.\3"),
            (theirs + r"downsample\.1\.(.*)", ours + r"shortcut.normalization.\3"),
        ]
    return rows


def backbone_config(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `transformers.ResNetConfig` for the ResNet that a checkpoint holds under timm's names.

    Raises
    ------
    KeyError
        It holds no ResNet of bottlenecks.
    """
    widths = [tensors[f"{_PREFIX}layer{stage}.0.conv3.weight"].shape[0] for stage in range(1, STAGES + 1)]
    depths = []
    for stage in range(1, STAGES + 1):
        begin = f"{_PREFIX}layer{stage}."
        numbers = {key.removeprefix(begin).split(".")[0] for key in tensors if key.startswith(begin)}
        depths.append(min(len(numbers), MOST_BLOCKS))
    return {
        "embedding_size": tensors[f"{_PREFIX}conv1.weight"].shape[0],
        "hidden_sizes": widths,
        "depths": depths,
        "out_features": [f"stage{STAGES}"],
    }
