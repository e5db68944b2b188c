"""Photos that share layers over a radio and back: coded together, sent one after the other to one receiver.

```
photos ─ analyse ─ code_set ─► a packet each ─► frames ─ exchange ─┐ one assembler keeps the group's layers
                                                                   └► packets ─► reconstructions
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from semcom.apps.delivery.outgoing import outgoing_of
from semcom.apps.delivery.send import SendSettings, deliver, timed
from semcom.apps.report.photo_report import PhotoReport
from semcom.link import Assembler
from semcom.phy.waveform import Waveform
from semcom.semantic import RequestError, encode_set
from semcom.semantic.parts import make_system
from semcom.semantic.requirements import requirements_of

MAX_SET_VALUES = 1 << 31
"""Colour values of all photos of a set together: they are in memory at once."""


def shares_layers(system: str) -> bool:
    """Whether a system codes the photos of a set together."""
    return bool(getattr(make_system(system), "shares_layers", False))


def send_set(
    names: Sequence[str],
    images: Sequence[np.ndarray],
    settings: SendSettings,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> Iterator[PhotoReport]:
    """Send photos as one set, and rebuild each from what arrives of it and of what it shares with others.

    The time of encoding is that of the set, told of its first photo.

    Parameters
    ----------
    names : sequence of str
    images : sequence of uint8 [height, width, 3]
    settings : SendSettings
    progress : callable
        Called with (stage, done, total).

    Raises
    ------
    RequestError
        A limit of airtime, which is one photo's, or more photos than memory has room for.
    """
    if settings.air.airtime_ms is not None or settings.air.cbr is not None:
        raise RequestError(
            f"system {settings.request.system} codes photos together: it takes budget_bytes, not airtime_ms or cbr"
        )
    num_values = sum(image.size for image in images)
    if num_values > MAX_SET_VALUES:
        raise RequestError(f"photos of a set must have at most {MAX_SET_VALUES} values together, got {num_values}")
    timings: dict[str, float] = {}
    with timed(timings, "encode"):
        progress("coding the set", 0, 1)
        packets = encode_set(images, settings.request)
    waveform, assembler = Waveform.load(settings.radio.waveform), Assembler(requirements_of)
    for name, image, packet in zip(names, images, packets, strict=True):
        yield deliver(name, image, settings, outgoing_of(packet, settings.air, waveform), timings, progress, assembler)
        timings = {}
