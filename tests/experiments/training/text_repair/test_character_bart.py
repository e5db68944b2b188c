"""A BART of characters: the tokenizer loses nothing, and the decoder first looks where it writes."""

from __future__ import annotations

import pytest
import torch

from semcom.experiments.training.text_repair.character_bart import CHARACTERS, character_bart, character_tokenizer

pytest.importorskip("transformers", reason="models of others are needed: scripts/setup pretrained")


def test_every_character_comes_back() -> None:
    tokenizer = character_tokenizer()
    text = "".join(CHARACTERS) + "  two spaces , and a stop ."
    tokens = tokenizer(text)["input_ids"]
    assert len(tokens) == len(text) + 2 and tokens[0] == 0 and tokens[-1] == 2
    assert tokenizer.decode(tokens, skip_special_tokens=True) == text
    assert tokenizer("é")["input_ids"] == [0, 3, 2]


def test_what_is_at_a_place_is_found_there_from_the_start() -> None:
    torch.manual_seed(1)
    net = character_bart(32, 1, 1).eval()
    net.model.set_attn_implementation("eager")
    tokens = torch.randint(5, 100, (1, 40))
    with torch.inference_mode():
        out = net(input_ids=tokens, decoder_input_ids=tokens, output_attentions=True)
    looked = out.cross_attentions[0].mean(1)[0]
    assert looked.diagonal().mean() > 2 / 40
