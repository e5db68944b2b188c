"""A small BART that reads and writes characters: its configuration, tokenizer and weights to start from."""

from __future__ import annotations

from typing import Any

import torch

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
CHARACTERS = (*map(chr, range(32, 127)), "\ufffd")
"""What a text in ASCII can show when it is received: U+FFFD stands for what cannot be shown."""
MAX_TOKENS = 258


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
    """Random weights of a `BartForConditionalGeneration`; the decoder first looks where it writes.

    A damaged text is as long as the one that was sent. So decoder and encoder start with the same positions, and
    queries and keys between them with the same weights: what is at a place is found there from the first step on.
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
            layer.encoder_attn.q_proj.weight.copy_(layer.encoder_attn.k_proj.weight)
    return net
