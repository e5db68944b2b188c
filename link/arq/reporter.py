"""The receiving end of repeat: blocks as the modem gives them → items, and the reports that go back."""

from __future__ import annotations

from collections import OrderedDict, defaultdict

from semcom.link.arq.feedback import Feedback
from semcom.link.item import Scope
from semcom.link.receiver import Arrival, Receiver

MAX_REPORTS = 8
"""Pictures of one sender reported at a time: the ones heard of last."""

_NOTHING_READ = Scope(0, 0, 0)


class Reporter:
    """Feeds a `Receiver` and remembers what to tell the senders.

    Parameters
    ----------
    receiver : Receiver, optional

    Attributes
    ----------
    receiver : Receiver
    """

    def __init__(self, receiver: Receiver | None = None) -> None:
        self.receiver = Receiver() if receiver is None else receiver
        self._heard: dict[int, OrderedDict[Scope, None]] = defaultdict(OrderedDict)
        self._failed: dict[int, set[int]] = defaultdict(set)
        self._snr_db: dict[int, float] = {}

    def block(
        self,
        payload: bytes | None,
        source: int = 0,
        process: int = 0,
        snr_db: float | None = None,
        llr: bytes = b"",
    ) -> Arrival | None:
        """Take one block of a burst; None where its CRC failed. `llr` as for `Receiver.push`."""
        if snr_db is not None:
            self._snr_db[source] = snr_db
        if payload is None:
            self._failed[source].add(process)
            return None
        self._failed[source].discard(process)
        arrival = self.receiver.push(payload, llr)
        if arrival.name is not None and arrival.status != "refused":
            scopes = self._heard[source]
            scopes[arrival.name.key.scope] = None
            scopes.move_to_end(arrival.name.key.scope)
            while len(scopes) > MAX_REPORTS:
                scopes.popitem(last=False)
        return arrival

    def heard_from(self) -> list[int]:
        """Sources with something to report."""
        return sorted({source for source, some in (*self._heard.items(), *self._failed.items()) if some})

    def reports(self, source: int = 0) -> list[Feedback]:
        """What to tell this source now; the next report starts anew."""
        failed = frozenset(self._failed.pop(source, ()))
        scopes = list(self._heard.pop(source, ())) or ([_NOTHING_READ] if failed else [])
        snr_db = self._snr_db.get(source)
        return [self._report(scope, source, failed, snr_db) for scope in scopes]

    def _report(self, scope: Scope, source: int, failed: frozenset[int], snr_db: float | None) -> Feedback:
        layers, sets, parts = self.receiver.received(scope)
        complete = self.receiver.is_complete(scope)
        return Feedback(scope, source, layers, sets, parts, failed, snr_db, complete)
