"""A radio process in this one, turned by hand, with an air that gives everything back at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from semcom.apps.services.radio_process.radio import RadioService
from semcom.flowgraphs.live.air import Settled
from semcom.flowgraphs.loopback.result import CRC, DELIVERED, ReceivedFrame
from semcom.link.messages import Kind, Message, Role
from semcom.link.transports.client import Client
from semcom.link.transports.key_files import KeyRing, make_acquainted
from semcom.link.transports.mailbox import Mailbox
from semcom.phy.mcs import find_mcs

LIMIT_S = 150.0


class EchoAir:
    """Gives each frame back; loses those of which a test says so."""

    has_feedback_channel = False
    hears_itself = transmits = receives = is_up = True

    def __init__(self) -> None:
        self._mailbox, self.sent, self.losing = Mailbox(), 0, False
        self.schemes: list[str] = []
        self.repeats: list[Mapping[str, Any] | None] = []

    def waits_on(self) -> tuple[Mailbox, ...]:
        return (self._mailbox,)

    def status(self) -> dict[str, str]:
        return {"state": "running"}

    def tell(self, kind: Kind, body: dict) -> bool:
        return False

    def send(self, number: int, frame: bytes, mcs: str, repeat: Mapping[str, Any] | None = None) -> None:
        find_mcs(mcs)
        self.sent += 1
        self.repeats.append(repeat)
        self.schemes.append(mcs)
        if not self.losing:
            self._mailbox.put(ReceivedFrame(frame, True, 10.0, 1.0, -10.0, mcs, self.sent, 0, 0))
        self._mailbox.put(Settled([(number, CRC if self.losing else DELIVERED)]))

    def happens(self, event: object) -> None:
        """One more event."""
        self._mailbox.put(event)

    def events(self) -> Iterator[object]:
        yield from self._mailbox.take_all()

    def close(self) -> None:
        self._mailbox.close()


class Bench:
    """A radio service and clients, turned by hand."""

    def __init__(self, folder: Path) -> None:
        make_acquainted(folder, ["tx", "radio", "rx", "other"])
        self.folder, self.air = folder, EchoAir()
        self.service = RadioService(self.air, "tcp://127.0.0.1:*", KeyRing.load(folder / "radio"))
        self.heard: dict[str, list[Message]] = {}
        self.clients: dict[str, Client] = {}

    def join(self, name: str, role: Role, window: int = 8) -> Client:
        ring = KeyRing.load(self.folder / name)
        client = self.clients[name] = Client(self.service.server.address, ring, "radio", role, window)
        self.heard[name] = []
        return client

    def turn(self) -> None:
        self.service.step()
        for name, client in self.clients.items():
            self.heard[name] += client.receive()
        time.sleep(0.001)

    def until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + LIMIT_S
        while not condition():
            assert time.monotonic() < deadline, (self.service.status(), self.heard)
            self.turn()

    def bodies(self, name: str, kind: Kind) -> list[dict]:
        return [message.body for message in self.heard.get(name, ()) if message.kind is kind]

    def outcomes(self) -> list[tuple[int, int]]:
        return [pair for body in self.bodies("tx", Kind.OUTCOMES) for pair in body["outcomes"]]

    def close(self) -> None:
        for client in self.clients.values():
            client.close()
        self.service.close()
