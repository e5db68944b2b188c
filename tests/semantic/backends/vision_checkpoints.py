"""Tiny random checkpoints of segmenters and detectors, under the names of tensors and files of the published ones."""

from __future__ import annotations

import json
import re
from pathlib import Path

from .checkpoints import clip_tokenizer

ADE = {0: "wall", 1: "building, edifice", 2: "sky", 3: "floor, flooring", 4: "tree", 5: "car, auto"}


def fcn_tensors() -> dict:
    """As torchvision's ``fcn_resnet50_coco``: with its auxiliary head and its counts of batches."""
    import torch

    from semcom.semantic.nets.fcn_resnet import FcnResNet

    torch.manual_seed(20)
    tensors = dict(FcnResNet(21, (1, 2, 1, 1), 4).eval().state_dict())
    aux = {"0.weight": (16, 64, 3, 3), "1.weight": (16,), "1.running_var": (16,), "4.weight": (21, 16, 1, 1)}
    tensors |= {f"aux_classifier.{name}": torch.randn(shape) for name, shape in aux.items()}
    for name in [name for name in tensors if name.endswith("running_mean")]:
        tensors[name] = torch.randn(tensors[name].shape) * 0.1
    assert "backbone.bn1.num_batches_tracked" in tensors
    return tensors


def fcn(folder: Path) -> Path:
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file(fcn_tensors(), folder / "fcn_resnet50_coco.safetensors")
    return folder


def detr_network():
    """Small, but with bottlenecks, as the original; some of COCO's numbers, N/A among them."""
    import torch
    from transformers import DetrConfig, DetrForObjectDetection, ResNetConfig

    torch.manual_seed(21)
    labels = {0: "N/A", 1: "person", 2: "bicycle", 3: "car", 4: "motorcycle", 5: "dog"}
    backbone = ResNetConfig(
        embedding_size=8, hidden_sizes=[16, 16, 32, 32], depths=[1, 2, 1, 1], out_features=["stage4"]
    )  # fmt: skip
    config = DetrConfig(
        backbone_config=backbone, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16, num_queries=8,
        id2label=labels, label2id={name: number for number, name in labels.items()},
    )  # fmt: skip
    network = DetrForObjectDetection(config).eval()
    for name, values in network.named_buffers():
        if name.endswith(("running_mean", "normalization.bias")):
            values.copy_(torch.randn(values.shape) * 0.1)
    return network


def detr(folder: Path, timm: bool = True) -> Path:
    """As facebook/detr-resnet-50: ``use_timm_backbone`` and timm's names; without, as its revision ``no_timm``."""
    from safetensors.torch import load_file, save_file
    from transformers.models.detr import DetrImageProcessorPil

    detr_network().save_pretrained(folder)
    DetrImageProcessorPil(size={"shortest_edge": 64, "longest_edge": 128}).save_pretrained(folder)
    if not timm:
        return folder
    weights, config = folder / "model.safetensors", folder / "config.json"
    save_file({as_timm(name): tensor for name, tensor in load_file(weights).items()}, weights, {"format": "pt"})
    told = json.loads(config.read_text()) | {"use_timm_backbone": True, "backbone": "resnet50", "backbone_config": None}
    config.write_text(json.dumps(told))
    return folder


def as_timm(name: str) -> str:
    """A tensor of transformers' ResNet as timm has it."""
    block = re.fullmatch(
        r"(.*\.model\.)encoder\.stages\.(\d)\.layers\.(\d+)\.(layer\.(\d)|shortcut)\.(\w+)\.(.*)", name
    )
    if block is not None:
        begin, stage, layer, place, number, kind, rest = block.groups()
        is_convolution = kind == "convolution"
        if place == "shortcut":
            inner = f"downsample.{0 if is_convolution else 1}"
        else:
            inner = f"{'conv' if is_convolution else 'bn'}{int(number) + 1}"
        return f"{begin}layer{int(stage) + 1}.{layer}.{inner}.{rest}"
    return name.replace("embedder.embedder.convolution", "conv1").replace("embedder.embedder.normalization", "bn1")


def oneformer(folder: Path) -> Path:
    """As shi-labs/oneformer_ade20k_swin_tiny; its processor's class file lies on the hub."""
    import torch
    from transformers import CLIPTokenizer, OneFormerConfig, OneFormerForUniversalSegmentation, SwinConfig

    torch.manual_seed(22)
    clip_tokenizer(folder)
    tokenizer = CLIPTokenizer.from_pretrained(folder)
    config = OneFormerConfig(
        backbone_config=SwinConfig(
            image_size=64, embed_dim=8, depths=[1, 1, 1, 1], num_heads=[1, 1, 2, 2], window_size=2,
            out_features=["stage1", "stage2", "stage3", "stage4"],
        ),
        num_queries=6, hidden_dim=32, encoder_feedforward_dim=32, dim_feedforward=32, conv_dim=32, mask_dim=32,
        encoder_layers=2, decoder_layers=2, num_attention_heads=2, text_encoder_width=32, text_encoder_n_ctx=2,
        text_encoder_num_layers=1, text_encoder_vocab_size=len(tokenizer), text_encoder_context_length=8,
        task_seq_len=77, query_dec_layers=1, is_training=False, train_num_points=16,
        id2label=ADE, label2id={name: number for number, name in ADE.items()},
    )  # fmt: skip
    OneFormerForUniversalSegmentation(config).eval().save_pretrained(folder)
    processor = {
        "image_processor_type": "OneFormerImageProcessor", "processor_class": "OneFormerProcessor",
        "class_info_file": "ade20k_panoptic.json", "repo_path": "shi-labs/oneformer_demo", "num_text": 4,
        "size": {"shortest_edge": 64, "longest_edge": 128}, "do_resize": True, "do_normalize": True,
        "do_rescale": True, "ignore_index": 255, "do_reduce_labels": True, "max_seq_length": 77, "task_seq_length": 77,
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(processor))
    return folder


def deeplab(folder: Path, kind: str = "mobilevit") -> Path:
    """As apple/deeplabv3-mobilevit-small or google/deeplabv3_mobilenet_v2_1.0_513: VOC's classes."""
    import torch
    import transformers
    from transformers.models.mobilenet_v2 import MobileNetV2ImageProcessorPil
    from transformers.models.mobilevit import MobileViTImageProcessorPil

    from semcom.semantic.backends.label_tables import table_labels

    torch.manual_seed(23)
    labels = {number: name.strip("_") for number, name in table_labels("voc").items()}
    named = {"id2label": labels, "label2id": {name: number for number, name in labels.items()}}
    if kind == "mobilevit":
        config = transformers.MobileViTConfig(
            image_size=64, hidden_sizes=[8, 8, 8], ffn_dim=8, neck_hidden_sizes=[4, 4, 8, 8, 8, 8, 16],
            output_stride=16, aspp_out_channels=8, num_attention_heads=2, **named,
        )  # fmt: skip
        transformers.MobileViTForSemanticSegmentation(config).eval().save_pretrained(folder)
        images = MobileViTImageProcessorPil(size={"shortest_edge": 72}, crop_size={"height": 64, "width": 64})
    else:
        config = transformers.MobileNetV2Config(
            image_size=65, depth_multiplier=0.1, min_depth=4, output_stride=8, **named
        )
        transformers.MobileNetV2ForSemanticSegmentation(config).eval().save_pretrained(folder)
        images = MobileNetV2ImageProcessorPil(size={"shortest_edge": 65}, crop_size={"height": 65, "width": 65})
    images.save_pretrained(folder)
    return folder


def sam_network():
    """Small, with the eight heads that all published sizes have."""
    import torch
    from transformers import SamConfig, SamModel

    torch.manual_seed(24)
    config = SamConfig(
        vision_config={
            "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "output_channels": 32,
            "image_size": 64, "patch_size": 8, "window_size": 2, "global_attn_indexes": [1], "mlp_dim": 32,
            "num_pos_feats": 16,
        },
        prompt_encoder_config={"hidden_size": 32, "image_size": 64, "patch_size": 8, "mask_input_channels": 4},
        mask_decoder_config={
            "hidden_size": 32, "mlp_dim": 24, "num_hidden_layers": 2, "num_attention_heads": 8,
            "iou_head_hidden_dim": 16,
        },
    )  # fmt: skip
    model = SamModel(config).eval()
    model.mask_decoder.iou_prediction_head.proj_out.bias.data.fill_(0.9)  # sure of itself, as a trained one is
    return model


_SAM = (
    ("vision_encoder.patch_embed.projection", "image_encoder.patch_embed.proj"),
    ("vision_encoder.layers", "image_encoder.blocks"),
    ("neck.conv1", "neck.0"), ("neck.layer_norm1", "neck.1"), ("neck.conv2", "neck.2"), ("neck.layer_norm2", "neck.3"),
    ("vision_encoder", "image_encoder"), ("mask_embed.conv1", "mask_downscaling.0"),
    ("mask_embed.layer_norm1", "mask_downscaling.1"), ("mask_embed.conv2", "mask_downscaling.3"),
    ("mask_embed.layer_norm2", "mask_downscaling.4"), ("mask_embed.conv3", "mask_downscaling.6"),
    ("prompt_encoder.point_embed.", "prompt_encoder.point_embeddings."), ("layer_norm_final_attn", "norm_final_attn"),
    ("upscale_conv1", "output_upscaling.0"),
    ("upscale_layer_norm", "output_upscaling.1"), ("upscale_conv2", "output_upscaling.3"), ("layer_norm", "norm"),
    ("shared_image_embedding.positional_embedding", "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"),
)  # fmt: skip
"""transformers' words → the project's."""


def original_sam(folder: Path, pickled: bool = False) -> Path:
    """As sam_vit_b_01ec64.pth of the project segment-anything."""
    import torch
    from safetensors.torch import save_file

    tensors = {}
    for name, values in sam_network().state_dict().items():
        if name.startswith("prompt_encoder.shared_embedding"):
            continue
        for ours, theirs in _SAM:
            name = name.replace(ours, theirs)
        if "mlps" in name or "iou_prediction_head" in name:  # in one go: the first of ours is the second of theirs
            name = name.replace("layers.0", "layers.1").replace("proj_in", "layers.0").replace("proj_out", "layers.2")
        tensors[name] = values.clone()
    folder.mkdir(parents=True, exist_ok=True)
    if pickled:
        torch.save(tensors, folder / "sam_vit_t.pth")
    else:
        save_file(tensors, folder / "sam_vit_t.safetensors")
    return folder
