"""Budget that bounds the work on what cannot be read by the length of the stream.

Work is counted, never timed: each step says by its sizes and iterations how many microseconds it takes on one core of
a common processor (constants beside the steps). So the same samples give the same bursts, however they are cut into
chunks and however busy the machine is.
"""

from __future__ import annotations

from dataclasses import dataclass


class WorkBudget:
    """Credit for work, earned by the samples of the stream and spent by work that led to nothing.

    It is paid afterwards: work may begin while there is credit, and may leave a debt that later samples pay off.

    Parameters
    ----------
    most_us : float
        Largest credit, microseconds.
    per_sample_us : float
        Gain per sample of the stream.
    first_us : float, optional
        Credit of the beginning; default: the largest.

    Attributes
    ----------
    charged_us : float
        All work that led to nothing, since construction.
    """

    def __init__(self, most_us: float, per_sample_us: float, first_us: float | None = None) -> None:
        self._most, self._per_sample = float(most_us), per_sample_us
        self._first = self._most if first_us is None else float(first_us)
        self.charged_us = 0.0
        self.reset()

    def reset(self) -> None:
        """Start a new stream at position 0."""
        self._credit, self._position, self._pending = self._first, 0, 0.0

    def open(self, position: int) -> None:
        """Begin with a burst at this position of the stream; positions that lie back earn nothing."""
        self._credit = min(self._credit + max(position - self._position, 0) * self._per_sample, self._most)
        self._position = max(position, self._position)
        self._pending = 0.0

    @property
    def left_us(self) -> float:
        """Credit, less the work on the open burst; negative in debt."""
        return self._credit - self._pending

    @property
    def is_scarce(self) -> bool:
        """More than half of the largest credit is spent."""
        return self.left_us < self._most / 2

    def count(self, work_us: float) -> None:
        """Work on the open burst."""
        self._pending += work_us

    def close(self, useful: float) -> None:
        """End of work on the open burst. What is charged is the rest of the share, 0 to 1, that was useful."""
        charged = (1 - useful) * self._pending
        self._credit -= charged
        self.charged_us += charged
        self._pending = 0.0


@dataclass(frozen=True)
class WorkBudgets:
    """Budgets of a receive chain. A kind of work that has used up its own cannot hinder the others.

    Attributes
    ----------
    looks : WorkBudget
        Synchronisation and signal fields.
    decoding : WorkBudget
        Demodulation and decoding of announced blocks.
    closer_looks : WorkBudget
        Iterative channel estimation, and decoding of a block again.
    """

    looks: WorkBudget
    decoding: WorkBudget
    closer_looks: WorkBudget

    @classmethod
    def for_rate(cls, sample_rate_hz: float, share: float = 1.0) -> WorkBudgets:
        """Together about a quarter of one core in real time; `share`: of chains that receive the same stream."""
        per_sample_us = share * 1e6 / sample_rate_hz
        return cls(
            looks=WorkBudget(share * 20e3, 0.18 * per_sample_us),
            decoding=WorkBudget(share * 20e3, 0.05 * per_sample_us),
            closer_looks=WorkBudget(share * 120e3, 0.04 * per_sample_us, first_us=share * 80e3),
        )

    @property
    def charged_us(self) -> float:
        """All work that led to nothing, since construction."""
        return sum(budget.charged_us for budget in self.all())

    def all(self) -> tuple[WorkBudget, ...]:
        return self.looks, self.decoding, self.closer_looks

    def reset(self) -> None:
        for budget in self.all():
            budget.reset()

    def open(self, position: int) -> None:
        for budget in self.all():
            budget.open(position)

    def close(self, useful: float) -> None:
        """End of work on the open burst, of whose blocks the share `useful`, 0 to 1, was decoded.

        Looking is free where any block was good; of decoding and closer looks a good block pays for itself and one that
        failed. Closer looks at failed blocks are settled before (`settle_closer_looks`).
        """
        self.looks.close(useful > 0)
        self.decoding.close(min(2 * useful, 1))
        self.closer_looks.close(min(2 * useful, 1))

    def settle_closer_looks(self, num_failed: int, num_rescued: int) -> None:
        """Closer looks at the failed blocks of the open burst: each that was rescued pays for one that was not."""
        self.closer_looks.close(min(2 * num_rescued / num_failed, 1))
