"""When a receiver reports that a picture is not whole: after a pause in its frames, a few times, ever later.

Between hosts there are no rounds to answer to: frames stop coming, and only time tells that no more are on the way.
"""

from __future__ import annotations

from collections import OrderedDict

from semcom.link.item import Scope

REPORT_AFTER_S = 0.3
MAX_REPORTS = 8
_KEPT = 256


class ReportTiming:
    """Binary exponential backoff per picture.

    Parameters
    ----------
    after_s : float
        Pause after which the first report is due, seconds; each further one is due after twice as long.
    max_reports : int
        Of one picture between two arrivals.
    """

    def __init__(self, after_s: float = REPORT_AFTER_S, max_reports: int = MAX_REPORTS) -> None:
        self._after_s, self._most = after_s, max_reports
        self._made: OrderedDict[Scope, tuple[float, int]] = OrderedDict()  # when it last changed, reports since

    def is_due(self, scope: Scope, changed_at_s: float, now_s: float) -> bool:
        """Whether a picture that is not whole, and of which something came last then, is to be reported now.

        It is taken for reported where the answer is yes.
        """
        changed, made = self._made.get(scope, (changed_at_s, 0))
        if changed != changed_at_s:
            made = 0
        if made >= self._most or now_s - changed_at_s < self._after_s * 2**made:
            return False
        self._made[scope] = (changed_at_s, made + 1)
        self._made.move_to_end(scope)
        while len(self._made) > _KEPT:
            self._made.popitem(last=False)
        return True
