"""Taking out the mirror image that unequal arms of a receiver add."""

import numpy as np

_CERTAIN = 25.0
"""Times the power that the mean square of independent samples has by chance. Samples of a burst depend on each other
(unused carriers, cyclic prefix): of theirs one in a million exceeds it. At 9 one burst in a thousand got an image that
it did not have, and was lost in the densest schemes."""


def remove_image(samples: np.ndarray, first: int = 0) -> np.ndarray:
    """Samples less their conjugate times what shows of it, where that is more than chance, complex64 [n] -> [n].

    OFDM symbols and noise have no preferred axis: their mean square is zero. A receiver whose arms differ gives
    y + w conj(y) instead, and with it a mean square of 2 w / (1 + |w|²) times the power.

    Parameters
    ----------
    samples : complex64 [n]
    first : int
        From where on the samples are judged: a preamble has preferred axes of its own.

    References
    ----------
    [Valkama 2001] blind compensation; see docs/references.md
    """
    judged = samples[first:]
    power = float(np.vdot(judged, judged).real)
    if power <= 0.0:
        return samples
    share = complex(np.dot(judged, judged)) / power
    # By chance |share|² is 2 / n.
    if abs(share) ** 2 * len(judged) <= 2 * _CERTAIN:
        return samples
    image = share / (1 + np.sqrt(max(1 - abs(share) ** 2, 0.0)))
    return samples - np.complex64(image) * samples.conj()
