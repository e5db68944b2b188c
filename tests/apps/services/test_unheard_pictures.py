"""A picture that went out while nobody was there goes out again when the receiving host is heard of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from semcom.apps.report.result_folder import write_file_whole
from semcom.apps.services import unheard_pictures as host_unheard
from semcom.apps.services.sending.pictures_in_flight import NO_RECEIPT
from semcom.apps.services.sending.sent_pictures import SentPicture
from semcom.apps.services.unheard_pictures import MAX_KEPT, UnheardPictures, here_i_am
from semcom.experiments.services.service_processes import ServiceTrio, wait_until
from semcom.flowgraphs.live.air import ON_AIR, Settled
from semcom.link import FrameName, Item, Key, Sender
from semcom.link.messages import Kind, Role

from .radio_bench import Bench
from .sending.test_host_tx import Sending
from .test_services import results


def into_nothing(bench: Bench) -> Callable[[], None]:
    """From now on the radio sends and nobody hears it; what is returned brings the other end back."""
    hearing = bench.air.send

    def send(number: int, frame: bytes, mcs: str, repeat: object = None) -> None:
        bench.air.sent += 1
        bench.air._mailbox.put(Settled([(number, ON_AIR)]))

    bench.air.send = send

    def back() -> None:
        bench.air.send = hearing

    return back


def sent_into_nothing(bench: Bench, folder: Path) -> Sending:
    sending = Sending(bench, folder, patience_s=0.2)
    bench.until(lambda: sending.turn() or sending.sent_pictures.totals["pictures"])
    assert sending.sent_pictures.as_dict()["lost_by_cause"] == {NO_RECEIPT: 4}
    return sending


def test_a_picture_sent_into_nothing_goes_again_when_somebody_comes(bench: Bench, tmp_path: Path) -> None:
    back = into_nothing(bench)
    sending = sent_into_nothing(bench, tmp_path)
    assert sending.host.status()["queues"]["unheard_pictures"] == 1
    back()
    rx = bench.join("rx", Role.RX)
    bench.until(lambda: sending.turn() or rx.connected)
    assert rx.send(Kind.FEEDBACK, feedback=here_i_am())
    bench.until(lambda: sending.turn() or sending.sent_pictures.totals["pictures"] == 2)
    account = sending.until_closed()
    assert account["totals"]["delivered"] == 4 and account["totals"]["complete"] == 1
    again = account["recent"][-1]
    assert (again["number"], again["group"]) == (1, account["group"]), "frames of the same names: no second picture"
    assert sending.host.counts["pictures_again"] == 1 and sending.host.counts["refused_feedback"] == 0


def test_receipts_that_come_late_spare_the_repeat(bench: Bench, tmp_path: Path, monkeypatch) -> None:
    """The other end's radio had the frames, and its host was away: what it names is not sent again."""
    monkeypatch.setattr(host_unheard, "SETTLING_S", 0.3)
    into_nothing(bench)
    sending = sent_into_nothing(bench, tmp_path)
    in_flight, sent = sending.host._in_flight, bench.air.sent
    (kept,) = in_flight.unheard._kept.values()
    first, *others = kept.frames
    in_flight.came([first])
    bench.until(lambda: in_flight.send_unheard_again() or sending.sent_pictures.open)
    assert [entry.name for entry in in_flight.frames.waiting] == others
    in_flight.came(others)  # after the account was opened again, before anything left
    in_flight.close_pictures()
    sending.host.close()
    assert not in_flight.frames.waiting and bench.air.sent == sent
    assert sending.sent_pictures.recent[-1]["complete"] and sending.sent_pictures.recent[-1]["sent"] == 0


def test_where_nobody_can_ever_be_heard_what_is_kept_no_longer_is_over_and_done(
    bench: Bench, tmp_path: Path, monkeypatch
) -> None:
    """Two real radios: what was pushed does not pile up, and a process started anew does not send all of it again."""
    monkeypatch.setattr(host_unheard, "MAX_KEPT", 1)
    bench.air.hears_itself = False
    into_nothing(bench)
    sending = Sending(bench, tmp_path, patience_s=0.2)
    requests, content = tmp_path / "requests", (tmp_path / "photos" / "a.sem").read_bytes()
    requests.mkdir()
    for number in range(3):
        (requests / f"{number}-b.sem").write_bytes(content)
    bench.until(lambda: sending.turn() or sending.sent_pictures.totals["pictures"] == 4)
    left = [path for path in (*requests.iterdir(), *(tmp_path / "photos").iterdir())]
    (kept,) = sending.host._in_flight.unheard._kept.values()
    marks = {file.mark for file in sending.host.source._files.look(0.0)}
    assert len(left) <= 2 and {mark for mark in marks if not sending.sent_pictures.is_done(mark)} == {kept.mark}
    sending.host.close()


def picture(number: int) -> SentPicture:
    frames = Sender(64).frames([Item(Key(0, 1, number, 1), 5, bytes(100))])
    made = SentPicture(number, "a", "", {frame.name: frame for frame in frames})
    made.missing = set(made.frames)
    return made


@pytest.mark.parametrize("case", ["heard since", "came in part", "lost for a known cause"])
def test_what_was_lost_otherwise_stays_lost(case: str) -> None:
    unheard, lost = UnheardPictures(), picture(1)
    unheard.began(lost)
    if case == "heard since":
        unheard.heard()
    elif case == "came in part":
        lost.missing.discard(next(iter(lost.frames)))
    else:
        lost.causes[next(iter(lost.frames))] = "block CRC failed"
    assert not unheard.closed(lost)
    unheard.heard([FrameName(Key(0, 1, 9, 9), 0)])
    assert not unheard.due and not len(unheard)


def test_only_the_last_pictures_are_kept_and_none_whose_number_is_busy(monkeypatch) -> None:
    monkeypatch.setattr(host_unheard, "SETTLING_S", 0.0)
    unheard = UnheardPictures()
    for number in range(1, MAX_KEPT + 4):
        lost = picture(number)
        unheard.began(lost)
        assert unheard.closed(lost)
    assert unheard.take(()) == []  # nobody was heard
    unheard.heard()
    assert [lost.number for lost in unheard.take({5})] == [4, *range(6, MAX_KEPT + 4)] and len(unheard) == 1


@pytest.mark.timeout(500)
def test_services_may_be_started_in_any_order(tmp_path: Path, packet: bytes) -> None:
    """The far end comes when the one picture has long been given up."""
    trio = ServiceTrio(tmp_path, tx_options=("--patience-s", "1", "--repeat", "1"), virtual_air=("--snr-db", "15"))
    try:
        write_file_whole(trio.photos / "only.sem", packet)
        trio.start("tx", "air", "radio")
        wait_until(lambda: trio.is_up("tx") and trio.status("tx")["account"]["lost"] > 0, trio.log("tx"))
        trio.start("rx", "far_radio")
        wait_until(lambda: [r["complete"] for r in results(trio).values()] == [True], trio.log("tx"))
        wait_until(lambda: trio.status("tx")["account"]["complete"] == 1, trio.log("tx"))
        assert [trio.stop(name) for name in ("tx", "radio", "far_radio", "rx", "air")] == [0] * 5
    finally:
        trio.close()
