"""Text repaired by BART [Lewis 2020], as Multi-SC has it (§II-B, eq. 5): a damaged sentence in, a whole one out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from semcom.semantic.backends.loading import load
from semcom.semantic.backends.runtime import quietly
from semcom.semantic.changed_words import changed_words
from semcom.semantic.layers.context import printable
from semcom.semantic.plain_texts import plain

NAME = "bart"
LONGER = 1.5
"""A repaired text may be so many times longer than what came, and a few characters more: what is longer is made up."""
FEW_CHARACTERS = 20


class BartRepairer:
    """The text that a sequence model makes of the text as it came; soft values and check are left aside.

    Parameters
    ----------
    folder : str
        Of a BART model trained to repair sentences; empty takes ``bart`` of the folder of models.
    beams : int
        Sentences followed.
    device : str

    Raises
    ------
    ModelError
    """

    def __init__(self, folder: str = "", beams: int = 4, device: str = "cpu") -> None:
        self._loaded = load(NAME, folder, device, "BartForConditionalGeneration", "AutoTokenizer", {"bart"})
        self._beams = max(1, int(beams))

    def __call__(self, text: str, context: Mapping[str, Any]) -> tuple[str, tuple[tuple[int, int], ...]]:
        """As `protocols.Repairer`; a text that the model loses, or makes much longer, stays as it came."""
        model, tokenizer, device, _ = self._loaded
        if not text.strip():
            return text, ()
        most = int(LONGER * len(text)) + FEW_CHARACTERS
        with quietly():
            given = tokenizer(text, return_tensors="pt", truncation=True, max_length=self._most_tokens).to(device)
            tokens = model.generate(
                given["input_ids"],
                attention_mask=given["attention_mask"],
                num_beams=self._beams,
                do_sample=False,
                max_new_tokens=min(self._most_tokens, most),
            )
            said = tokenizer.decode(tokens[0], skip_special_tokens=True)
        repaired = plain(" ".join(printable(said).replace("\ufffd", " ").split()))
        if not repaired or len(repaired) > most:
            return text, ()
        return repaired, changed_words(text, repaired)

    @property
    def _most_tokens(self) -> int:
        return int(self._loaded.model.config.max_position_embeddings) - 2
