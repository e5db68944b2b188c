"""Notices a radio that delivers another sample rate than it says: samples counted against the clock of the computer."""

from __future__ import annotations

WINDOW_S = 10.0
"""Counted over so long: buffers of a few hundred milliseconds matter little then."""

MAX_ERROR = 0.03


class RateWatch:
    """Counts samples. Told the time; has no clock.

    Parameters
    ----------
    sample_rate_hz : float
        What the radio says it runs at.
    """

    def __init__(self, sample_rate_hz: float) -> None:
        self._rate_hz = sample_rate_hz
        self._since: tuple[float, int] | None = None

    def look(self, num_samples: int, now_s: float, is_steady: bool = True) -> str:
        """What is wrong, or nothing; said once a window.

        Parameters
        ----------
        num_samples : int
            Delivered so far.
        now_s : float
        is_steady : bool
            False while we are what keeps samples back, or some were lost: counting starts anew.
        """
        if self._since is None or not is_steady or num_samples < self._since[1]:
            self._since = (now_s, num_samples) if is_steady and num_samples else None
            return ""
        passed_s = now_s - self._since[0]
        if passed_s < WINDOW_S:
            return ""
        rate_hz = (num_samples - self._since[1]) / passed_s
        self._since = now_s, num_samples
        if abs(rate_hz / self._rate_hz - 1) <= MAX_ERROR:
            return ""
        return (
            f"radio must deliver {self._rate_hz:.10g} samples per second, it delivers {rate_hz:.4g}: another rate than "
            "asked, or samples are lost on their way"
        )
