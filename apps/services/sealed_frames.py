"""Frames between a host and its radio with a seal on them: what `--frame-key` does at host tx and host rx.

STATE/frame-sequence    tx: no number below this one is used again; rx: no frame far below it is taken again
"""

from __future__ import annotations

import logging
import re
import stat
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from semcom.apps.report.result_folder import OutputError, write_file_whole
from semcom.link.errors import FrameError
from semcom.link.frame_seal import KEY_BYTES, SEQUENCE_BYTES, WINDOW, FrameOpener, FrameSealer
from semcom.link.messages import Kind, Message
from semcom.link.transports.client import Client

SEQUENCE_FILE = "frame-sequence"
RESERVED = 1 << 20
"""Numbers that a sender takes at once, so that it writes seldom."""

MAKE_KEY = "(umask 077; openssl rand -hex 32 > FILE)"
log = logging.getLogger("semcom")


def read_frame_key(file: Path) -> bytes:
    """The key in a file: 64 hexadecimal digits.

    Raises
    ------
    OutputError
        It cannot be read, others may read it, or it is no key.
    """
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        with file.open("rb") as opened:
            text = opened.read(4 * KEY_BYTES).strip()
    except OSError as error:
        raise OutputError(f"{file}: cannot be read: {error.strerror}; make one with: {MAKE_KEY}") from None
    if mode & 0o077:
        raise OutputError(f"{file}: must be readable by its owner alone (mode 600), got mode {mode:o}")
    if not re.fullmatch(rb"[0-9a-fA-F]{%d}" % (2 * KEY_BYTES), text):
        raise OutputError(f"{file}: must hold {2 * KEY_BYTES} hexadecimal digits; make one with: {MAKE_KEY}")
    return bytes.fromhex(text.decode())


class SealingClient(Client):
    """A host tx's connection to its radio that seals each frame.

    Its numbers are above all that were used before: those in the state folder, and the clock's milliseconds where that
    is lost.

    Parameters
    ----------
    key : bytes
    state : Path
    to_radio
        As `Client`.
    """

    def __init__(self, key: bytes, state: Path, **to_radio: Any) -> None:
        self._file = state / SEQUENCE_FILE
        first = max(_read(self._file), int(time.time() * 1000))
        self._sealer, self._reserved = FrameSealer(key, first), first
        super().__init__(**to_radio)

    def send_all(self, messages: Iterable[tuple[Kind, dict[str, Any]]]) -> int:
        return super().send_all([(kind, self._sealed(body) if kind is Kind.FRAME else body) for kind, body in messages])

    def _sealed(self, body: dict[str, Any]) -> dict[str, Any]:
        if self._sealer.sequence >= self._reserved:
            self._reserved = self._sealer.sequence + RESERVED
            _write(self._file, self._reserved)
        return {**body, "frame": self._sealer.seal(body["frame"])}


class OpeningClient(Client):
    """A host rx's connection to its radio that opens each frame; one that is not good comes out empty, and is counted.

    Parameters as those of `SealingClient`; what the state folder knows to be old is refused.
    """

    def __init__(self, key: bytes, state: Path, **to_radio: Any) -> None:
        self._file = state / SEQUENCE_FILE
        self._written = _read(self._file)
        self._opener = FrameOpener(key, self._written)
        super().__init__(**to_radio)

    def receive(self) -> Iterator[Message]:
        for message in super().receive():
            if message.kind is Kind.RECEIVED:
                message.body["frame"] = self._opened(message.body["frame"])
            yield message

    def _opened(self, data: bytes) -> bytes:
        try:
            frame = self._opener.open(data)
        except FrameError as error:
            self._refusals.note(error.field, str(error))
            return b""
        if self._opener.newest >= self._written + WINDOW:
            self._written = self._opener.newest
            _write(self._file, self._written)
        return frame


def _read(file: Path) -> int:
    try:
        return min(int(file.read_text(encoding="ascii")[:20]), (1 << 8 * SEQUENCE_BYTES) - 2 * RESERVED)
    except (OSError, ValueError):
        return 0


def _write(file: Path, number: int) -> None:
    try:
        write_file_whole(file, f"{number}\n".encode(), durable=True)
    except OSError as error:  # the clock serves after a restart
        log.error("%s cannot be written: %s", file, error.strerror)
