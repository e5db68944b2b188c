"""Runs stations until their work is done: waits on sockets and radios, and lets each station step."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import zmq

from semcom.apps.modem.station import Station

LONGEST_WAIT_S = 0.05
BUSY_WAIT_S = 0.002
"""Between looks at what is on the air."""

GOODBYE_S = 10.0
SETTLE_S = 3.0
"""For packets and reports that are on their way when the end is asked for: what came is then known to have come."""


def run_stations(
    stations: Sequence[Station], is_over: Callable[[], bool], timeout_s: float = float("inf"), rest_s: float = 0.0
) -> str:
    """Let stations work.

    Parameters
    ----------
    stations : sequence of Station
    is_over : callable
        Asked after each step.
    timeout_s : float
    rest_s : float
        Go on for so long after the end: what is on the air still arrives.

    Returns
    -------
    str
        ``over`` or ``timeout``.
    """
    deadline = time.monotonic() + timeout_s
    while not is_over():
        if time.monotonic() > deadline:
            return "timeout"
        _wait(stations)
        for station in stations:
            station.step()
    settled_s = time.monotonic() + SETTLE_S
    while not all(station.exchange.is_idle for station in stations) and time.monotonic() < settled_s:
        _wait(stations)
        for station in stations:
            station.step()
    for station in stations:
        station.say_goodbye()
    until_s = time.monotonic() + rest_s
    latest_s = time.monotonic() + GOODBYE_S
    while time.monotonic() < until_s or (any(s.is_on_air for s in stations) and time.monotonic() < latest_s):
        _wait(stations)
        for station in stations:
            station.step()
    return "over"


def _wait(stations: Sequence[Station]) -> None:
    poller = zmq.Poller()
    wait_s = LONGEST_WAIT_S
    for station in stations:
        for entry in station.waits_on():
            poller.register(entry, zmq.POLLIN)
        listens = station.is_on_air or station.exchange.settings.half_duplex
        wait_s = min(wait_s, station.wait_s(), BUSY_WAIT_S if listens else LONGEST_WAIT_S)
    poller.poll(max(1, round(wait_s * 1000)))
