"""Keying of a radio that goes on for days: on when there is something to send, off after a while without."""

from __future__ import annotations

import time

from semcom.flowgraphs.radios.ptt import Ptt
from semcom.sdr_configs.real_radio import RealRadio

HANG_S = 0.5
"""So long it stays on after the last frame has been taken: what the device holds is still to go out."""


class LivePtt:
    """Follows whether there is something to send. Without a ``ptt_command`` it is on always, and does nothing.

    Attributes
    ----------
    is_on : bool
        Whether frames may go out.
    """

    def __init__(self, radio: RealRadio):
        self._ptt = Ptt(radio)
        self._needed = self._ptt.is_needed
        self.is_on = not self._needed
        self._wanted_at_s = 0.0

    def follow(self, wanted: bool, at_once: bool = False) -> None:
        """Switch on where it is wanted; off where it has not been for `HANG_S`, or at once.

        Raises
        ------
        RadioSettingError
            The command failed.
        """
        if not self._needed:
            return
        now_s = time.monotonic()
        if wanted:
            self._wanted_at_s = now_s
            if not self.is_on:
                self._ptt.__enter__()
                self.is_on = True
        elif self.is_on and (at_once or now_s - self._wanted_at_s > HANG_S):
            self.is_on = False
            self._ptt.__exit__()
