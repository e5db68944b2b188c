"""Tiny random checkpoints in the layout in which the real ones are published: the same classes, the same files.

Made in a second each, never stored; fields of the published configurations that change what is loaded are kept.
"""

from __future__ import annotations

import json
from pathlib import Path

WORDS = [
    "a",
    "red",
    "blue",
    "car",
    "dog",
    "cat",
    "man",
    "on",
    "the",
    "road",
    "in",
    "front",
    "of",
    "sky",
    "is",
    "with",
    "and",
    "tree",
    "house",
]


def _byte_alphabet() -> list[str]:
    from tokenizers.pre_tokenizers import ByteLevel

    return sorted(ByteLevel.alphabet())


def clip_tokenizer(folder: Path) -> None:
    """``vocab.json`` and ``merges.txt`` of CLIP's byte-level BPE: single characters, with and without word end."""
    from transformers import CLIPTokenizer

    characters = _byte_alphabet()
    tokens = [*characters, *(f"{c}</w>" for c in characters), "<|startoftext|>", "<|endoftext|>"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({token: number for number, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    CLIPTokenizer.from_pretrained(folder, model_max_length=77).save_pretrained(folder)


def qwen_tokenizer():
    """Byte-level BPE with Qwen's special tokens and the image token."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    vocabulary = {token: number for number, token in enumerate(_byte_alphabet())}
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token="<|im_end|>", pad_token="<|endoftext|>", bos_token=None
    )
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<image>"]})
    return tokenizer


def blip(folder: Path) -> Path:
    """As Salesforce/blip-image-captioning-base."""
    import torch
    from transformers import BertTokenizerFast, BlipConfig, BlipForConditionalGeneration, BlipProcessor
    from transformers.models.blip import BlipImageProcessorPil

    torch.manual_seed(1)
    folder.mkdir(parents=True, exist_ok=True)
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokens = [*special, *letters, *(f"##{c}" for c in letters), *(w for w in WORDS if len(w) > 1), ".", ","]
    (folder / "vocab.txt").write_text("\n".join(tokens) + "\n")
    tokenizer = BertTokenizerFast.from_pretrained(folder)
    tokenizer.add_special_tokens({"bos_token": "[DEC]", "additional_special_tokens": ["[ENC]"]})
    size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    text = size | {
        "vocab_size": len(tokenizer), "encoder_hidden_size": 16, "projection_dim": 8, "max_position_embeddings": 64,
        "bos_token_id": tokenizer.bos_token_id, "eos_token_id": 2, "sep_token_id": 3, "pad_token_id": 0,
    }  # fmt: skip
    config = BlipConfig(text_config=text, vision_config=size | {"image_size": 32, "patch_size": 8}, projection_dim=8)
    BlipForConditionalGeneration(config).eval().save_pretrained(folder)
    processor = BlipProcessor(BlipImageProcessorPil(size={"height": 32, "width": 32}), tokenizer)
    processor.save_pretrained(folder)
    as_published(folder)
    return folder


def as_published(folder: Path) -> None:
    """Image processor in ``preprocessor_config.json``, as checkpoints older than version 5 of transformers have it."""
    path = folder / "processor_config.json"
    config = json.loads(path.read_text())
    images = config.pop("image_processor")
    images["processor_class"] = config.get("processor_class")
    (folder / "preprocessor_config.json").write_text(json.dumps(images))
    path.write_text(json.dumps(config))


CHAT = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n'}}{% for content in message['content'] %}"
    "{% if content['type'] == 'image' %}{{ '<image>' }}{% else %}{{ content['text'] }}{% endif %}{% endfor %}"
    "{{'<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def llava(folder: Path) -> Path:
    """As llava-hf/llava-interleave-qwen-0.5b-hf: SigLIP and Qwen2."""
    import torch
    from transformers import LlavaConfig, LlavaForConditionalGeneration, LlavaProcessor, Qwen2Config, SiglipVisionConfig
    from transformers.models.siglip import SiglipImageProcessorPil

    torch.manual_seed(2)
    tokenizer = qwen_tokenizer()
    size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2}
    config = LlavaConfig(
        vision_config=SiglipVisionConfig(**size, image_size=32, patch_size=8, vision_use_head=False),
        text_config=Qwen2Config(
            **size, num_key_value_heads=2, vocab_size=len(tokenizer), eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id, bos_token_id=None, max_position_embeddings=512,
        ),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        image_seq_length=16,
        vision_feature_layer=-1,
        vision_feature_select_strategy="full",
    )  # fmt: skip
    LlavaForConditionalGeneration(config).eval().save_pretrained(folder)
    processor = LlavaProcessor(
        SiglipImageProcessorPil(size={"height": 32, "width": 32}),
        tokenizer,
        patch_size=8,
        vision_feature_select_strategy="full",
        chat_template=CHAT,
        num_additional_image_tokens=0,
    )
    processor.save_pretrained(folder)
    as_published(folder)
    return folder


def smolvlm(folder: Path) -> Path:
    """As HuggingFaceTB/SmolVLM-256M-Instruct: the classes of Idefics 3."""
    import torch
    from transformers import Idefics3Config, Idefics3ForConditionalGeneration, Idefics3Processor, LlamaConfig
    from transformers.models.idefics3 import Idefics3ImageProcessorPil

    torch.manual_seed(3)
    tokenizer = qwen_tokenizer()
    tokenizer.add_special_tokens(
        {"additional_special_tokens": ["<fake_token_around_image>", "<image>", "<global-img>", "<end_of_utterance>"]}
    )
    size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = Idefics3Config(
        vision_config=size | {"image_size": 32, "patch_size": 8},
        text_config=LlamaConfig(
            **size, num_key_value_heads=2, vocab_size=len(tokenizer), eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id, bos_token_id=tokenizer.eos_token_id, max_position_embeddings=1024,
        ),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        scale_factor=2,
        pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    Idefics3ForConditionalGeneration(config).eval().save_pretrained(folder)
    images = Idefics3ImageProcessorPil(size={"longest_edge": 64}, max_image_size={"longest_edge": 32})
    Idefics3Processor(images, tokenizer, image_seq_len=4, chat_template=CHAT).save_pretrained(folder)
    as_published(folder)
    return folder


def segformer(folder: Path, labels: dict[int, str] | None = None) -> Path:
    """As nvidia/segformer-b0-finetuned-ade-512-512, with some of ADE's labels under their numbers' order."""
    import torch
    from transformers import SegformerConfig, SegformerForSemanticSegmentation
    from transformers.models.segformer import SegformerImageProcessorPil

    torch.manual_seed(4)
    labels = labels or {0: "wall", 1: "building", 2: "sky", 3: "floor", 4: "tree", 5: "car"}
    config = SegformerConfig(
        hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1], num_attention_heads=[1, 1, 2, 2], decoder_hidden_size=16,
        id2label=labels, label2id={name: number for number, name in labels.items()},
    )  # fmt: skip
    SegformerForSemanticSegmentation(config).eval().save_pretrained(folder)
    SegformerImageProcessorPil(size={"height": 64, "width": 64}, do_reduce_labels=True).save_pretrained(folder)
    return folder


def sam(folder: Path) -> Path:
    """As facebook/sam-vit-base."""
    import torch
    from transformers import SamConfig, SamModel, SamProcessor
    from transformers.models.sam import SamImageProcessorPil

    torch.manual_seed(5)
    config = SamConfig(
        vision_config={
            "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "output_channels": 32,
            "image_size": 64, "patch_size": 8, "window_size": 2, "global_attn_indexes": [1], "mlp_dim": 32,
            "num_pos_feats": 16,
        },
        prompt_encoder_config={"hidden_size": 32, "image_size": 64, "patch_size": 8, "mask_input_channels": 4},
        mask_decoder_config={
            "hidden_size": 32, "mlp_dim": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
            "iou_head_hidden_dim": 16,
        },
    )  # fmt: skip
    model = SamModel(config).eval()
    model.mask_decoder.iou_prediction_head.proj_out.bias.data.fill_(0.9)  # sure of itself, as a trained one is
    model.save_pretrained(folder)
    SamProcessor(SamImageProcessorPil(size={"longest_edge": 64}, pad_size={"height": 64, "width": 64})).save_pretrained(
        folder
    )
    as_published(folder)
    return folder


CROSS = 32
"""Width of the text that the UNet attends to."""


def stable_diffusion(folder: Path) -> Path:
    """As stable-diffusion-v1-5/stable-diffusion-v1-5, without its safety checker."""
    import torch
    from diffusers import AutoencoderKL, PNDMScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    torch.manual_seed(6)
    clip_tokenizer(folder / "tokenizer")
    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
    unet = UNet2DConditionModel(
        block_out_channels=(16, 32), layers_per_block=1, sample_size=16, norm_num_groups=8, attention_head_dim=4,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=CROSS,
    )  # fmt: skip
    vae = AutoencoderKL(
        block_out_channels=(8, 8, 8, 16), norm_num_groups=8, latent_channels=4, sample_size=32, layers_per_block=1,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
    )  # fmt: skip
    text = CLIPTextModel(
        CLIPTextConfig(
            hidden_size=CROSS, intermediate_size=37, num_hidden_layers=2, num_attention_heads=4,
            vocab_size=len(tokenizer), bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        )
    )  # fmt: skip
    scheduler = PNDMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", skip_prk_steps=True, steps_offset=1
    )
    StableDiffusionPipeline(
        vae=vae, text_encoder=text, tokenizer=tokenizer, unet=unet, scheduler=scheduler, safety_checker=None,
        feature_extractor=None, requires_safety_checker=False,
    ).save_pretrained(folder)  # fmt: skip
    return folder


def ip_adapter(folder: Path, diffusion: Path) -> Path:
    """As h94/IP-Adapter: ``models/ip-adapter_sd15.safetensors`` and ``models/image_encoder``."""
    import torch
    from diffusers import UNet2DConditionModel
    from safetensors.torch import save_file
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    torch.manual_seed(7)
    width = 24
    encoder = CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=16, intermediate_size=37, num_hidden_layers=2, num_attention_heads=2, image_size=224,
            patch_size=56, projection_dim=width,
        )
    )  # fmt: skip
    encoder.save_pretrained(folder / "models" / "image_encoder")
    unet = UNet2DConditionModel.from_pretrained(diffusion / "unet")
    tensors = {
        "image_proj.proj.weight": torch.randn(4 * CROSS, width),
        "image_proj.proj.bias": torch.zeros(4 * CROSS),
        "image_proj.norm.weight": torch.ones(CROSS),
        "image_proj.norm.bias": torch.zeros(CROSS),
    }
    channels, number = unet.config.block_out_channels, 1
    for name in unet.attn_processors:
        if name.endswith("attn1.processor"):
            continue
        where, level = name.split(".")[:2]
        sizes = {"down_blocks": channels, "up_blocks": channels[::-1], "mid_block": channels[-1:] * 2}[where]
        size = sizes[int(level) if level.isdigit() else 0]
        for part in ("to_k_ip", "to_v_ip"):
            tensors[f"ip_adapter.{number}.{part}.weight"] = torch.randn(size, CROSS) * 0.2
        number += 2
    save_file(tensors, folder / "models" / "ip-adapter_sd15.safetensors")
    return folder


def mask2former(folder: Path) -> Path:
    """As facebook/mask2former-swin-tiny-ade-semantic, with some of ADE's labels."""
    import torch
    from transformers import Mask2FormerConfig, Mask2FormerForUniversalSegmentation, SwinConfig
    from transformers.models.mask2former import Mask2FormerImageProcessorPil

    torch.manual_seed(8)
    labels = {0: "wall", 1: "building", 2: "sky", 3: "floor", 4: "tree", 5: "car"}
    config = Mask2FormerConfig(
        backbone_config=SwinConfig(
            image_size=64, embed_dim=8, depths=[1, 1, 1, 1], num_heads=[1, 1, 2, 2], window_size=2,
            out_features=["stage1", "stage2", "stage3", "stage4"],
        ),
        feature_size=32, mask_feature_size=32, hidden_dim=32, encoder_feedforward_dim=32, dim_feedforward=32,
        encoder_layers=1, decoder_layers=2, num_attention_heads=2, num_queries=6, train_num_points=16,
        id2label=labels, label2id={name: number for number, name in labels.items()},
    )  # fmt: skip
    Mask2FormerForUniversalSegmentation(config).eval().save_pretrained(folder)
    Mask2FormerImageProcessorPil(size={"shortest_edge": 64, "longest_edge": 128}, ignore_index=255).save_pretrained(
        folder
    )
    return folder


def clip(folder: Path) -> Path:
    """As openai/clip-vit-base-patch32."""
    import torch
    from transformers import CLIPConfig, CLIPModel, CLIPProcessor, CLIPTokenizer
    from transformers.models.clip import CLIPImageProcessorPil

    torch.manual_seed(9)
    clip_tokenizer(folder)
    tokenizer = CLIPTokenizer.from_pretrained(folder)
    size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    tokens = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
    config = CLIPConfig(
        text_config=size | tokens | {"vocab_size": len(tokenizer)},
        vision_config=size | {"image_size": 32, "patch_size": 16},
        projection_dim=8,
    )
    CLIPModel(config).eval().save_pretrained(folder)
    images = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    CLIPProcessor(images, tokenizer).save_pretrained(folder)
    as_published(folder)
    return folder
