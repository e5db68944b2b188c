"""Pictures that went out while nobody was there: kept for a while, and sent again once the receiving host is heard of.

A radio says "on air" whether anybody listens or not. The receiving host says that it is there when its radio takes it
in (a report about no picture); whoever hears that, or any other word of it, knows that sending is worth while.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable

from semcom.apps.services.sending.sent_pictures import SentPicture
from semcom.link import Feedback, FrameName, Scope

MAX_KEPT = 16
"""Pictures; of more than these the oldest stay lost. Where there is a feedback channel, no more are begun then."""

SETTLING_S = 1.0
"""After the first word: receipts of what its radio kept for the receiving host come first."""


def here_i_am(snr_db: float | None = None) -> bytes:
    """What the receiving host says when it comes, and now and then: a report about no picture, with its SNR."""
    return Feedback(Scope(0, 0, 0), snr_db=snr_db).to_bytes()


class UnheardPictures:
    """The sending host's part: which pictures nobody said a word about, and when they go out again.

    Attributes
    ----------
    given_up : list of SentPicture
        The oldest of too many: they stay lost.
    """

    def __init__(self) -> None:
        self.given_up: list[SentPicture] = []
        self._words = 0
        self._words_before: dict[int, int] = {}  # number of an open picture: words heard when it began
        self._kept: OrderedDict[int, SentPicture] = OrderedDict()
        self._due_at_s: float | None = None

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def is_full(self) -> bool:
        """Whether one more would cost the oldest."""
        return len(self._kept) >= MAX_KEPT

    @property
    def due(self) -> bool:
        """Whether pictures are going to go out again soon."""
        return self._due_at_s is not None

    def began(self, picture: SentPicture) -> None:
        """It is on its way."""
        self._words_before.setdefault(picture.number, self._words)

    def heard(self, names: Iterable[FrameName] = ()) -> None:
        """A word of the receiving host; frames that it names need not go out again."""
        self._words += 1
        for name in names:
            if picture := self._kept.get(name.key.picture):
                picture.missing.discard(name)
                if not picture.missing:
                    del self._kept[picture.number]
        if self._kept and self._due_at_s is None:
            self._due_at_s = time.monotonic() + SETTLING_S

    def closed(self, picture: SentPicture) -> bool:
        """No more will come of it for now; whether it is kept.

        One that came in part was lost on the air, and so was one of which the radio knows a cause: those stay lost.
        """
        silent = self._words_before.pop(picture.number, -1) == self._words
        if not silent or picture.causes or picture.missing != picture.frames.keys():
            return False
        self._kept[picture.number] = picture
        while len(self._kept) > MAX_KEPT:
            self.given_up.append(self._kept.popitem(last=False)[1])
        return True

    def take(self, busy: Iterable[int]) -> list[SentPicture]:
        """Those that go out again now; not those of which another part is on its way."""
        if self._due_at_s is None or time.monotonic() < self._due_at_s:
            return []
        self._due_at_s = None
        numbers = [number for number in self._kept if number not in {*busy}]
        return [self._kept.pop(number) for number in numbers]
