"""What comes of a picture while its result is written: the result tells of itself, and the rest is written after it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from semcom.apps.delivery.packet_items import items_of
from semcom.apps.services.receiving import host_rx
from semcom.apps.services.receiving.result_folders import ResultFolders
from semcom.apps.services.receiving.retention import Keep
from semcom.link import Sender
from semcom.semantic import SemanticPacket, encode

from ....stand_ins import stand_ins, street  # noqa: F401
from ..one_process import Link

pytestmark = pytest.mark.usefixtures("stand_ins")
LIMIT_S = 120.0


class SlowResults(ResultFolders):
    """Rebuilds its first picture only when a test says so."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.begun, self.may_go_on = threading.Event(), threading.Event()

    def _rebuilt(self, picture):
        rebuilt = super()._rebuilt(picture)
        self.begun.set()
        assert self.may_go_on.wait(LIMIT_S)
        return rebuilt


def test_a_layer_that_comes_while_a_partial_picture_is_rebuilt_is_in_the_end_in_its_result(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(host_rx, "QUIET_S", -1.0)
    packet = encode(street(240, 160))
    frames = [(frame.data, {}) for frame in Sender(4096).frames(items_of(packet, 1, 1))]
    link = Link(tmp_path)
    link.results = results = SlowResults(tmp_path / "out")
    host = link.start_rx()
    host.pictures.take(frames[:-1])
    (picture,) = host.pictures.pictures.values()
    link.until(results.begun.is_set)
    host.pictures.take(frames[-1:])
    assert picture.complete and not results.is_finished(picture.scope)
    results.may_go_on.set()
    link.until(lambda: results.is_finished(picture.scope))
    (path,) = (tmp_path / "out").glob("*-*-*/packet.sem")
    assert len(SemanticPacket.from_bytes(path.read_bytes()).layers) == len(packet.layers)
    link.until(lambda: not host.pictures.pictures)
    assert host.counts["results"] == 2 and host.counts["failed_results"] == 0
    link.close()


def test_a_picture_that_left_memory_unasked_is_shown_though_nothing_more_comes(tmp_path: Path) -> None:
    packet = encode(street(240, 160))
    link = Link(tmp_path)
    host = link.start_rx()
    host.pictures.take([(frame.data, {}) for frame in Sender(4096).frames(items_of(packet, 1, 1))])
    host.pictures.assembler.evict(next(iter(host.pictures.pictures)))
    assert len(host.pictures.spilled) == 1
    link.until(lambda: len(link.results.shown) == 1)
    link.close()


def test_results_that_made_room_are_forgotten_by_the_record_too(tmp_path: Path) -> None:
    packet = encode(street(240, 160))
    link = Link(tmp_path)
    link.results = ResultFolders(tmp_path / "out", Keep(results=1))
    host = link.start_rx()
    first, second = ([(f.data, {}) for f in Sender(4096).frames(items_of(packet, 1, number))] for number in (1, 2))
    for frames in (first, second):
        host.pictures.take(frames)
        link.until(lambda: not host.pictures.pictures)
    link.until(lambda: first[0][0] not in (tmp_path / "rx" / "frames").read_bytes())
    link.close()
