"""Checkpoints of the project ``segment-anything``: names and sizes → those of `transformers.SamModel`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from semcom.semantic.backends.tensors.key_mapping import Table, renamed

_ENCODER, _BLOCK = r"image_encoder\.", r"image_encoder\.blocks\.(\d+)\."
_TWO_WAY = r"(mask_decoder\.transformer\.layers\.\d+\.)"
_MLP = r"(mask_decoder\.(?:iou_prediction_head|output_hypernetworks_mlps\.\d+))\.layers\."
HEADS = 8
"""Of the mask decoder, in all published sizes: no tensor tells them."""


def sam_table() -> Table:
    """One row a kind of tensor; the two-layer decoders' last and first layers are fields of their own in ours."""
    return (
        (_ENCODER + r"pos_embed", "vision_encoder.pos_embed"),
        (_ENCODER + r"patch_embed\.proj\.(.*)", r"vision_encoder.patch_embed.projection.\1"),
        (_BLOCK + r"norm([12])\.(.*)", r"vision_encoder.layers.\1.layer_norm\2.\3"),
        (_BLOCK + r"(.*)", r"vision_encoder.layers.\1.\2"),
        (_ENCODER + r"neck\.0\.(.*)", r"vision_encoder.neck.conv1.\1"),
        (_ENCODER + r"neck\.1\.(.*)", r"vision_encoder.neck.layer_norm1.\1"),
        (_ENCODER + r"neck\.2\.(.*)", r"vision_encoder.neck.conv2.\1"),
        (_ENCODER + r"neck\.3\.(.*)", r"vision_encoder.neck.layer_norm2.\1"),
        (r"prompt_encoder\.pe_layer\..*", "shared_image_embedding.positional_embedding"),
        (r"prompt_encoder\.point_embeddings\.(.*)", r"prompt_encoder.point_embed.\1"),
        (r"prompt_encoder\.mask_downscaling\.0\.(.*)", r"prompt_encoder.mask_embed.conv1.\1"),
        (r"prompt_encoder\.mask_downscaling\.1\.(.*)", r"prompt_encoder.mask_embed.layer_norm1.\1"),
        (r"prompt_encoder\.mask_downscaling\.3\.(.*)", r"prompt_encoder.mask_embed.conv2.\1"),
        (r"prompt_encoder\.mask_downscaling\.4\.(.*)", r"prompt_encoder.mask_embed.layer_norm2.\1"),
        (r"prompt_encoder\.mask_downscaling\.6\.(.*)", r"prompt_encoder.mask_embed.conv3.\1"),
        (_TWO_WAY + r"norm([1-4])\.(.*)", r"\1layer_norm\2.\3"),
        (r"(mask_decoder\.transformer\.)norm_final_attn\.(.*)", r"\1layer_norm_final_attn.\2"),
        (r"mask_decoder\.output_upscaling\.0\.(.*)", r"mask_decoder.upscale_conv1.\1"),
        (r"mask_decoder\.output_upscaling\.1\.(.*)", r"mask_decoder.upscale_layer_norm.\1"),
        (r"mask_decoder\.output_upscaling\.3\.(.*)", r"mask_decoder.upscale_conv2.\1"),
        (_MLP + r"0\.(.*)", r"\1.proj_in.\2"),
        (_MLP + r"1\.(.*)", r"\1.layers.0.\2"),
        (_MLP + r"2\.(.*)", r"\1.proj_out.\2"),
    )


def as_ours(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """Tensors under the names of `transformers.SamModel`; the positional embedding is used in two places there."""
    found = renamed(tensors, sam_table())
    shared = found.get("shared_image_embedding.positional_embedding")
    return found if shared is None else found | {"prompt_encoder.shared_embedding.positional_embedding": shared}


def sam_config(tensors: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Arguments of `transformers.SamConfig` for a checkpoint of any published size.

    Raises
    ------
    KeyError
        A tensor that every such checkpoint has is missing: its name.
    """
    shape = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    _, rows, _, width = shape["image_encoder.pos_embed"]
    patch = shape["image_encoder.patch_embed.proj.weight"][-1]
    depth = _count(shape, "image_encoder.blocks.")
    reaches = [shape[f"image_encoder.blocks.{block}.attn.rel_pos_h"] for block in range(depth)]
    hidden, image_size = shape["mask_decoder.iou_token.weight"][1], rows * patch
    return {
        "vision_config": {
            "hidden_size": width,
            "num_hidden_layers": depth,
            "num_attention_heads": width // reaches[0][1],
            "mlp_dim": shape["image_encoder.blocks.0.mlp.lin1.weight"][0],
            "output_channels": shape["image_encoder.neck.0.weight"][0],
            "image_size": image_size,
            "patch_size": patch,
            "window_size": (min(reaches)[0] + 1) // 2,
            "global_attn_indexes": [block for block, (reach, _) in enumerate(reaches) if reach == 2 * rows - 1],
            "num_pos_feats": shape["prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"][1],
        },
        "prompt_encoder_config": {
            "hidden_size": hidden,
            "image_size": image_size,
            "patch_size": patch,
            "mask_input_channels": shape["prompt_encoder.mask_downscaling.3.weight"][0],
        },
        "mask_decoder_config": {
            "hidden_size": hidden,
            "num_attention_heads": HEADS,
            "mlp_dim": shape["mask_decoder.transformer.layers.0.mlp.lin1.weight"][0],
            "num_hidden_layers": _count(shape, "mask_decoder.transformer.layers."),
            "iou_head_hidden_dim": shape["mask_decoder.iou_prediction_head.layers.0.weight"][0],
        },
    }


def _count(names: Mapping[str, Any], begin: str) -> int:
    return len({name.removeprefix(begin).split(".")[0] for name in names if name.startswith(begin)})
