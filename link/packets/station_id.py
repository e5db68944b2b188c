"""When a station says who it is: with its first transmission, every so many minutes while it transmits, and last."""

from __future__ import annotations

import math

from semcom.link.errors import ItemError
from semcom.link.packets.packet import MAX_CALLSIGN_BYTES, Packet, PacketKind

MAX_INTERVAL_S = 86400.0


class StationId:
    """A call sign and the time since it was last sent. Told the time; has no clock.

    Parameters
    ----------
    callsign : str
        Empty: none is ever due.
    every_s : float
        At most so long between two.
    """

    def __init__(self, callsign: str = "", every_s: float = 600.0) -> None:
        if not callsign.isascii() or not callsign.isprintable() or len(callsign) > MAX_CALLSIGN_BYTES:
            raise ItemError(f"callsign must be ASCII of at most {MAX_CALLSIGN_BYTES} characters, got {callsign!r}")
        if not 1 <= every_s <= MAX_INTERVAL_S:
            raise ItemError(f"interval between station identifications must be 1 to 86400 s, got {every_s:g}")
        self.callsign, self._every_s = callsign, every_s
        self._sent_at_s = -math.inf
        self._spoke_since = False

    def is_due(self, now_s: float) -> bool:
        """Whether what goes out now is to begin with it."""
        return bool(self.callsign) and now_s - self._sent_at_s >= self._every_s

    @property
    def is_due_last(self) -> bool:
        """Whether it is to be sent before the station falls silent: something went out after the last one."""
        return bool(self.callsign) and self._spoke_since

    def spoke(self) -> None:
        """Something else went out."""
        self._spoke_since = True

    def packet(self, now_s: float) -> Packet:
        """It goes out now."""
        self._sent_at_s, self._spoke_since = now_s, False
        return Packet(PacketKind.STATION, self.callsign.encode("ascii"))
