"""Plain text layer: a caption in characters of eight bits without entropy coding, so that damage stays where it is.

```
exact     1 byte   form: bits 7-4 zero (1 a `submission`, others kinds to come), 3 Latin-1, 2 repaired, 1-0 zero
          1        place: 0 the whole picture, else the field of a grid over it, as `region_caption.place_number` has it
          2        check: low 16 bits of the CRC-32 of the characters as they were sent
repaired  varint   number of ranges of characters that were guessed, then (gap, length) varint each
soft      rest     characters: 7 bits of ASCII under a bit of even parity; Latin-1 where ASCII does not do
```

Characters may arrive wrong (`link` delivers them with the LLR of each bit); `semantic.repair` mends them and writes
down what it guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from zlib import crc32

import numpy as np

from semcom.semantic.errors import LayerError
from semcom.semantic.layers import submission
from semcom.semantic.layers.caption import Caption
from semcom.semantic.layers.context import printable
from semcom.semantic.layers.kind import LayerBase
from semcom.semantic.layers.region_caption import field_of_place, place_in_words
from semcom.semantic.layers.submission import Submission
from semcom.semantic.wire import ByteReader, ByteWriter

MAX_CHARACTERS = 1024
EXACT_BYTES = 5
"""Of the payload, its first byte among them: form, place and check must arrive exactly."""
_LATIN, _REPAIRED = 8, 4


@dataclass(frozen=True)
class PlainText:
    """A caption as it was sent, came, or was repaired.

    Attributes
    ----------
    text : str
        1 to `MAX_CHARACTERS` characters of ASCII or Latin-1.
    place : int
        What it is about: 0 the whole picture, else the field of a grid (`region_caption.place_number`), 1..255.
    check : int
        Of the characters as they were sent, 16 bits; made from `text` where it is None.
    guessed : tuple of (int, int)
        Ranges of characters that a repairer guessed, first included and last excluded, in order.
    is_latin : bool
        Characters are sent as Latin-1, without parity; so are texts that ASCII cannot write.
    """

    text: str
    place: int = 0
    check: int | None = None
    guessed: tuple[tuple[int, int], ...] = ()
    is_latin: bool = False
    characters: bytes = field(default=b"", repr=False, compare=False)
    """As they came, where a layer was read."""

    def __post_init__(self) -> None:
        if not self.characters:
            object.__setattr__(self, "is_latin", self.is_latin or not self.text.isascii())
        if self.check is None:
            object.__setattr__(self, "check", check_of(coded(self.text, self.is_latin)))

    @property
    def intact(self) -> bool:
        """Whether the text agrees with its check: 1 in 65,536 wrong ones does."""
        return check_of(self.characters or coded(self.text, self.is_latin)) == self.check

    @property
    def caption(self) -> Caption:
        """As other layers say it."""
        return Caption(self.text, guessed=self.guessed)


def coded(text: str, is_latin: bool) -> bytes:
    """Characters as they travel; `LayerError` where the text cannot be written so."""
    if not 1 <= len(text) <= MAX_CHARACTERS:
        raise LayerError(f"plain text must have 1 to {MAX_CHARACTERS} characters, got {len(text)}")
    if printable(text) != text:
        raise LayerError(f"plain text must not contain control characters, got {text!r}")
    try:
        plain = text.encode("latin-1" if is_latin else "ascii")
    except UnicodeEncodeError as error:
        raise LayerError(f"plain text must be Latin-1, got {text[error.start]!r} at {error.start}") from None
    return plain if is_latin else (np.frombuffer(plain, np.uint8) | _PARITY[list(plain)]).tobytes()


def check_of(characters: bytes) -> int:
    """Low 16 bits of the CRC-32."""
    return crc32(characters) & 0xFFFF


def encode(content: PlainText | Submission) -> bytes:
    """Form, place, check, what was guessed, characters; `LayerError` for what `decode` would refuse."""
    if isinstance(content, Submission):
        return submission.encode(content)
    writer = ByteWriter("plain text")
    form = _LATIN * content.is_latin | _REPAIRED * bool(content.guessed)
    writer.u8(form).u8(writer.bounded(content.place, "place", 0, 255)).u16(content.check)
    if content.guessed:
        writer.varint(len(content.guessed))
        position = 0
        for first, last in content.guessed:
            if not position <= first < last <= len(content.text):
                raise LayerError(f"guessed ranges must be in order within {len(content.text)}, got {(first, last)}")
            writer.varint(first - position).varint(last - first)
            position = last
    return writer.raw(coded(content.text, content.is_latin)).to_bytes()


def decode(reader: ByteReader) -> PlainText | Submission | None:
    """Every byte is some character: what cannot be shown reads as U+FFFD. None: of a kind to come, not known here."""
    form = reader.u8("form")
    if form >> 4 == submission.FORM:
        return submission.decode(reader, form)
    if form >> 4:
        return None
    reader.bounded(form & ~(_LATIN | _REPAIRED), "form besides its flags", 0, 0)
    place, check = reader.u8("place"), reader.u16("check")
    guessed, position = [], 0
    for _ in range(reader.varint("number of guessed ranges", 1, MAX_CHARACTERS) if form & _REPAIRED else 0):
        first = position + reader.varint("gap before a guessed range", 0, MAX_CHARACTERS)
        position = first + reader.varint("length of a guessed range", 1, MAX_CHARACTERS)
        guessed.append((first, position))
    characters = bytes(reader.rest())
    reader.bounded(len(characters), "number of characters", 1, MAX_CHARACTERS)
    reader.bounded(position, "end of the guessed ranges", 0, len(characters))
    is_latin = bool(form & _LATIN)
    text = characters.decode("latin-1") if is_latin else bytes(b & 0x7F for b in characters).decode("ascii")
    return PlainText(printable(text), place, check, tuple(guessed), is_latin, characters)


_PARITY = np.array([128 * (bin(code).count("1") % 2) for code in range(128)], np.uint8)


class PlainTextKind(LayerBase):
    number, label, importance, colour = 15, "plain_text", 7, "#a8642c"
    many = True
    file_names = ("caption.txt", "plain_texts")
    exact_bytes = EXACT_BYTES
    encode, decode = staticmethod(encode), staticmethod(decode)

    def says_something(self, content: PlainText | Submission) -> bool:
        return isinstance(content, PlainText)

    def describe(self, content: PlainText | Submission) -> str:
        if isinstance(content, Submission):
            return submission.describe(content)
        field = field_of_place(content.place) if content.place else None
        about = f"{place_in_words(*field)}: " if field else f"part {content.place}: " if content.place else ""
        agrees = "agrees with its check" if content.intact else "does not agree with its check"
        if content.guessed:
            words = ", ".join(f"“{content.text[first:last]}”" for first, last in content.guessed)
            return f"{about}“{content.text}” repaired: {words}; {agrees}"
        return f"{about}“{content.text}” {agrees}"

    def files(self, content: PlainText | Submission, number: int) -> dict[str, bytes]:
        if isinstance(content, Submission):
            return {}
        name = f"plain_texts/{content.place:03d}.txt" if content.place else "caption.txt"
        return {name: f"{content.text}\n".encode()}


KIND = PlainTextKind()
