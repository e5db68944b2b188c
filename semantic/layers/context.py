"""What layers repeat so that each means something alone: the picture's size and the vocabulary of its categories."""

from __future__ import annotations

import unicodedata

from semcom.semantic.picture_file import MAX_PICTURE_PIXELS, MAX_PICTURE_SIDE, MIN_PICTURE_SIDE
from semcom.semantic.vocabulary import Vocabulary
from semcom.semantic.wire import ByteReader, ByteWriter

VOCABULARY_NUMBERS = {"everyday-1": 1, "everyday-2": 2}
"""Number on the wire of each published vocabulary. 0 is reserved for vocabularies carried in the packet."""

_VOCABULARY_NAMES = {number: name for name, number in VOCABULARY_NUMBERS.items()}


def write_size(writer: ByteWriter, width: int, height: int) -> None:
    """Width and height in pixels, within the bounds of `read_size`."""
    writer.bounded(width, "picture width", MIN_PICTURE_SIDE, MAX_PICTURE_SIDE)
    writer.bounded(height, "picture height", MIN_PICTURE_SIDE, MAX_PICTURE_SIDE)
    writer.bounded(width * height, "picture width × height", 1, MAX_PICTURE_PIXELS)
    writer.varint(width).varint(height)


def read_size(reader: ByteReader) -> tuple[int, int]:
    """Width and height in pixels, bounded one by one and together."""
    width = reader.varint("picture width", MIN_PICTURE_SIDE, MAX_PICTURE_SIDE)
    height = reader.varint("picture height", MIN_PICTURE_SIDE, MAX_PICTURE_SIDE)
    reader.bounded(width * height, "picture width × height", 1, MAX_PICTURE_PIXELS)
    return width, height


def write_vocabulary(writer: ByteWriter, vocabulary: Vocabulary) -> None:
    """Number and hash of a vocabulary; one without a number cannot be named on the wire."""
    if vocabulary.full_name not in VOCABULARY_NUMBERS:
        raise writer.fail("vocabulary", f"must be one of {', '.join(VOCABULARY_NUMBERS)}", vocabulary.full_name)
    writer.varint(VOCABULARY_NUMBERS[vocabulary.full_name]).u16(vocabulary.hash)


def read_vocabulary(reader: ByteReader) -> Vocabulary:
    """The vocabulary named by number; its hash must be that of our copy, or the ids would mean something else."""
    number = reader.varint("vocabulary number")
    if number not in _VOCABULARY_NAMES:
        raise reader.fail("vocabulary number", f"must be one of {sorted(_VOCABULARY_NAMES)}", number)
    vocabulary = Vocabulary.load(_VOCABULARY_NAMES[number])
    received_hash = reader.u16("vocabulary hash")
    if received_hash != vocabulary.hash:
        raise reader.fail(
            "vocabulary hash", f"must be {vocabulary.hash:#06x} ({vocabulary.full_name})", f"{received_hash:#06x}"
        )
    return vocabulary


def check_coded_map(
    writer: ByteWriter, width: int, height: int, divisor: int, most_divisor: int, most_pixels: int, shape: tuple
) -> None:
    """Refuse a map whose divisor, size or number of cells its reader would refuse."""
    writer.bounded(divisor, "divisor", 1, most_divisor)
    columns, rows = coded_size(width, height, divisor)
    writer.bounded(rows * columns, "coded map pixels", 1, most_pixels)
    if tuple(shape) != (rows, columns):
        raise writer.fail("coded map", f"must be [{rows}, {columns}] for divisor {divisor}", list(shape))


def coded_size(width: int, height: int, divisor: int) -> tuple[int, int]:
    """Size of a map coded at 1/`divisor` of the picture's resolution (rounded up): (coded width, coded height)."""
    return -(-width // divisor), -(-height // divisor)


def printable(text: str) -> str:
    """Text from outside without control characters, which could steer the terminal that shows it."""
    return "".join(
        character if character.isprintable() or unicodedata.category(character) == "Zs" else "\ufffd"
        for character in text
    )
