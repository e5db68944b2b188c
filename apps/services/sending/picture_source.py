"""Pictures to send: files that appear in folders, each taken once, and turned into packets by a thread of its own.

What cannot be read is tried again, for as long as it is there; what is read and is no picture is refused for good.
"""

from __future__ import annotations

import logging
import queue
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from semcom.apps.delivery.stored_request import request_path, stored_request
from semcom.apps.delivery.submissions import bytes_in_packet, identifier_of, with_submission
from semcom.apps.services.sending.watched_files import SUFFIXES as SUFFIXES
from semcom.apps.services.sending.watched_files import FoundFile, WatchedFiles
from semcom.link.transports.mailbox import Mailbox
from semcom.semantic import Analysis, EncodeRequest, RequestError, SemanticError, SemanticPacket, analyse, code
from semcom.semantic.layers import Submission
from semcom.semantic.layers.submission import shortened
from semcom.semantic.packet import MAX_PACKET_BYTES
from semcom.semantic.picture_file import read_picture

LOOK_EVERY_S = 0.2
_SHARE_OF_LOOKING = 10
MAX_ENCODED_AHEAD = 2
_PUSHED_AT = re.compile(r"^\d+-")
log = logging.getLogger("semcom.tx")


@dataclass(frozen=True)
class Encoded:
    """What became of a file: a packet, or why there is none.

    Attributes
    ----------
    file : FoundFile
    packet : SemanticPacket or None
    reason : str
    try_again : bool
        It could not be read: the reason may pass.
    seconds : float
        How long it took.
    content : bytes
        The picture's file, for refinement requests later; empty where it came as a packet.
    analysis : Analysis or None
        What the packet was coded from, with its request.
    submission : Submission or None
        What the packet tells of the file.
    """

    file: FoundFile
    packet: SemanticPacket | None
    reason: str = ""
    seconds: float = 0.0
    content: bytes = b""
    analysis: Analysis | None = None
    try_again: bool = False
    submission: Submission | None = None


class PictureSource:
    """Looks into folders and encodes what it finds, oldest first.

    Parameters
    ----------
    watched : Path or None
        Files in it stay where they are.
    requests : Path
        Files in it are removed by whoever has sent them.
    is_done : callable
        Given a mark, whether that was sent before.
    request : EncodeRequest
        Of every picture; what came with a pushed one may add to it. Files that end in ``.sem`` are packets already.
    send_names : bool
        Tell the receiver the name of each file, and when it was taken in.
    """

    def __init__(
        self,
        watched: Path | None,
        requests: Path,
        is_done: Callable[[str], bool],
        request: EncodeRequest | None = None,
        send_names: bool = False,
    ) -> None:
        self._is_done, self._send_names = is_done, send_names
        self._request = EncodeRequest() if request is None else request
        self._taken: set[str] = set()
        self._files = WatchedFiles([(requests, True)] + ([(watched, False)] if watched else []))
        self._found: deque[FoundFile] = deque()  # to be taken before the next look
        self._jobs: queue.Queue[FoundFile | None] = queue.Queue()
        self._look_again_at_s = 0.0
        self.encoded = Mailbox()
        self.waiting = 0
        self._worker = threading.Thread(target=self._work, name="semcom encoder", daemon=True)
        self._worker.start()

    def taken_before(self, marks: Iterable[str]) -> None:
        """Files that need not be taken: they are on their way."""
        self._taken |= {mark for mark in marks if mark}

    def release(self, mark: str) -> None:
        """What was taken of it is over and done."""
        self._taken.discard(mark)

    @property
    def present(self) -> set[str]:
        """Marks of the files that were there when last looked."""
        return self._files.present

    @property
    def knows_all(self) -> bool:
        """Whether those are all: no folder was away, or could not be read."""
        return self._files.knows_all

    def look(self) -> None:
        """Take up to a few files, now and then."""
        now = time.monotonic()
        if self.waiting >= MAX_ENCODED_AHEAD:
            return
        if not self._found and now >= self._look_again_at_s:
            self._look_into_folders(now)
        while self._found and self.waiting < MAX_ENCODED_AHEAD:
            file = self._found.popleft()
            if file.mark not in self._taken:
                self._taken.add(file.mark)
                self.waiting += 1
                self._jobs.put(file)

    def _look_into_folders(self, now: float) -> None:
        files = self._files.look(now)
        took_s = time.monotonic() - now  # a folder of very many files is looked at less often
        self._look_again_at_s = time.monotonic() + max(LOOK_EVERY_S, _SHARE_OF_LOOKING * took_s)
        if self.knows_all:
            self._taken &= self.present
        for file in files:
            if self._is_done(file.mark):
                if file.temporary and file.mark not in self._taken:
                    remove(file.path)  # the process was killed before it could
            elif file.mark not in self._taken and self._files.is_ready(file, now):
                self._found.append(file)

    def take(self) -> Iterable[Encoded]:
        """What has been encoded since last asked."""
        done = self.encoded.take_all()
        self.waiting -= len(done)
        for encoded in done:
            if encoded.try_again:
                self._files.try_again_later(encoded.file, encoded.reason, time.monotonic())
                self._taken.discard(encoded.file.mark)
        return [encoded for encoded in done if not encoded.try_again]

    def is_empty(self) -> bool:
        """Whether all that lies in the folders has been taken and encoded."""
        found = self._files.look(time.monotonic())
        return not self.waiting and all(f.mark in self._taken or self._is_done(f.mark) for f in found)

    def _work(self) -> None:
        while (file := self._jobs.get()) is not None:
            since = time.perf_counter()
            content, analysis, submission, try_again = b"", None, None, False
            try:
                submission = self._submission(file)
                packet, content, analysis = self._packet(file, bytes_in_packet(submission))
                packet, reason = with_submission(packet, submission), ""
            except OSError as error:
                packet, reason, try_again = None, error.strerror or str(error), True
            except SemanticError as error:
                packet, reason = None, " ".join(str(error).split())
            except Exception as error:
                log.exception("%s cannot be encoded", file.path.name)
                packet, reason = None, f"{type(error).__name__}: {error}"
            seconds = time.perf_counter() - since
            self.encoded.put(Encoded(file, packet, reason, seconds, content, analysis, try_again, submission))

    def _submission(self, file: FoundFile) -> Submission:
        """What a receiver is told of the file; raises `OSError` where it cannot be read."""
        with file.path.open("rb") as opened:
            identifier = identifier_of(opened, file.path.name, file.time_ns)
        if not self._send_names:
            return Submission(identifier)
        name = _PUSHED_AT.sub("", file.path.name) if file.temporary else file.path.name
        return Submission(identifier, shortened(name), int(time.time()))

    def _packet(self, found: FoundFile, spare_bytes: int) -> tuple[SemanticPacket, bytes, Analysis | None]:
        """The packet, so much below the budget; of a picture also its file and its analysis."""
        path, request = found.path, self._request
        if path.suffix.lower() == ".sem":
            check_packet_privacy(request, None if found.temporary else stored_request(path))
            with path.open("rb") as file:
                packet = SemanticPacket.from_bytes(file.read(MAX_PACKET_BYTES + 1))
            check_has_picture(packet)
            return packet, b"", None
        pushed = stored_request(path) if found.temporary else None
        if pushed is not None:
            request = request.adding(pushed)
        picture = read_picture(path)
        for note in picture.notes:
            log.info("%s: %s", path.name, note)
        analysis = analyse(picture.pixels, request)
        budget_bytes = None if request.budget_bytes is None else max(1, request.budget_bytes - spare_bytes)
        return code(analysis, budget_bytes), path.read_bytes(), analysis


def check_has_picture(packet: SemanticPacket) -> None:
    """Refuse a packet without a layer of a picture: its layers would be taken for those of a whole group.

    Raises
    ------
    RequestError
    """
    if not any(layer.key.picture for layer in packet.layers):
        raise RequestError("picture of a packet must be 1 to 65535, got 0: its layers belong to a group of pictures")


def check_packet_privacy(own: EncodeRequest, stored: EncodeRequest | None) -> None:
    """Refuse a packet of which is not known that it withholds what the host withholds: nobody looks into packets.

    Raises
    ------
    RequestError
    """
    missing = [name for name in own.without if stored is None or name not in stored.without]
    if missing:
        raise RequestError(
            f"a packet must come with a request that withholds {', '.join(missing)}, as this host does; "
            "the photo itself can be sent"
        )


def remove(path: Path) -> None:
    """Remove a pushed picture, then the request that came with it: never the other way round."""
    try:
        path.unlink(missing_ok=True)
        request_path(path).unlink(missing_ok=True)
    except OSError as error:  # it is known as sent: it is tried again with the next look into the folder
        log.error("%s cannot be removed: %s", path.name, error.strerror)
