"""timm's names of a ResNet → transformers', and the sizes that a checkpoint has."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from semcom.semantic.backends.tensors.detr_keys import backbone_config, backbone_table
from semcom.semantic.backends.tensors.key_mapping import renamed

BEGIN = "model.backbone.conv_encoder.model."


@pytest.mark.parametrize(
    ("timm", "ours"),
    [
        ("conv1.weight", "embedder.embedder.convolution.weight"),
        ("bn1.running_mean", "embedder.embedder.normalization.running_mean"),
        ("layer1.0.conv1.weight", "encoder.stages.0.layers.0.layer.0.convolution.weight"),
        ("layer2.10.conv3.weight", "encoder.stages.1.layers.10.layer.2.convolution.weight"),
        ("layer4.2.bn2.bias", "encoder.stages.3.layers.2.layer.1.normalization.bias"),
        ("layer3.0.downsample.0.weight", "encoder.stages.2.layers.0.shortcut.convolution.weight"),
        ("layer3.0.downsample.1.running_var", "encoder.stages.2.layers.0.shortcut.normalization.running_var"),
    ],
)
def test_names(timm: str, ours: str) -> None:
    assert renamed({BEGIN + timm: 1}, backbone_table()) == {BEGIN + ours: 1}


def test_the_rest_keeps_its_name_and_counts_of_batches_go() -> None:
    kept = {"model.encoder.layers.0.fc1.weight": 1, "class_labels_classifier.bias": 2}
    assert renamed(kept | {f"{BEGIN}bn1.num_batches_tracked": 3}, backbone_table()) == kept


def test_sizes_are_read_off_the_tensors() -> None:
    def tensor(channels: int) -> SimpleNamespace:
        return SimpleNamespace(shape=(channels, 1, 1, 1))

    tensors = {f"{BEGIN}conv1.weight": tensor(64)}
    for stage, (width, depth) in enumerate(zip((256, 512, 1024, 2048), (3, 4, 23, 3), strict=True), start=1):
        tensors |= {f"{BEGIN}layer{stage}.{block}.conv3.weight": tensor(width) for block in range(depth)}
    config = backbone_config(tensors)
    assert config == {
        "embedding_size": 64, "hidden_sizes": [256, 512, 1024, 2048], "depths": [3, 4, 23, 3],
        "out_features": ["stage4"],
    }  # fmt: skip
    with pytest.raises(KeyError, match="layer1"):
        backbone_config({})
