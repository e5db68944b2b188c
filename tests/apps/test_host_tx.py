"""The sending host with a radio in this process: losses, and a repeat engine that mends them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from semcom.apps.frames_on_way import FrameToSend
from semcom.apps.host_tx import HostTx, TxSettings
from semcom.apps.picture_source import PictureSource
from semcom.apps.sent_pictures import Books
from semcom.link import Receiver
from semcom.link.messages import Kind
from semcom.semantic import SemanticPacket
from semcom.semantic.layers import Layer, LayerKey

from .test_radio_service import Bench, Role

REPEAT = b"all that you have"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    for client in bench.clients.values():
        client.close()
    bench.service.close()


class Sending:
    """A host tx with one picture, turned together with the bench."""

    def __init__(self, bench: Bench, folder: Path, patience_s: float = 10.0) -> None:
        (folder / "photos").mkdir()
        layers = (Layer(LayerKey(0, 0, 1, 1), 15, 5, None, b"\x1f" + bytes(600)),)
        (folder / "photos" / "a.sem").write_bytes(SemanticPacket(0, 0, 1, layers).to_bytes())
        self.books = Books(folder / "journal")
        source = PictureSource(folder / "photos", folder / "requests", self.books.is_done)
        client = bench.join("tx", Role.TX)
        del bench.clients["tx"]  # the host turns it itself
        settings = TxSettings(patience_s=patience_s)
        self.host = HostTx(client, source, self.books, settings, folder, repeat=self.repeat)
        self.receiver, self.bench, self.asked = Receiver(), bench, 0

    def repeat(self, feedback: bytes) -> list[FrameToSend]:
        assert feedback == REPEAT
        (picture,) = self.books.open.values()
        return [FrameToSend(name, frame.data, "qpsk-1/2") for name, frame in picture.frames.items()]

    def turn(self) -> None:
        """The host's step, and what a receiving host does: receipts for what came."""
        self.host.step()
        received = self.bench.bodies("rx", Kind.RECEIVED)
        if received:
            names = tuple(self.receiver.push(body["frame"]).name for body in received)
            self.bench.clients["rx"].send(Kind.RECEIPT, up_to=received[-1]["number"], names=names)
            self.bench.heard["rx"].clear()

    def until_closed(self) -> dict:
        self.bench.until(lambda: self.turn() or self.books.totals["pictures"])
        self.host.close()
        return self.books.as_dict()


def test_frames_that_come_are_delivered(bench: Bench, tmp_path: Path) -> None:
    bench.join("rx", Role.RX)
    account = Sending(bench, tmp_path).until_closed()
    assert account["totals"]["delivered"] == account["totals"]["sent"] == 3 and account["totals"]["complete"] == 1


def test_frames_lost_on_the_air_are_lost_by_cause(bench: Bench, tmp_path: Path) -> None:
    bench.join("rx", Role.RX)
    bench.air.losing = True
    account = Sending(bench, tmp_path, patience_s=0.2).until_closed()
    assert account["lost_by_cause"] == {"block CRC failed": 3} and account["totals"]["complete"] == 0


def test_a_repeat_engine_mends_what_was_lost(bench: Bench, tmp_path: Path) -> None:
    rx = bench.join("rx", Role.RX)
    bench.air.losing = True
    sending = Sending(bench, tmp_path)
    bench.until(lambda: sending.turn() or sending.host.counts["outcome_crc"] == 3)
    bench.air.losing = False
    rx.send(Kind.FEEDBACK, feedback=REPEAT)
    account = sending.until_closed()
    assert account["totals"] | {"repaired": 3, "delivered": 0, "lost": 0, "transmissions": 6} == account["totals"]


def test_without_a_receiving_host_the_account_says_so(bench: Bench, tmp_path: Path) -> None:
    account = Sending(bench, tmp_path, patience_s=0.3).until_closed()
    assert account["lost_by_cause"] == {"receiving host did not confirm": 3}
