"""Pictures to send: files that appear in folders, each taken once, and turned into items by a thread of its own."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from semcom.apps.delivery.stored_request import request_path, stored_request
from semcom.link.transports.mailbox import Mailbox
from semcom.semantic import Analysis, EncodeRequest, RequestError, SemanticError, SemanticPacket, analyse, code
from semcom.semantic.packet import MAX_PACKET_BYTES
from semcom.semantic.picture_file import SUFFIXES as PICTURE_SUFFIXES
from semcom.semantic.picture_file import read_picture

SUFFIXES = {*PICTURE_SUFFIXES, ".sem"}
LOOK_EVERY_S = 0.2
_SHARE_OF_LOOKING = 10
SETTLED_S = 0.3
"""A file that was changed so short ago may still be being written."""

MAX_ENCODED_AHEAD = 2
log = logging.getLogger("semcom.tx")


@dataclass(frozen=True)
class FoundFile:
    """A file in one of the folders.

    Attributes
    ----------
    path : Path
    mark : str
        Folder, name, size and time: changed contents are another picture.
    temporary : bool
        To be removed once it has been sent: it was pushed.
    """

    path: Path
    mark: str
    temporary: bool


@dataclass(frozen=True)
class Encoded:
    """What became of a file: a packet, or why there is none.

    Attributes
    ----------
    file : FoundFile
    packet : SemanticPacket or None
    reason : str
    seconds : float
        How long it took.
    content : bytes
        The picture's file, for refinement requests later; empty where it came as a packet.
    analysis : Analysis or None
        What the packet was coded from, with its request.
    """

    file: FoundFile
    packet: SemanticPacket | None
    reason: str = ""
    seconds: float = 0.0
    content: bytes = b""
    analysis: Analysis | None = None


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
    """

    def __init__(
        self,
        watched: Path | None,
        requests: Path,
        is_done: Callable[[str], bool],
        request: EncodeRequest | None = None,
    ) -> None:
        self._folders = [(requests, True)] + ([(watched, False)] if watched else [])
        self._is_done = is_done
        self._request = EncodeRequest() if request is None else request
        self._taken: set[str] = set()
        self._jobs: queue.Queue[FoundFile | None] = queue.Queue()
        self._look_again_at_s = 0.0
        self.encoded = Mailbox()
        self.waiting = 0
        self._worker = threading.Thread(target=self._work, name="semcom encoder", daemon=True)
        self._worker.start()

    def look(self) -> None:
        """Take up to a few files, now and then."""
        now = time.monotonic()
        if now < self._look_again_at_s or self.waiting >= MAX_ENCODED_AHEAD:
            return
        found = [file for folder, temporary in self._folders for file in _files(folder, temporary)]
        took_s = time.monotonic() - now  # a folder of very many files is looked at less often
        self._look_again_at_s = time.monotonic() + max(LOOK_EVERY_S, _SHARE_OF_LOOKING * took_s)
        self._taken &= {file.mark for file in found}
        for file in found:
            if self.waiting >= MAX_ENCODED_AHEAD:
                return
            if self._is_done(file.mark):
                if file.temporary and file.mark not in self._taken:
                    remove(file.path)  # the process was killed before it could
            elif file.mark not in self._taken:
                self._taken.add(file.mark)
                self.waiting += 1
                self._jobs.put(file)

    def take(self) -> Iterable[Encoded]:
        """What has been encoded since last asked."""
        done = self.encoded.take_all()
        self.waiting -= len(done)
        return done

    def is_empty(self) -> bool:
        """Whether all that lies in the folders has been taken and encoded."""
        found = [file for folder, temporary in self._folders for file in _files(folder, temporary, settled_s=0)]
        return not self.waiting and all(f.mark in self._taken or self._is_done(f.mark) for f in found)

    def _work(self) -> None:
        while (file := self._jobs.get()) is not None:
            since = time.perf_counter()
            content, analysis = b"", None
            try:
                packet, content, analysis = self._packet(file)
                reason = ""
            except (SemanticError, OSError) as error:
                packet, reason = None, " ".join(str(error).split())
            except Exception as error:
                log.exception("%s cannot be encoded", file.path.name)
                packet, reason = None, f"{type(error).__name__}: {error}"
            self.encoded.put(Encoded(file, packet, reason, time.perf_counter() - since, content, analysis))

    def _packet(self, found: FoundFile) -> tuple[SemanticPacket, bytes, Analysis | None]:
        """The packet; of a picture also its file and its analysis."""
        path, request = found.path, self._request
        if path.suffix.lower() == ".sem":
            check_packet_privacy(request, None if found.temporary else stored_request(path))
            with path.open("rb") as file:
                return SemanticPacket.from_bytes(file.read(MAX_PACKET_BYTES + 1)), b"", None
        pushed = stored_request(path) if found.temporary else None
        if pushed is not None:
            request = request.adding(pushed)
        picture = read_picture(path)
        for note in picture.notes:
            log.info("%s: %s", path.name, note)
        analysis = analyse(picture.pixels, request)
        return code(analysis), path.read_bytes(), analysis


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
    path.unlink(missing_ok=True)
    request_path(path).unlink(missing_ok=True)


def _files(folder: Path, temporary: bool, settled_s: float = SETTLED_S) -> list[FoundFile]:
    """Pictures in a folder, oldest first; files whose names begin with a dot are not for us."""
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name.startswith(".") or path.suffix.lower() not in SUFFIXES:
            continue
        try:
            status = path.stat()
        except OSError:
            continue  # gone again
        if path.is_file() and (temporary or time.time() - status.st_mtime >= settled_s):
            mark = f"{folder.name}/{path.name}:{status.st_size}:{status.st_mtime_ns}"
            found.append((status.st_mtime_ns, path.name, FoundFile(path, mark, temporary)))
    return [file for *_, file in sorted(found, key=lambda entry: entry[:2])]
