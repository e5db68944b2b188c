"""Putting English sentences together word by word, with the named entities among the words marked."""

from __future__ import annotations

from dataclasses import dataclass, field

from semcom.semantic.layers.caption import Caption


@dataclass
class Sentence:
    """Words as they are put together, with the spans of the entities among them."""

    text: str = ""
    entities: list[tuple[int, int]] = field(default_factory=list)

    def add(self, words: str, entity: bool = False) -> Sentence:
        """Words with a space before them, unless they are a comma or full stop."""
        if self.text and words[0] not in ".,":
            self.text += " "
        start = len(self.text)
        self.text += words
        if entity:
            self.entities.append((start, len(self.text)))
        return self

    def add_list(self, phrases: list[tuple[str, str, str]]) -> Sentence:
        """``a, b and c`` of (article, noun, what follows it); the nouns are entities."""
        for position, (article, noun, following) in enumerate(phrases):
            if position:
                self.add("," if position < len(phrases) - 1 else "and")
            if article:
                self.add(article)
            self.add(noun, entity=True)
            if following:
                self.add(following)
        return self

    def finish(self) -> Sentence:
        """Capital letter and full stop."""
        self.text = self.text[0].upper() + self.text[1:] + "."
        return self


def join_sentences(sentences: list[Sentence]) -> Caption:
    """Finished sentences as one caption."""
    text, entities = "", []
    for sentence in sentences:
        offset = len(text) + (1 if text else 0)
        text = f"{text} {sentence.text}" if text else sentence.text
        entities += [(first + offset, last + offset) for first, last in sentence.entities]
    return Caption(text, tuple(entities))


def with_article(phrase: str) -> str:
    """``a`` or ``an`` for a phrase."""
    return "an" if phrase[0] in "aeiou" else "a"
