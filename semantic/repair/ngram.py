"""Repair of text by character n-grams: the likeliest caption behind the soft values that came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from semcom.semantic.changed_words import changed_words
from semcom.semantic.errors import SemanticError
from semcom.semantic.layers.plain_text import check_of, coded
from semcom.semantic.repair import character_model
from semcom.semantic.repair.beam_search import likeliest_texts

MAX_BEAM = 1024
UNKNOWN_LLR = 1.7
"""Of every bit where nobody told LLRs: one in six is wrong."""

_CODES = np.arange(128)
_BITS = (_CODES[:, None] >> np.arange(7, -1, -1) & 1).astype(np.float32)
_ODD = _BITS.sum(axis=1) % 2
_SIGNS = 1 - 2 * _BITS
_SIGNS_WITH_PARITY = np.concatenate([(1 - 2 * _ODD)[:, None], _SIGNS[:, 1:]], axis=1)
_UNPRINTABLE = (_CODES < 32) | (_CODES == 127)


class NgramRepairer:
    """The likeliest text of its length under a model of captions; of the runners-up the first that fits the check.

    Parameters
    ----------
    beam : int
        Texts followed, 1 to `MAX_BEAM`: more repair a little better and take longer.
    soft : bool
        False: only the decided bits are looked at, as where no LLRs are known.
    use_check : bool
        Whether the check that travelled with the text chooses among the likeliest.
    """

    def __init__(self, beam: int = 256, soft: bool = True, use_check: bool = True) -> None:
        if isinstance(beam, bool) or not isinstance(beam, int) or not 1 <= beam <= MAX_BEAM:
            raise SemanticError(f"beam of repairer ngram must be 1 to {MAX_BEAM}, got {beam!r}")
        self.beam, self.soft, self.use_check = beam, bool(soft), bool(use_check)
        self._model = character_model.load()

    def __call__(self, text: str, context: Mapping[str, Any]) -> tuple[str, tuple[tuple[int, int], ...]]:
        """`context`: what `semantic.repair` hands in; without it the characters of `text` are taken as decided."""
        is_latin, check = bool(context.get("is_latin", False)), context.get("check")
        found = self.candidates(text, context)
        best = found[0]
        if self.use_check and check is not None:
            best = next((each for each in found if check_of(coded(each, is_latin)) == check), best)
        return best, changed_words(text, best)

    def candidates(self, text: str, context: Mapping[str, Any]) -> list[str]:
        """The likeliest texts, by falling probability."""
        is_latin = bool(context.get("is_latin", False))
        characters = context.get("characters") or _characters(text, is_latin)
        llr = context.get("llr") if self.soft else None
        if llr is None:
            decided = np.unpackbits(np.frombuffer(characters, np.uint8)).reshape(-1, 8)
            llr = _even_llr(context.get("llr")) * (1 - 2 * decided.astype(np.float32))
        likelihood = 0.5 * llr @ (_SIGNS if is_latin else _SIGNS_WITH_PARITY).T
        likelihood[:, _UNPRINTABLE] = -1e9
        copies = 4 if self.use_check and context.get("check") is not None else 1
        texts = likeliest_texts(self._model, likelihood.astype(np.float32), self.beam, copies)
        return [candidate.decode("ascii") for candidate in texts]


def _characters(text: str, is_latin: bool) -> bytes:
    return text.encode("latin-1", "replace") if is_latin else coded(text.encode("ascii", "replace").decode(), False)


def _even_llr(llr: np.ndarray | None) -> float:
    """One LLR for all bits: that of the error rate which those of the bits speak of together."""
    if llr is None:
        return UNKNOWN_LLR
    rate = float(np.mean(1 / (1 + np.exp(np.minimum(np.abs(llr), 30.0)))))
    return float(np.log((1 - rate) / max(rate, 1e-6)))
