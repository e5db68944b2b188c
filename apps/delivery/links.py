"""Links of their own: frames of one device each, apart from all others, as Multi-SC sends its captions (§II-A).

Link 0 is that of all other frames. Every frame names its picture: a receiver puts together what comes over any.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from semcom.link import OutgoingFrame
from semcom.link.arq.feedback import NUM_PROCESSES
from semcom.phy.coding.signal_field import NUM_SOURCES
from semcom.sdr_configs.errors import ConfigError


def only_links(frames: Iterable[OutgoingFrame], links: Collection[int]) -> list[OutgoingFrame]:
    """The frames of these links; all where none is named."""
    return [frame for frame in frames if not links or frame.source in links]


def metadata(frames: Sequence[OutgoingFrame]) -> list[dict[str, Any]]:
    """What a modulator must know of each frame besides its bytes and MCS.

    Frames of a link of its own carry its number as their source, so that no burst holds frames of two links.
    """
    counted: Counter[int] = Counter()
    told = []
    for frame in frames:
        meta: dict[str, Any] = {"coded_bytes": frame.coded_bytes, **frame.uncoded}
        if frame.source:
            meta |= {"source": frame.source, "process": counted[frame.source] % NUM_PROCESSES}
            counted[frame.source] += 1
        told.append(meta)
    return told


def snr_of_links(options: Iterable[str]) -> dict[int, float]:
    """SNR by link of options such as ``3=-5``.

    Raises
    ------
    ConfigError
        No number of a link, or no number of decibels within -40 to 100.
    """
    found = {}
    for option in options:
        link, _, decibels = option.partition("=")
        try:
            number, snr_db = int(link), float(decibels)
        except ValueError:
            raise ConfigError(f"SNR of a link must be LINK=DECIBELS, as 3=-5, got {option!r}") from None
        if not 0 <= number < NUM_SOURCES or not -40 <= snr_db <= 100:
            raise ConfigError(
                f"SNR of a link must be of a link 0 to {NUM_SOURCES - 1} and -40 to 100 dB, got {option!r}"
            )
        found[number] = snr_db
    return found
