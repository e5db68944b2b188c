"""How one end of a packet link works."""

from __future__ import annotations

from dataclasses import dataclass, field

from semcom.link.arq.half_duplex import Times


@dataclass(frozen=True)
class ExchangeSettings:
    """Settings of a `PacketExchange`.

    Attributes
    ----------
    source : int
        Number that our bursts carry, 0 to 255.
    mcs, report_mcs : str
        Of packets; of reports and station identifications, which are short and should always come through.
    repeats : bool
        Both ends hear each other: what is lost is sent again.
    max_transmissions : int
        Of each block, where there are repeats.
    passes : int
        Times that each block is sent where there are none.
    half_duplex : bool
        Both ends share one frequency: listen before talk.
    times : Times
    max_ahead_s, max_turn_s : float
        Most airtime handed to the radio in advance; most of one round.
    report_pause_s : float
        See `PacketReceiver`: more than what a busy computer may hold a burst back.
    """

    source: int
    mcs: str = "qpsk-1/2"
    report_mcs: str = "bpsk-1/2"
    repeats: bool = False
    max_transmissions: int = 4
    passes: int = 1
    half_duplex: bool = False
    times: Times = field(default_factory=Times)
    max_ahead_s: float = 0.1
    max_turn_s: float = 0.5
    report_pause_s: float = 0.03
