"""Frames over an ideal link: every one arrives, analog symbols with the noise of the channel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from semcom.apps.delivery.exchange import Exchange
from semcom.apps.delivery.outgoing import ideal_uses
from semcom.flowgraphs.loopback.result import LoopbackResult, SentBurst
from semcom.link import Account, Assembler, Item, OutgoingFrame
from semcom.phy import analog
from semcom.phy.channel.ideal import send_symbols
from semcom.semantic.requirements import requirements_of


def ideal_exchange(
    frames: Sequence[OutgoingFrame], items: Sequence[Item], snr_db: float, seed: int, rate_hz: float
) -> Exchange:
    """What comes of one photo's frames where the channel carries its capacity.

    Parameters
    ----------
    frames : sequence of OutgoingFrame
    items : sequence of Item
        What the frames carry: channel uses are counted from their payloads, framing left out.
    snr_db : float
        Of a symbol.
    seed : int
        Of the noise in analog symbols.
    rate_hz : float
        Channel uses in a second, for the airtime.
    """
    outcome, assembler, rng = Exchange(Account()), Assembler(requirements_of), np.random.default_rng(seed)
    for frame in frames:
        outcome.account.sent(frame.name)
        assembler.push(*_arrived(frame, snr_db, rng))
        outcome.account.received(frame.name)
    outcome.account.close()
    outcome.account.check()
    uses = ideal_uses(items, snr_db)
    sent = SentBurst(len(frames), sum(len(frame.data) for frame in frames), "ideal", uses, 0)
    outcome.rounds = [LoopbackResult((), (), (sent,), rate_hz)]
    for item in items:
        outcome.uses[item.key] += ideal_uses([item], snr_db)
    scopes = dict.fromkeys(frame.name.key.scope for frame in frames)
    outcome.pictures = [assembler.picture(scope) for scope in scopes if scope.picture]
    return outcome


def _arrived(frame: OutgoingFrame, snr_db: float, rng: np.random.Generator) -> tuple[bytes, bytes]:
    """The frame as it arrives, and the noise variance of its symbols."""
    if not frame.analog:
        return frame.data, b""
    coded, symbols = frame.data[: frame.coded_bytes], analog.from_bytes(frame.data[frame.coded_bytes :])
    noisy, noise_var = send_symbols(symbols, snr_db, rng)
    return coded + analog.to_bytes(noisy), analog.noise_to_bytes(noise_var)
