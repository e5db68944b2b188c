"""Names and sizes of segment-anything's checkpoints: those of the three published models."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from semcom.semantic.backends.tensors.sam_keys import as_ours, sam_config


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("image_encoder.blocks.11.norm2.bias", "vision_encoder.layers.11.layer_norm2.bias"),
        ("image_encoder.blocks.3.attn.rel_pos_w", "vision_encoder.layers.3.attn.rel_pos_w"),
        ("image_encoder.neck.2.weight", "vision_encoder.neck.conv2.weight"),
        ("prompt_encoder.point_embeddings.3.weight", "prompt_encoder.point_embed.3.weight"),
        ("prompt_encoder.mask_downscaling.6.bias", "prompt_encoder.mask_embed.conv3.bias"),
        ("prompt_encoder.no_mask_embed.weight", "prompt_encoder.no_mask_embed.weight"),
        ("mask_decoder.transformer.layers.1.norm4.weight", "mask_decoder.transformer.layers.1.layer_norm4.weight"),
        (
            "mask_decoder.transformer.layers.0.cross_attn_image_to_token.q_proj.bias",
            "mask_decoder.transformer.layers.0.cross_attn_image_to_token.q_proj.bias",
        ),
        (
            "mask_decoder.transformer.norm_final_attn.weight",
            "mask_decoder.transformer.layer_norm_final_attn.weight",
        ),
        ("mask_decoder.output_upscaling.3.weight", "mask_decoder.upscale_conv2.weight"),
        ("mask_decoder.iou_prediction_head.layers.0.weight", "mask_decoder.iou_prediction_head.proj_in.weight"),
        ("mask_decoder.iou_prediction_head.layers.1.weight", "mask_decoder.iou_prediction_head.layers.0.weight"),
        (
            "mask_decoder.output_hypernetworks_mlps.2.layers.2.bias",
            "mask_decoder.output_hypernetworks_mlps.2.proj_out.bias",
        ),
    ],
)
def test_names(theirs: str, ours: str) -> None:
    assert as_ours({theirs: 1}) == {ours: 1}


def test_one_positional_embedding_serves_twice() -> None:
    assert as_ours({"prompt_encoder.pe_layer.positional_encoding_gaussian_matrix": 1}) == {
        "shared_image_embedding.positional_embedding": 1,
        "prompt_encoder.shared_embedding.positional_embedding": 1,
    }


@pytest.mark.parametrize(
    ("width", "depth", "heads", "everywhere"),
    [(768, 12, 12, [2, 5, 8, 11]), (1024, 24, 16, [5, 11, 17, 23]), (1280, 32, 16, [7, 15, 23, 31])],
)
def test_sizes_of_the_three_published_ones(width: int, depth: int, heads: int, everywhere: list[int]) -> None:
    shapes = {
        "image_encoder.pos_embed": (1, 64, 64, width),
        "image_encoder.patch_embed.proj.weight": (width, 3, 16, 16),
        "image_encoder.blocks.0.mlp.lin1.weight": (4 * width, width),
        "image_encoder.neck.0.weight": (256, width, 1, 1),
        "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix": (2, 128),
        "prompt_encoder.mask_downscaling.3.weight": (16, 4, 2, 2),
        "mask_decoder.iou_token.weight": (1, 256),
        "mask_decoder.transformer.layers.0.mlp.lin1.weight": (2048, 256),
        "mask_decoder.transformer.layers.1.mlp.lin1.weight": (2048, 256),
        "mask_decoder.iou_prediction_head.layers.0.weight": (256, 256),
    }
    for block in range(depth):
        shapes[f"image_encoder.blocks.{block}.attn.rel_pos_h"] = (127 if block in everywhere else 27, width // heads)
    config = sam_config({name: SimpleNamespace(shape=shape) for name, shape in shapes.items()})
    vision, decoder = config["vision_config"], config["mask_decoder_config"]
    assert (vision["hidden_size"], vision["num_hidden_layers"], vision["num_attention_heads"]) == (width, depth, heads)
    assert vision["global_attn_indexes"] == everywhere and vision["window_size"] == 14
    assert vision["image_size"] == 1024 and vision["num_pos_feats"] == 128 and vision["output_channels"] == 256
    assert decoder["num_hidden_layers"] == 2 and config["prompt_encoder_config"]["mask_input_channels"] == 16
    with pytest.raises(KeyError, match="pos_embed"):
        sam_config({})
