"""A whole link in this process, turned by hand: host tx, a radio that gives everything back, host rx."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from semcom.apps.delivery.frame_plan import FramePlan
from semcom.apps.delivery.outgoing import AirSettings
from semcom.apps.report.model import COMPLETE, FrameCounts, PictureResult
from semcom.apps.services.radio_process.radio import RadioService
from semcom.apps.services.receiving.host_rx import WINDOW, HostRx
from semcom.apps.services.receiving.received_pictures import ReceivedPicture, ReceivedPictures
from semcom.apps.services.sending.host_tx import HostTx, TxSettings
from semcom.apps.services.sending.picture_source import PictureSource
from semcom.apps.services.sending.sent_pictures import SentPictures
from semcom.link import Scope
from semcom.link.messages import Role
from semcom.link.transports.client import Client
from semcom.link.transports.key_files import KeyRing, make_acquainted
from semcom.phy.waveform import Waveform
from semcom.semantic import SemanticPacket
from semcom.semantic.layers import Layer, LayerKey

from .radio_bench import EchoAir

LIMIT_S = 150.0


def packet_of(number: int) -> bytes:
    """A packet of one layer that tells which it is."""
    payload = b"\x1e" + number.to_bytes(4, "big") + bytes(40)
    return SemanticPacket(0, 0, 1, (Layer(LayerKey(0, 0, 1, 1), 14, 5, None, payload),)).to_bytes()


def number_in(payloads: Mapping[LayerKey, bytes]) -> int:
    """Which it is."""
    (payload,) = (payload for payload in payloads.values() if payload[0] == 0x1E)
    return int.from_bytes(payload[1:5], "big")


class Results:
    """Stands in for `ResultFolders`: counts how often each picture is shown, and can be full."""

    def __init__(self) -> None:
        self.shown: dict[Scope, dict[LayerKey, bytes]] = {}
        self.times: Counter[Scope] = Counter()
        self.full = False

    def write(self, picture: ReceivedPicture) -> PictureResult:
        if self.full:
            raise OSError(28, "No space left on device")
        self.shown[picture.scope] = dict(picture.payloads)
        self.times[picture.scope] += 1
        counts = FrameCounts(None, None, None)
        return PictureResult(command="host rx", image="", outcome=COMPLETE, layers=[], frames=counts)

    def is_finished(self, scope: Scope) -> bool:
        return scope in self.shown

    def payloads(self, scope: Scope) -> dict[LayerKey, bytes] | None:
        return self.shown.get(scope)

    def to_disk(self) -> None:
        pass

    def tidy(self) -> None:
        pass

    def take_removed(self) -> list[Scope]:
        return []

    def counts(self) -> dict[str, int]:
        return {"pictures": len(self.shown)}

    def close(self) -> None:
        pass

    @property
    def numbers(self) -> list[int]:
        """Which pictures are shown."""
        return sorted(number_in(payloads) for payloads in self.shown.values())


class Link:
    """The parts are there once they are started."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.photos, self.results = folder, folder / "photos", Results()
        self.photos.mkdir()
        make_acquainted(folder / "keys", ["tx", "radio", "rx"])
        self.radio = RadioService(EchoAir(), "tcp://127.0.0.1:*", self._ring("radio"))
        self.tx: HostTx | None = None
        self.rx: HostRx | None = None

    def put(self, count: int, first: int = 0) -> None:
        for number in range(first, first + count):
            (self.photos / f"{number:05d}.sem").write_bytes(packet_of(number))

    def start_tx(self, patience_s: float = 10.0, state: str = "tx", stream: int = 0) -> HostTx:
        sent = SentPictures(self.folder / state / "journal", stream, resume=True)
        source = PictureSource(self.photos, self.folder / state / "requests", sent.is_done)
        plan = FramePlan(AirSettings(), Waveform.load("ofdm64"))
        client = Client(self.radio.server.address, self._ring("tx"), "radio", Role.TX, name="host tx")
        self.tx = HostTx(client, source, sent, TxSettings(patience_s), self.folder / state, plan)
        return self.tx

    def start_rx(self) -> HostRx:
        pictures = ReceivedPictures(self.folder / "rx" / "frames", self.results.payloads, self.results.to_disk)
        client = Client(self.radio.server.address, self._ring("rx"), "radio", Role.RX, WINDOW, "host rx")
        self.rx = HostRx(client, pictures, self.results, self.folder / "rx")
        return self.rx

    def kill(self, host: HostTx | HostRx) -> None:
        """As if its process was killed: nothing is closed in order, only what a kernel takes back is."""
        host.client.close()
        if host is self.tx:
            host.sent_pictures._journal.close()
            self.tx = None
        else:
            host._jobs.put(None)
            host._worker.join()
            host._done.close()
            host.pictures.close()
            self.rx = None

    def step(self) -> None:
        for part in (self.tx, self.radio, self.rx):
            if part is not None:
                part.step()
        time.sleep(0.001)

    def until(self, condition: Callable[[], object], limit_s: float = LIMIT_S) -> None:
        deadline = time.monotonic() + limit_s
        while not condition():
            told = [part.status() for part in (self.tx, self.radio, self.rx) if part is not None]
            assert time.monotonic() < deadline, (told, len(self.results.shown))
            self.step()

    def close(self) -> None:
        for part in (self.tx, self.rx, self.radio):
            if part is not None:
                part.close()

    def _ring(self, name: str) -> KeyRing:
        return KeyRing.load(self.folder / "keys" / name)
