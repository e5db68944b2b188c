"""Removal of the IQ image that a receiver with I/Q imbalance adds."""

import numpy as np

_CERTAIN = 25.0
"""Times the power that the mean square of independent samples has by chance. Samples of a burst depend on each other
(unused carriers, cyclic prefix): of theirs one in a million exceeds it. At 9 one burst in a thousand had an
image subtracted that was not there, and was lost at the densest MCS."""


def remove_image(samples: np.ndarray, first: int = 0) -> np.ndarray:
    """Samples minus their estimated IQ image w conj(y), where it is significant, complex64 [n] -> [n].

    OFDM symbols and noise are circular: their mean square is zero. A receiver with I/Q imbalance gives y + w conj(y)
    instead, whose mean square is 2 w / (1 + |w|²) times the power.

    Parameters
    ----------
    samples : complex64 [n]
    first : int
        First sample of the estimate: the preamble is not circular.

    References
    ----------
    [Valkama 2001] blind compensation; see docs/references.md
    """
    judged = samples[first:]
    power = float(np.vdot(judged, judged).real)
    if power <= 0.0:
        return samples
    share = complex(np.dot(judged, judged)) / power
    # Without an image |share|² is 2 / n on average.
    if abs(share) ** 2 * len(judged) <= 2 * _CERTAIN:
        return samples
    image = share / (1 + np.sqrt(max(1 - abs(share) ** 2, 0.0)))
    return samples - np.complex64(image) * samples.conj()
