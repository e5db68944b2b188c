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

from semcom.apps.output_folder import write_file_whole
from semcom.link import FrameError, Question, Scope
from semcom.link.question import MAX_QUESTION_BYTES
from semcom.link.transports.mailbox import Mailbox
from semcom.semantic import Layer, SemanticError, SemanticPacket
from semcom.semantic.asking import Request, answer
from semcom.semantic.picture_file import decode_picture_file

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

    def asked(self, question: Question) -> RecentPicture | None:
        """The picture that a question is about; None where it is gone, or the question was answered before."""
        picture = self._kept.get(question.scope)
        mark = (question.number, question.content)
        if picture is None or mark in picture.asked:
            return None
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
        """Take a question up; one about a picture that is gone, or that was answered, is counted as refused."""
        self.counts["asked"] += 1
        picture = self.recent.asked(question)
        if picture is None or not picture.content:
            self.counts["refused"] += 1
            log.warning(
                "question about %s refused: that picture is no longer at hand, or it was answered", question.scope
            )
            return
        try:
            self._jobs.put_nowait((question, picture))
        except queue.Full:
            self.counts["refused"] += 1

    def take(self) -> list[tuple[Scope, RecentPicture, tuple[Layer, ...]]]:
        """Answers since last asked."""
        return self.done.take_all()

    def _work(self) -> None:
        while True:
            question, picture = self._jobs.get()
            try:
                image = decode_picture_file(picture.content)
                layers = tuple(answer(Request.from_bytes(question.content), image, picture.packet))
            except (SemanticError, OSError) as error:
                self.counts["refused"] += 1
                log.warning("question about %s refused: %s", question.scope, " ".join(str(error).split()))
                continue
            except Exception:
                self.counts["refused"] += 1
                log.exception("question about %s cannot be answered", question.scope)
                continue
            self.counts["answered" if layers else "nothing_more"] += 1
            picture.packet = picture.packet.with_layers(layers)
            self.done.put((question.scope, picture, layers))
