"""A small BART that reads and writes characters: its configuration, tokenizer and weights to start from."""

from __future__ import annotations

from typing import Any

import torch

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
CHARACTERS = (*map(chr, range(32, 127)), "\ufffd")
"""What a text in ASCII can show when it is received: U+FFFD stands for what cannot be shown."""
MAX_TOKENS = 258
SHARPNESS = 1.6
"""Of queries and keys as they begin."""


def character_tokenizer() -> Any:
    """A tokenizer of transformers, one token a character, ends marked as BART marks them."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    numbers = {token: number for number, token in enumerate((*SPECIAL, *CHARACTERS))}
    made = Tokenizer(models.WordLevel(numbers, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    made.decoder = decoders.Fuse()
    made.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>",
        mask_token="<mask>", model_max_length=MAX_TOKENS, clean_up_tokenization_spaces=False,
    )  # fmt: skip


def character_bart(width: int = 128, encoder_layers: int = 3, decoder_layers: int = 2) -> Any:
    """Random weights of a `BartForConditionalGeneration` that begins by copying.

    A damaged text is as long as the one that was sent. So decoder and encoder start with the same positions, queries
    and keys between them as multiples of the identity, values as the identity: what is at a place is found there,
    and passed on, from the first step on.
    """
    from transformers import BartConfig, BartForConditionalGeneration

    heads = max(2, width // 32)
    config = BartConfig(
        vocab_size=len(SPECIAL) + len(CHARACTERS), d_model=width, encoder_layers=encoder_layers,
        decoder_layers=decoder_layers, encoder_attention_heads=heads, decoder_attention_heads=heads,
        encoder_ffn_dim=4 * width, decoder_ffn_dim=4 * width, max_position_embeddings=MAX_TOKENS + 2,
        activation_function="gelu", dropout=0.0, attention_dropout=0.0, activation_dropout=0.0,
        scale_embedding=True, init_std=width**-0.5 / 2,
    )  # fmt: skip
    net = BartForConditionalGeneration(config)
    encoder, decoder = net.model.encoder, net.model.decoder
    with torch.no_grad():
        encoder.embed_positions.weight.normal_(std=1.0)
        decoder.embed_positions.weight.copy_(encoder.embed_positions.weight)
        for layer in decoder.layers:
            look = layer.encoder_attn
            for projection, scale in ((look.q_proj, SHARPNESS), (look.k_proj, SHARPNESS), (look.v_proj, 1.0)):
                projection.weight.copy_(scale * torch.eye(width))
            look.out_proj.weight.copy_(torch.eye(width))
    return net
