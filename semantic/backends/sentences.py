"""What a language model said → a caption: bounded, printable, without the prompt; what the maps back is marked."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from semcom.semantic.extract.captioner import compose_caption
from semcom.semantic.extract.withheld_words import words_of
from semcom.semantic.layers import Caption, Objects
from semcom.semantic.layers.caption import word_spans
from semcom.semantic.layers.context import printable
from semcom.semantic.vocabulary import NO_LABEL

MAX_TOKENS = 60
"""That a model may say of a picture."""
MAX_WORDS = 45
MAX_CHARACTERS = 300
_TAG = re.compile(r"<[^<>]{0,40}>|^\s*(?:assistant|user|system)\s*:?\s", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?]*[.!?]+")
_STAMMER = re.compile(r"\b(\w+)(?:\W+\1\b){2,}", re.IGNORECASE)


def tidy(said: str, prompts: Sequence[str] = ()) -> str:
    """One or a few whole sentences of what a model said; empty where it said nothing.

    Control characters, tags, the prompt's own words and words said three times in a row go; of a text that does not
    end, the whole sentences stay, or the words that fit with a full stop.
    """
    text = printable(" ".join(said.split())).replace("\ufffd", " ")
    text = _TAG.sub(" ", text)
    for prompt in prompts:
        text = re.sub(re.escape(" ".join(prompt.split())), " ", text, flags=re.IGNORECASE)
    text = _STAMMER.sub(r"\1", " ".join(text.split())).strip(" ,;:-#")
    spans = word_spans(text)
    if not spans:
        return ""
    if len(spans) > MAX_WORDS or len(text) > MAX_CHARACTERS:
        most = min(spans[:MAX_WORDS][-1][1], max((last for _, last in spans if last <= MAX_CHARACTERS), default=0))
        whole = [match.end() for match in _SENTENCE.finditer(text) if match.end() <= most + 1]
        text = text[: whole[-1]] if whole else text[: most or MAX_CHARACTERS]
    text = _each_once(text.strip(" ,;:-"))
    if not text or not word_spans(text):
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")


def caption_of(
    said: str, image: np.ndarray, labels: np.ndarray, objects: Objects, prompts: Sequence[str] = ()
) -> Caption:
    """A model's words as a caption; composed from the maps where it said nothing.

    Words for what the class map or the objects show are entities. A noun that nothing else backs stays unmarked: it is
    the model's word alone.

    Parameters
    ----------
    said : str
    image : uint8 [height, width, 3]
    labels : uint8 [height, width]
    objects : Objects
    prompts : sequence of str
        That a model may repeat.
    """
    text = tidy(said, prompts)
    if not text:
        return compose_caption(image, labels, objects)
    backed = _backed_words(labels, objects)
    spans = [(first, last) for first, last in word_spans(text) if text[first:last].lower() in backed]
    return Caption(text, tuple(spans))


def _backed_words(labels: np.ndarray, objects: Objects) -> frozenset[str]:
    seen = {int(label) for label in np.unique(labels) if label != NO_LABEL} | {item.category for item in objects.items}
    categories = [objects.vocabulary[number] for number in seen if number < len(objects.vocabulary)]
    return frozenset(word for one in categories for word in words_of(one.name, one.plural))


def _each_once(text: str) -> str:
    """Sentences that come again are left out."""
    sentences = [match.group().strip() for match in _SENTENCE.finditer(text)] or [text]
    rest = text[sum(len(match.group()) for match in _SENTENCE.finditer(text)) :].strip()
    told = dict.fromkeys([*sentences, rest] if rest and rest != sentences[-1] else sentences)
    return " ".join(told)
