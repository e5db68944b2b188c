"""Files and pipes: a stream of bytes, or packets in one, behind their lengths or as KISS frames."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from semcom.apps.modem.errors import PortError
from semcom.apps.modem.ports.port import Quiet
from semcom.link.errors import FrameError
from semcom.link.packets.kiss import KissParser, encode_kiss
from semcom.link.packets.length_prefix import LengthPrefixParser, encode_length_prefix

FRAMINGS = ("stream", "length", "kiss")
STANDARD = "-"
_READ_BYTES = 1 << 16


def check_framing(framing: str) -> None:
    """Raises `PortError` for one that is none."""
    if framing not in FRAMINGS:
        raise PortError(f"framing must be one of {', '.join(FRAMINGS)}, got {framing!r}")


class ByteSource(Quiet):
    """A file or standard input, read to its end.

    Parameters
    ----------
    name : str
        Path, or ``-``.
    framing : str
        ``stream``: bytes, cut where they come; ``length``, ``kiss``: packets.
    piece_bytes : int
        Of a stream, at most so many at a time.

    Attributes
    ----------
    is_damaged : bool
        What was no packet, or half of one, has been left out.
    """

    def __init__(self, name: str, framing: str = "stream", piece_bytes: int = 1024) -> None:
        check_framing(framing)
        self._name = "standard input" if name == STANDARD else name
        self.is_stream, self._piece_bytes = framing == "stream", piece_bytes
        self._length = LengthPrefixParser() if framing == "length" else None
        self._kiss = KissParser() if framing == "kiss" else None
        self._notes: list[str] = []
        self.is_damaged = False
        try:
            self._fd = os.dup(0) if name == STANDARD else os.open(_regular(name), os.O_RDONLY)
        except OSError as error:
            raise PortError(f"{self._name}: cannot be read: {error.strerror or error}") from None

    def waits_on(self) -> Sequence[Any]:
        return () if self.ended else (self._fd,)

    def read(self) -> list[bytes]:
        try:
            data = os.read(self._fd, self._piece_bytes if self.is_stream else _READ_BYTES)
        except OSError as error:
            raise PortError(f"{self._name}: cannot be read: {error.strerror or error}") from None
        if not data:
            return self._finish()
        if self.is_stream:
            return [data]
        try:
            return (self._length or self._kiss).push(data)
        except FrameError as error:
            self.ended = True
            self._damaged(f"{error}; nothing after it is sent")
            return []

    def notes(self) -> list[str]:
        notes, self._notes = self._notes, []
        return notes

    def close(self) -> None:
        os.close(self._fd)

    def _finish(self) -> list[bytes]:
        self.ended = True
        try:
            if self._length is not None:
                self._length.end()
        except FrameError as error:
            self._damaged(f"{error}; it is not sent")
        if self._kiss is not None and self._kiss.inside:
            self._damaged("last KISS frame must end with C0, got its beginning only; it is not sent")
        if self._kiss is not None and self._kiss.num_refused:
            self._damaged(f"{self._kiss.num_refused} KISS frames or bytes were none and are not sent")
        return []

    def _damaged(self, words: str) -> None:
        self.is_damaged = True
        self._notes.append(f"{self._name}: {words}")


class ByteSink(Quiet):
    """A file or standard output.

    Parameters
    ----------
    name : str
        Path, or ``-``. A file is made anew, and only when the first bytes have come.
    framing : str
        See `ByteSource`.
    """

    ended = True

    def __init__(self, name: str, framing: str = "stream") -> None:
        check_framing(framing)
        self._path = None if name == STANDARD else Path(name)
        if self._path is not None and (self._path.is_dir() or not self._path.parent.is_dir()):
            raise PortError(f"{name}: must be a file in a folder that there is")
        self._fd = os.dup(1) if self._path is None else None
        self.is_stream = framing == "stream"
        frame: dict[str, Callable[[bytes], bytes]] = {"length": encode_length_prefix, "kiss": encode_kiss}
        self._frame = frame.get(framing, bytes)

    def write(self, data: bytes) -> None:
        if self._fd is None:
            self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        data = self._frame(data)
        while data:
            data = data[os.write(self._fd, data) :]

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)


def _regular(name: str) -> str:
    if Path(name).is_dir():
        raise PortError(f"{name}: must be a file, is a folder")
    return name
