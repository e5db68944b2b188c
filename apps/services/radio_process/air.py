"""``semcom air``: the channel between radios that have no hardware. Samples of one go, changed, to all others."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.signal import oaconvolve

from semcom.flowgraphs.live.virtual_air import MAX_AIR_MESSAGE_BYTES, MAX_QUEUED
from semcom.flowgraphs.loopback.channel_taps import channel_taps
from semcom.link.messages import Kind, Message, Role
from semcom.link.refusals import Refusals
from semcom.link.transports.key_files import KeyRing
from semcom.link.transports.server import Peer, Server
from semcom.phy.channel import add_noise, carrier_offset, noise_var_for
from semcom.sdr_configs.radio import Channel

MAX_RATE_HZ = 1e8
MAX_AMPLITUDE = 1e6
_SAMPLE = np.dtype("<c8")
log = logging.getLogger("semcom.air")


@dataclass
class _Way:
    """From one radio to all others: what the echoes of the last samples still add."""

    echoes: np.ndarray = field(default_factory=lambda: np.zeros(0, np.complex64))


class AirService:
    """Between radios. Two that send at once do not disturb each other: half duplex is up to them.

    Parameters
    ----------
    channel : Channel
        SNR, carrier offset, delay and paths apply in every direction; the clock offset does not.
    address : str
    keys : KeyRing
        Its peers may send and receive.
    """

    def __init__(self, channel: Channel, address: str, keys: KeyRing) -> None:
        self.channel = channel
        self.server = Server(
            address, keys, 1, "air", self._admit, max_message_bytes=MAX_AIR_MESSAGE_BYTES, max_queued=MAX_QUEUED
        )
        self.counts: Counter[str] = Counter()
        self._refusals = Refusals(log, self.counts)
        self._rng = np.random.default_rng(channel.seed)
        self._rate_hz, self._taps = 0.0, np.ones(1, np.complex64)
        self._ways: dict[int, _Way] = {}

    def waits_on(self) -> Sequence[Any]:
        return (self.server.socket,)

    def finished(self) -> bool:
        return False

    def step(self) -> None:
        for peer, message in self.server.receive():
            match message.kind:
                case Kind.HELLO:
                    self._ways = {peer.conversation.peer_session: _Way() for peer in self.server.peers}
                    log.info("radio %s is here", peer.name)
                case Kind.SAMPLES:
                    self._pass_samples(peer, message)
                case Kind.RECEIPT | Kind.FEEDBACK | Kind.CREDIT:
                    self.counts["told"] += 1
                    self._to_others(peer, message.kind, message.body)
                case kind:
                    self._refusals.note("kind", f"kind must be SAMPLES, RECEIPT, FEEDBACK or CREDIT, got {kind.name}")

    def status(self) -> dict[str, Any]:
        return {
            "address": self.server.address,
            "radios": [peer.name for peer in self.server.peers],
            "samples": self.counts["samples"],
            "lost_by_cause": {"queue of a radio full": self.counts["not_taken"]},
            "messages": self.server.statistics(),
            "counts": dict(self.counts),
        }

    def close(self) -> None:
        self.server.close()

    def _admit(self, role: Role, name: str) -> str | None:
        return None if role is Role.RADIO else f"role must be radio, got {role.name.lower()}"

    def _pass_samples(self, peer: Peer, message: Message) -> None:
        body = message.body
        samples = np.frombuffer(body["samples"][: len(body["samples"]) // 8 * 8], _SAMPLE)
        largest = float(np.max(np.abs(samples.view(np.float32)), initial=0.0))
        if not (len(samples) and 0 < body["rate_hz"] <= MAX_RATE_HZ and largest <= MAX_AMPLITUDE):
            rule = f"samples must be 1 or more, at most {MAX_AMPLITUDE:g}, at a rate up to {MAX_RATE_HZ:g} Hz"
            self._refusals.note("samples", f"{rule}, got {len(samples)}, {largest:g}, {body['rate_hz']:g} Hz")
            return
        way = self._ways.setdefault(peer.conversation.peer_session, _Way())
        out = self._through(way, samples, body["position"], body["rate_hz"])
        self.counts["samples"] += len(out)
        self._to_others(peer, Kind.SAMPLES, {**body, "samples": out.astype(_SAMPLE).tobytes()})

    def _through(self, way: _Way, samples: np.ndarray, position: int, rate_hz: float) -> np.ndarray:
        """The channel: echoes, carrier offset (phase goes on from message to message), noise."""
        if rate_hz != self._rate_hz:
            self._rate_hz, self._taps = rate_hz, channel_taps(self.channel, rate_hz).astype(np.complex64)
        full = oaconvolve(samples, self._taps)
        full = np.pad(full, (0, max(0, len(way.echoes) - len(full))))
        full[: len(way.echoes)] += way.echoes
        samples, way.echoes = full[: len(samples)], full[len(samples) :]
        if self.channel.cfo_hz:
            phase = 2 * np.pi * (self.channel.cfo_hz / rate_hz * position % 1.0)
            samples = carrier_offset(samples, self.channel.cfo_hz, rate_hz, phase)
        if self.channel.snr_db is not None:
            samples = add_noise(samples, noise_var_for(self.channel.snr_db), self._rng)
        return samples

    def _to_others(self, sender: Peer, kind: Kind, body: dict[str, Any]) -> None:
        for peer in self.server.peers:
            if peer is not sender and not self.server.send(peer, kind, **body):
                self.counts["not_taken"] += 1
