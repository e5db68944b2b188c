"""Files that a command is given, or ``-`` for standard input: read within bounds, errors named after them."""

from __future__ import annotations

import sys
from pathlib import Path

STDIN = Path("-")
"""As an argument: standard input in the place of a file."""


def read_packet(path: Path):
    """A packet file, or ``-`` for standard input."""
    return read_packet_file(path)[0]


def read_packet_file(path: Path):
    """A packet file, or ``-`` for standard input: the packet and its number of bytes."""
    from semcom.semantic import PacketError, SemanticPacket
    from semcom.semantic.packet import MAX_PACKET_BYTES

    name = "standard input" if path == STDIN else str(path)
    try:
        if path == STDIN:
            data = read_stdin(MAX_PACKET_BYTES + 1)
        elif path.exists() and not path.is_file():
            raise PacketError(f"{name}: must be a file")
        else:
            with path.open("rb") as file:
                data = file.read(MAX_PACKET_BYTES + 1)
    except OSError as error:
        raise PacketError(f"{name}: cannot be read: {error.strerror or error}") from error
    try:
        return SemanticPacket.from_bytes(data), len(data)
    except PacketError as error:
        raise PacketError(f"{name}: {error}") from None


def chosen_repairer(text: str | None):
    """The repairer that was asked for, made once so that one that is not there is refused; the usual one for None."""
    from semcom.semantic.parts import make_part
    from semcom.semantic.repair import DEFAULT
    from semcom.semantic.request import typed_part

    choice = DEFAULT if text is None else typed_part("repairer", text)
    make_part("repairer", choice)
    return choice


def read_stdin(max_bytes: int) -> bytes:
    """Standard input up to its end, or to so many bytes."""
    return sys.stdin.buffer.read(max_bytes) if sys.stdin is not None else b""


def load_photo(path: Path, notes: list[str] | None = None):
    """A picture file, or ``-`` for standard input: uint8 [height, width, 3]; raises `PictureError`.

    What was decided for the user while reading (a page, a frame, a scale) goes into `notes`; where there is no such
    list it is said on the error stream, a line each.
    """
    from semcom.apps.commands.console import say_notes
    from semcom.semantic.errors import PictureError
    from semcom.semantic.picture_file import MAX_FILE_BYTES, read_picture

    name = "standard input" if path == STDIN else str(path)
    if path != STDIN:
        picture = read_picture(path)
    else:
        try:
            data = read_stdin(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise PictureError(f"{name}: cannot be read: {error.strerror or error}") from error
        if len(data) > MAX_FILE_BYTES:
            raise PictureError(f"{name}: a picture file must have at most {MAX_FILE_BYTES} bytes")
        picture = read_picture(data, name)
    if notes is None:
        say_notes(name, picture.notes)
    else:
        notes += [f"Of the file: {note}." for note in picture.notes]
    return picture.pixels
