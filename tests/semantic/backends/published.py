"""The published configurations, as far as they decide the number of weights; each built on torch's meta device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def _count(*models: Any) -> int:
    return sum(parameter.numel() for model in models for parameter in model.parameters())


def blip() -> int:
    from transformers import BlipConfig, BlipForConditionalGeneration

    return _count(BlipForConditionalGeneration(BlipConfig()))


def llava_interleave() -> int:
    from transformers import LlavaConfig, LlavaForConditionalGeneration, Qwen2Config, SiglipVisionConfig

    config = LlavaConfig(
        vision_config=SiglipVisionConfig(
            hidden_size=1152, intermediate_size=4304, num_hidden_layers=26, num_attention_heads=16, patch_size=14,
            image_size=384, vision_use_head=False,
        ),
        text_config=Qwen2Config(
            hidden_size=1024, intermediate_size=2816, num_hidden_layers=24, num_attention_heads=16,
            num_key_value_heads=16, vocab_size=152000, tie_word_embeddings=True,
        ),
        tie_word_embeddings=True, image_seq_length=729,
    )  # fmt: skip
    return _count(LlavaForConditionalGeneration(config))


def smolvlm() -> int:
    from transformers import Idefics3Config, Idefics3ForConditionalGeneration, LlamaConfig

    config = Idefics3Config(
        vision_config={"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
                       "num_attention_heads": 12, "image_size": 512, "patch_size": 16},
        text_config=LlamaConfig(
            hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
            num_key_value_heads=3, vocab_size=49280, pad_token_id=2,
        ),
        scale_factor=4, image_token_id=49190, tie_word_embeddings=False,
    )  # fmt: skip
    return _count(Idefics3ForConditionalGeneration(config))


def segformer(hidden: tuple[int, ...], depths: tuple[int, ...], decoder: int) -> int:
    from transformers import SegformerConfig, SegformerForSemanticSegmentation

    config = SegformerConfig(
        hidden_sizes=list(hidden), depths=list(depths), decoder_hidden_size=decoder, num_labels=150
    )
    return _count(SegformerForSemanticSegmentation(config))


def mask2former() -> int:
    from transformers import Mask2FormerConfig, Mask2FormerForUniversalSegmentation, SwinConfig

    backbone = SwinConfig(
        image_size=224, embed_dim=96, depths=[2, 2, 6, 2], num_heads=[3, 6, 12, 24], window_size=7,
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )  # fmt: skip
    return _count(Mask2FormerForUniversalSegmentation(Mask2FormerConfig(backbone_config=backbone, num_labels=150)))


def oneformer() -> int:
    from transformers import OneFormerConfig, OneFormerForUniversalSegmentation, SwinConfig

    backbone = SwinConfig(
        image_size=224, embed_dim=96, depths=[2, 2, 6, 2], num_heads=[3, 6, 12, 24], window_size=7,
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )  # fmt: skip
    config = OneFormerConfig(backbone_config=backbone, num_labels=150, num_queries=150, is_training=False)
    return _count(OneFormerForUniversalSegmentation(config))


def fcn_resnet50() -> int:
    from semcom.semantic.nets.fcn_resnet import FcnResNet

    return _count(FcnResNet())


def deeplab() -> int:
    from transformers import MobileViTConfig, MobileViTForSemanticSegmentation

    return _count(MobileViTForSemanticSegmentation(MobileViTConfig(image_size=512, num_labels=21)))


def detr() -> int:
    from transformers import DetrConfig, DetrForObjectDetection, ResNetConfig

    config = DetrConfig(backbone_config=ResNetConfig(out_features=["stage4"]), num_labels=91)
    return _count(DetrForObjectDetection(config))


def sam_base() -> int:
    from transformers import SamConfig, SamModel

    return _count(SamModel(SamConfig()))


def original_sam() -> int:
    """The same network; a file of the project holds the positional embedding, which is no parameter, once."""
    return sam_base()


def _unet() -> Any:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(cross_attention_dim=768, sample_size=64)


def unet() -> int:
    return _count(_unet())


def stable_diffusion() -> int:
    from diffusers import AutoencoderKL
    from transformers import CLIPTextConfig, CLIPTextModel

    vae = AutoencoderKL(
        block_out_channels=(128, 256, 512, 512), layers_per_block=2, sample_size=512,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
    )  # fmt: skip
    text = CLIPTextModel(
        CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12)
    )
    return _count(_unet(), vae, text)


def lcm() -> int:
    """Stable Diffusion whose UNet is also told the guidance: 256 numbers → 320."""
    from diffusers import UNet2DConditionModel

    unet = UNet2DConditionModel(cross_attention_dim=768, sample_size=96, time_cond_proj_dim=256)
    return stable_diffusion() - _count(_unet()) + _count(unet)


def controlnet() -> int:
    from diffusers import ControlNetModel

    return _count(ControlNetModel(cross_attention_dim=768))


def ip_adapter() -> int:
    """The image encoder, the projection to four tokens, and two matrices for each cross-attention of the UNet."""
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    encoder = CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=1280, intermediate_size=5120, num_hidden_layers=32, num_attention_heads=16, patch_size=14,
            projection_dim=1024,
        )
    )  # fmt: skip
    projection = 1024 * 4 * 768 + 4 * 768 + 2 * 768
    widths = [module.to_k.out_features for name, module in _unet().named_modules() if name.endswith("attn2")]
    return _count(encoder) + projection + sum(2 * 768 * width for width in widths)


def bart() -> int:
    """bart-base."""
    from transformers import BartConfig, BartForConditionalGeneration

    config = BartConfig(
        d_model=768, encoder_layers=6, decoder_layers=6, encoder_attention_heads=12, decoder_attention_heads=12,
        encoder_ffn_dim=3072, decoder_ffn_dim=3072, vocab_size=50265,
    )  # fmt: skip
    return _count(BartForConditionalGeneration(config))


def clip() -> int:
    from transformers import CLIPConfig, CLIPModel

    return _count(CLIPModel(CLIPConfig()))


COUNTS: dict[str, Callable[[], int]] = {
    "blip": blip,
    "llava-interleave": llava_interleave,
    "smolvlm": smolvlm,
    "segformer-b0": lambda: segformer((32, 64, 160, 256), (2, 2, 2, 2), 256),
    "segformer-b2": lambda: segformer((64, 128, 320, 512), (3, 4, 6, 3), 768),
    "mask2former": mask2former,
    "oneformer": oneformer,
    "fcn-resnet50": fcn_resnet50,
    "deeplab": deeplab,
    "detr": detr,
    "sam-base": sam_base,
    "segment-anything": original_sam,
    "stable-diffusion": stable_diffusion,
    "ip-adapter": ip_adapter,
    "lcm": lcm,
    "controlnet-seg": controlnet,
    "controlnet-scribble": controlnet,
    "bart": bart,
    "clip": clip,
}
"""By name in the catalogue."""
