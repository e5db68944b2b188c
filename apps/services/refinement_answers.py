"""Refinement requests between two hosts: made at the receiving one, answered by the sending one.

```
semcom ask ─ file in STATE/refinement_requests ─ host rx ─ feedback channel ─ host tx ─ own thread ─► new layers
```

Every answer is made from the analysis the picture was coded from, else from a new one under the same `EncodeRequest`.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import uuid
from collections import Counter
from pathlib import Path

from semcom.apps.report.result_folder import write_file_whole
from semcom.apps.services.sending.recent_pictures import RecentPicture, RecentPictures
from semcom.link import FrameError, RefinementFrame, Scope
from semcom.link.arq.refinement_request import MAX_CONTENT_BYTES
from semcom.link.transports.mailbox import Mailbox
from semcom.semantic import Layer, RefinementRequest, SemanticError, refine

REQUESTS = "refinement_requests"
SUFFIX = ".refinement"
MAX_WAITING = 64
_MAX_FILE_BYTES = MAX_CONTENT_BYTES + 64
log = logging.getLogger("semcom.host")


def put_request(state: Path, request: RefinementFrame) -> Path:
    """Leave a refinement request for the receiving host that works with this state folder."""
    folder = state / REQUESTS
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid.uuid4().hex}{SUFFIX}"
    write_file_whole(path, request.to_bytes())
    return path


def take_requests(state: Path) -> list[RefinementFrame]:
    """Refinement requests left for us, each once; what is none is removed and named in the log."""
    found = []
    for path in sorted((state / REQUESTS).glob(f"*{SUFFIX}"))[:MAX_WAITING]:
        try:
            with path.open("rb") as file:
                found.append(RefinementFrame.from_bytes(file.read(_MAX_FILE_BYTES)))
        except FrameError as error:
            log.warning("%s refused: %s", path.name, error)
        except OSError as error:
            log.warning("%s cannot be read: %s", path.name, error.strerror)
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
    return found


class RefinementHandler:
    """Answers refinement requests in a thread of its own: it takes longer than a radio should wait.

    Attributes
    ----------
    done : Mailbox
        (scope, picture, new layers) of each answer.
    counts : Counter
        ``asked``, ``answered``, ``nothing_more``, ``refused``.
    """

    def __init__(self) -> None:
        self.recent, self.done, self.counts = RecentPictures(), Mailbox(), Counter()
        self._jobs: queue.Queue[tuple[RefinementFrame, RecentPicture]] = queue.Queue(MAX_WAITING)
        threading.Thread(target=self._work, name="semcom answers", daemon=True).start()

    def ask(self, request: RefinementFrame) -> None:
        """Take a request up; one that cannot be answered is counted as refused, and the log says why."""
        self.counts["asked"] += 1
        picture = self.recent.asked(request)
        if isinstance(picture, str):
            self._refuse(request, picture)
            return
        try:
            self._jobs.put_nowait((request, picture))
        except queue.Full:
            self._refuse(request, f"requests that wait must be at most {MAX_WAITING}")

    def take(self) -> list[tuple[Scope, RecentPicture, tuple[Layer, ...]]]:
        """Answers since last asked."""
        return self.done.take_all()

    def _refuse(self, request: RefinementFrame, reason: str) -> None:
        self.counts["refused"] += 1
        log.warning("refinement request about %s refused: %s", _shown(request.scope), reason)

    def _work(self) -> None:
        while True:
            request, picture = self._jobs.get()
            try:
                wanted = RefinementRequest.from_bytes(request.content)
                layers = tuple(refine(self.recent.analysis_of(picture), wanted, picture.packet))
            except (SemanticError, OSError) as error:
                self._refuse(request, " ".join(str(error).split()))
                continue
            except Exception:
                self.counts["refused"] += 1
                log.exception("refinement request about %s cannot be answered", _shown(request.scope))
                continue
            self.counts["answered" if layers else "nothing_more"] += 1
            if not layers:
                log.info("refinement request about %s: nothing more to say in so many bytes", _shown(request.scope))
            picture.packet = picture.packet.with_layers(layers)
            self.done.put((request.scope, picture, layers))


def _shown(scope: Scope) -> str:
    """As the results are named, and as `semcom ask --picture` wants it."""
    return "-".join(map(str, scope))
