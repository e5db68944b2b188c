"""What closer looks may cost: so much in a row, then so much for each sample of the stream."""


class LookBudget:
    """Earned by the samples that pass, spent on closer looks: whoever sends what fails must not stop the receiver.

    Parameters
    ----------
    most : float
        What there is at the start, and at most.
    per_sample : float
        Earned with each sample of the stream.
    """

    def __init__(self, most: float, per_sample: float) -> None:
        self._most, self._per_sample = float(most), per_sample
        self.reset()

    def reset(self) -> None:
        """Start a new stream at position 0."""
        self._left, self._position = self._most, 0

    def spend(self, position: int, cost: float) -> bool:
        """Whether a look at this position of the stream can be afforded; then it is paid for."""
        earned = max(position - self._position, 0) * self._per_sample
        self._left = min(self._left + earned, self._most)
        self._position = max(position, self._position)
        if self._left < cost:
            return False
        self._left -= cost
        return True
