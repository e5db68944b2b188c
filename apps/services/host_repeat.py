"""Repeats between two hosts: what the receiving one reports, and which frames the sending one sends again for it.

Frames travel by name through the radio's process; blocks are not combined here (that needs both ends of one radio, see
`link.repeat`). A lost frame goes out again in a more robust scheme (`FramePlan.mcs_of`).
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict

from semcom.apps.services.received_pictures import ReceivedPictures
from semcom.apps.services.sent_pictures import SentPicture
from semcom.link import Feedback, FrameName, Scope, SetKey

REPORT_AFTER_S = 0.3
"""A picture of which nothing more has come for so long is reported if it is not whole."""

MAX_REPORTS = 8
_KEPT = 256


class ReportMaker:
    """The receiving host's part: says what is missing, a few times, each time a little later.

    Parameters
    ----------
    most : int
        Reports of one picture between two arrivals.
    """

    def __init__(self, most: int = MAX_REPORTS) -> None:
        self._most = most
        self._made: OrderedDict[Scope, tuple[float, int]] = OrderedDict()  # when it last changed, reports since

    def due(self, pictures: ReceivedPictures) -> list[bytes]:
        """Reports that should leave now."""
        now, reports = time.monotonic(), []
        for scope, picture in pictures.pictures.items():
            changed, made = self._made.get(scope, (0.0, 0))
            if changed != picture.changed_at_s:
                made = 0
            if picture.complete or made >= self._most:
                continue
            if now - picture.changed_at_s < REPORT_AFTER_S * 2**made:
                continue
            self._made[scope] = (picture.changed_at_s, made + 1)
            layers, sets, parts = pictures.receiver.received(scope)
            reports.append(Feedback(scope, 0, layers, sets, parts, snr_db=picture.quality.get("snr_db")).to_bytes())
        while len(self._made) > _KEPT:
            self._made.popitem(last=False)
        return reports


class RepeatDesk:
    """The sending host's part: frames that a report does not name, as often as allowed.

    Parameters
    ----------
    max_transmissions : int
        Of each frame.
    """

    def __init__(self, max_transmissions: int) -> None:
        self._most = max_transmissions
        self._repeated: Counter[FrameName] = Counter()

    def frames_again(self, report: Feedback, picture: SentPicture) -> list[FrameName]:
        """Names of the picture's frames to send once more, in their order."""
        came = {(part.is_set, part.number): part.received for part in report.parts}
        again = []
        for name in picture.frames:
            is_set = isinstance(name.key, SetKey)
            number = name.key.set_number if is_set else name.key.layer
            whole = number in (report.sets if is_set else report.layers)
            if not whole and name.piece not in came.get((is_set, number), ()) and name not in picture.unsettled:
                again.append(name)
        return self._allowed(again)

    def unconfirmed(self, picture: SentPicture) -> list[FrameName]:
        """Patience has ended without a word about them: frames to send once more."""
        return self._allowed([name for name in picture.frames if name in picture.missing])

    def times_repeated(self, name: FrameName) -> int:
        """How often a frame has been sent once more."""
        return self._repeated[name]

    def _allowed(self, names: list[FrameName]) -> list[FrameName]:
        allowed = [name for name in names if self._repeated[name] < self._most - 1]
        self._repeated.update(allowed)
        return allowed

    def forget(self, picture: SentPicture) -> None:
        for name in picture.frames:
            self._repeated.pop(name, None)
