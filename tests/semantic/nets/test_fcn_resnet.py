"""The dilated ResNet against transformers' own: every fourth of its features is one of the strided network."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")


def test_every_fourth_feature_is_that_of_a_strided_resnet() -> None:
    pytest.importorskip("transformers", reason="transformers is needed: scripts/setup pretrained")
    from transformers import ResNetBackbone, ResNetConfig

    from semcom.semantic.backends.tensors.detr_keys import backbone_table
    from semcom.semantic.backends.tensors.key_mapping import renamed
    from semcom.semantic.nets.fcn_resnet import DilatedResNet

    torch.manual_seed(1)
    ours = DilatedResNet((1, 2, 2, 3), 8).eval()
    for name, values in ours.named_buffers():
        if "running" in name:
            values.copy_(torch.rand(values.shape) + 0.5)
    config = ResNetConfig(
        embedding_size=8, hidden_sizes=[32, 64, 128, 256], depths=[1, 2, 2, 3], out_features=["stage4"]
    )  # fmt: skip
    theirs = ResNetBackbone(config).eval()
    begin = "model.backbone.conv_encoder.model."
    tensors = renamed({begin + name: values for name, values in ours.state_dict().items()}, backbone_table())
    told = theirs.load_state_dict({name.removeprefix(begin): values for name, values in tensors.items()}, strict=False)
    assert all(name.endswith("num_batches_tracked") for name in told.missing_keys) and not told.unexpected_keys
    x = torch.randn(1, 3, 96, 64)
    with torch.inference_mode():
        strided, dilated = theirs(x).feature_maps[0], ours(x)
    assert dilated.shape == (1, 256, 12, 8) and strided.shape == (1, 256, 3, 2)
    torch.testing.assert_close(dilated[:, :, ::4, ::4], strided, atol=1e-4, rtol=1e-4)


def test_logits_have_the_picture_s_size_and_the_published_number_of_parameters() -> None:
    from semcom.semantic.nets.fcn_resnet import FcnResNet

    assert FcnResNet(5, (1, 1, 1, 1), 4).eval()(torch.zeros(1, 3, 40, 56)).shape == (1, 5, 40, 56)
    with torch.device("meta"):
        count = sum(values.numel() for values in FcnResNet().parameters())
    auxiliary = 1024 * 256 * 9 + 2 * 256 + 256 * 21 + 21
    assert count + auxiliary == 35_322_218  # as torchvision's documentation says of fcn_resnet50, both heads
