"""Questions by meaning between two hosts: asked at the receiving one, answered by the sending one.

```
semcom ask ─ file in STATE/questions ─ host rx ─ way back ─ host tx ─ a thread of its own ─ new layers ─► radio
```
"""

from __future__ import annotations

import logging
import queue
import threading
import uuid
from collections import Counter, OrderedDict
from dataclasses import dataclass
from pathlib import Path

from semcom.apps.report.output_folder import write_file_whole
from semcom.link import FrameError, Question, Scope
from semcom.link.arq.refinement_request import MAX_QUESTION_BYTES
from semcom.link.transports.mailbox import Mailbox
from semcom.semantic import Layer, SemanticError, SemanticPacket
from semcom.semantic.picture_file import decode_picture_file
from semcom.semantic.refinement import Request, answer

QUESTIONS = "questions"
SUFFIX = ".question"
MAX_RECENT = 16
MAX_RECENT_BYTES = 128 << 20
MAX_WAITING = 64
_MAX_FILE_BYTES = MAX_QUESTION_BYTES + 64
log = logging.getLogger("semcom.host")


def put_question(state: Path, question: Question) -> Path:
    """Leave a question for the receiving host that works with this state folder."""
    folder = state / QUESTIONS
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid.uuid4().hex}{SUFFIX}"
    write_file_whole(path, question.to_bytes())
    return path


def take_questions(state: Path) -> list[Question]:
    """Questions left for us, each once; what is none is removed and named in the log."""
    found = []
    for path in sorted((state / QUESTIONS).glob(f"*{SUFFIX}"))[:MAX_WAITING]:
        try:
            with path.open("rb") as file:
                found.append(Question.from_bytes(file.read(_MAX_FILE_BYTES)))
        except FrameError as error:
            log.warning("%s refused: %s", path.name, error)
        except OSError as error:
            log.warning("%s cannot be read: %s", path.name, error.strerror)
        path.unlink(missing_ok=True)
    return found


@dataclass
class RecentPicture:
    """A picture that was sent, as long as somebody may ask for more of it.

    Attributes
    ----------
    name : str
    content : bytes
        Its file; empty where it came as a packet: then there is no more to say.
    packet : SemanticPacket
        With the layers of all answers so far.
    """

    name: str
    content: bytes
    packet: SemanticPacket
    asked: frozenset[tuple[int, bytes]] = frozenset()


class RecentPictures:
    """The last pictures that were sent: at most `MAX_RECENT`, and `MAX_RECENT_BYTES` of files."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Scope, RecentPicture] = OrderedDict()

    def keep(self, scope: Scope, picture: RecentPicture) -> None:
        self._kept[scope] = picture
        while len(self._kept) > MAX_RECENT or sum(len(kept.content) for kept in self._kept.values()) > MAX_RECENT_BYTES:
            self._kept.popitem(last=False)

    def asked(self, question: Question) -> RecentPicture | str:
        """The picture that a question is about, or why there is no answer."""
        picture = self._kept.get(question.scope)
        mark = (question.number, question.content)
        if picture is None:
            return f"not among the last {len(self._kept)} pictures that were sent since host tx was started"
        if not picture.content:
            return f"{picture.name} came as a packet: the picture itself is not here"
        if mark in picture.asked:
            return "answered before"
        picture.asked |= {mark}
        return picture


class AnswerDesk:
    """Answers questions in a thread of its own: looking at a picture again takes longer than a radio should wait.

    Attributes
    ----------
    done : Mailbox
        (scope, new layers) of each answer.
    counts : Counter
        ``asked``, ``answered``, ``nothing_more``, ``refused``.
    """

    def __init__(self) -> None:
        self.recent, self.done, self.counts = RecentPictures(), Mailbox(), Counter()
        self._jobs: queue.Queue[tuple[Question, RecentPicture]] = queue.Queue(MAX_WAITING)
        threading.Thread(target=self._work, name="semcom answers", daemon=True).start()

    def ask(self, question: Question) -> None:
        """Take a question up; one that cannot be answered is counted as refused, and the log says why."""
        self.counts["asked"] += 1
        picture = self.recent.asked(question)
        if isinstance(picture, str):
            self._refuse(question, picture)
            return
        try:
            self._jobs.put_nowait((question, picture))
        except queue.Full:
            self._refuse(question, f"questions that wait must be at most {MAX_WAITING}")

    def take(self) -> list[tuple[Scope, RecentPicture, tuple[Layer, ...]]]:
        """Answers since last asked."""
        return self.done.take_all()

    def _refuse(self, question: Question, reason: str) -> None:
        self.counts["refused"] += 1
        log.warning("question about %s refused: %s", _shown(question.scope), reason)

    def _work(self) -> None:
        while True:
            question, picture = self._jobs.get()
            try:
                image = decode_picture_file(picture.content)
                layers = tuple(answer(Request.from_bytes(question.content), image, picture.packet))
            except (SemanticError, OSError) as error:
                self._refuse(question, " ".join(str(error).split()))
                continue
            except Exception:
                self.counts["refused"] += 1
                log.exception("question about %s cannot be answered", _shown(question.scope))
                continue
            self.counts["answered" if layers else "nothing_more"] += 1
            if not layers:
                log.info("question about %s: nothing more to say in so many bytes", _shown(question.scope))
            picture.packet = picture.packet.with_layers(layers)
            self.done.put((question.scope, picture, layers))


def _shown(scope: Scope) -> str:
    """As the results are named, and as `semcom ask --picture` wants it."""
    return "-".join(map(str, scope))
