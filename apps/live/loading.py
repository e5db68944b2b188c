"""Networks loaded before the first photo: whoever presses the first button does not wait for them."""

from __future__ import annotations

import logging

import numpy as np

from semcom.semantic import EncodeRequest, analyse, code

log = logging.getLogger("semcom.live")
_SIDE_PX = 32


def load_models() -> None:
    """Encode a small grey picture. What lacks is said where a photo needs it."""
    try:
        code(analyse(np.full((_SIDE_PX, _SIDE_PX, 3), 128, np.uint8), EncodeRequest()))
    except Exception as error:  # the sending end goes on, and the first photo tells what is wrong
        log.info("models are not loaded before the first photo: %s", error)
