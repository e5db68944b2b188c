"""The largest packet whose cost fits a limit: of airtime, or of whatever else a link counts.

```
budget ─ draft ─► expected layers ─► expected cost        a search without coding a pixel
   └──── code ──► packet ─► cost                          once, seldom twice
```
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from semcom.semantic.analysis import Analysis
from semcom.semantic.api import Identity, code, draft
from semcom.semantic.layers import LayerKey
from semcom.semantic.packet import SemanticPacket

LEAST_BUDGET_BYTES, MOST_BUDGET_BYTES = 150, 1 << 20
MAX_CODED = 4
"""Packets that are coded at most."""
FULL, AIM, NEAR = 0.92, 0.985, 0.01
"""Share of the limit that is full enough; aimed at; where the search for a budget ends."""

Draft = Sequence[tuple[LayerKey, int, int]]


def code_within(
    analysis: Analysis,
    limit: float,
    cost: Callable[[SemanticPacket], float],
    expected_cost: Callable[[Draft], float],
    identity: Identity = (0, 0, 1),
    enough: int = 2,
) -> SemanticPacket:
    """The largest packet that costs at most `limit`, of a few that are coded; the smallest where none does.

    The first is the one whose expected layers fill the limit; where it was too large or left much of the limit unused,
    the next is told by the cost, in proportion to the bytes, and the ones after by the line through the last two.

    Parameters
    ----------
    analysis : Analysis
        The budget of its request, where it has one, is not exceeded.
    limit : float
        In the unit of `cost`.
    cost : callable
        Of a packet.
    expected_cost : callable
        Of (key, importance, bytes) of each layer of a packet that has not been coded.
    identity : (stream, group, picture)
    enough : int
        Packets after which one that leaves much of the limit unused will do, at most `MAX_CODED`.
    """
    most = analysis.request.budget_bytes or MOST_BUDGET_BYTES
    tried = min(most, _expected_budget(analysis, AIM * limit, expected_cost, identity))
    best: tuple[float, SemanticPacket] | None = None
    points: list[tuple[int, float]] = []
    for number in range(MAX_CODED):
        packet = code(analysis, tried, identity)
        needed = cost(packet)
        if needed <= limit and (best is None or needed > best[0]):
            best = needed, packet
        if best is not None and (number + 1 >= enough or needed >= FULL * limit or tried == most):
            return best[1]
        # A packet may be shorter than its budget: what counts is what its bytes cost.
        points.append((len(packet.to_bytes()), needed))
        again = min(most, max(LEAST_BUDGET_BYTES, _bytes_for(points, AIM * limit)))
        if again == tried:
            break
        tried = again
    return best[1] if best else code(analysis, LEAST_BUDGET_BYTES, identity)


def _bytes_for(points: Sequence[tuple[int, float]], cost: float) -> int:
    """Bytes at which the line through the last two (bytes, cost), or through nothing and the last, reaches `cost`."""
    num_bytes, needed = points[-1]
    before_bytes, before = points[-2] if len(points) > 1 else (0, 0.0)
    if (num_bytes - before_bytes) * (needed - before) <= 0:
        before_bytes, before = 0, 0.0
    return int(num_bytes + (cost - needed) * (num_bytes - before_bytes) / (needed - before))


def _expected_budget(
    analysis: Analysis, limit: float, expected_cost: Callable[[Draft], float], identity: Identity
) -> int:
    """Bytes of the packet whose expected layers fill the limit: steps up in proportion, then bisection."""

    def expected(budget_bytes: int) -> float:
        return expected_cost(draft(analysis, budget_bytes, identity))

    low, low_cost = LEAST_BUDGET_BYTES, expected(LEAST_BUDGET_BYTES)
    if low_cost > limit:
        return low
    high = low
    while high == low < MOST_BUDGET_BYTES:
        high = min(max(int(1.1 * low * limit / low_cost), low + 1), MOST_BUDGET_BYTES)
        high_cost = expected(high)
        if high_cost <= limit:
            low, low_cost = high, high_cost
    while high - low > max(NEAR * low, 1):
        middle = (low + high) // 2
        if expected(middle) <= limit:
            low = middle
        else:
            high = middle
    return low
