"""Token bucket that bounds the compute time of iterative decoding by the length of the stream."""


class ComputeBudget:
    """Token bucket: filled by the samples of the stream, emptied by iterations.

    A sender of undecodable bursts cannot stall the receiver.

    Parameters
    ----------
    most : float
        Initial and largest content.
    per_sample : float
        Gain per sample of the stream.
    """

    def __init__(self, most: float, per_sample: float) -> None:
        self._most, self._per_sample = float(most), per_sample
        self.reset()

    def reset(self) -> None:
        """Start a new stream at position 0."""
        self._left, self._position = self._most, 0

    def spend(self, position: int, cost: float) -> bool:
        """Take `cost` from the budget at this position of the stream; False, and nothing taken, where it is too
        small."""
        earned = max(position - self._position, 0) * self._per_sample
        self._left = min(self._left + earned, self._most)
        self._position = max(position, self._position)
        if self._left < cost:
            return False
        self._left -= cost
        return True
