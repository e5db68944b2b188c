"""The radio's process with an air that gives everything back at once: who gets what, and what is kept for whom."""

from __future__ import annotations

from semcom.apps.services.radio_process import radio as radio_service
from semcom.apps.services.radio_process.frames_on_air import FramesOnAir
from semcom.apps.services.radio_process.radio import SLOW
from semcom.flowgraphs.live.spectrum import Spectrum
from semcom.link import Frame, FrameError, FrameName, Key
from semcom.link.messages import Kind, Outcome, Role
from semcom.link.transports.client import Client

from ..radio_bench import Bench


def frame(number: int) -> bytes:
    return Frame(Key(0, 1, number, 0), 7, b"payload").to_bytes()


def both(bench: Bench, window: int = 8) -> tuple[Client, Client]:
    tx, rx = bench.join("tx", Role.TX), bench.join("rx", Role.RX, window)
    bench.until(lambda: tx.connected and rx.connected)
    return tx, rx


def test_frames_go_through_and_receipts_and_feedback_come_back(bench: Bench) -> None:
    tx, rx = both(bench)
    tx.send(Kind.FRAME, number=41, mcs="qpsk-1/2", frame=frame(1))
    bench.until(lambda: bench.bodies("rx", Kind.RECEIVED) and bench.outcomes())
    assert bench.bodies("rx", Kind.RECEIVED)[0]["frame"] == frame(1) and bench.outcomes() == [(41, Outcome.RECEIVED)]
    name = FrameName(Key(0, 1, 1, 0), 0)
    rx.send(Kind.RECEIPT, up_to=1, names=(name,))
    rx.send(Kind.FEEDBACK, feedback=b"opaque \0\xff")
    bench.until(lambda: bench.bodies("tx", Kind.FEEDBACK))
    assert bench.bodies("tx", Kind.RECEIPT)[0]["names"] == (name,)
    assert bench.bodies("tx", Kind.FEEDBACK) == [{"feedback": b"opaque \0\xff"}]
    assert bench.service.status()["queues"] == {"for_air": 0, "on_air": 0, "for_rx": 0, "for_tx": 0}


def test_a_spectrum_goes_to_a_receiving_host_that_is_here_and_is_kept_for_none(bench: Bench) -> None:
    first, second = Spectrum(1e6, bytes(range(128))), Spectrum(2e6, bytes(256))
    bench.air.happens(first)
    bench.service.step()
    both(bench)
    bench.air.happens(second)
    bench.until(lambda: bench.bodies("rx", Kind.SPECTRUM))
    assert [Spectrum(**body) for body in bench.bodies("rx", Kind.SPECTRUM)] == [second]


def test_losses_on_the_air_and_frames_that_fit_no_burst_are_told_by_cause(bench: Bench) -> None:
    tx, _ = both(bench)
    bench.air.losing = True
    tx.send(Kind.FRAME, number=1, mcs="qpsk-1/2", frame=frame(1))
    tx.send(Kind.FRAME, number=2, mcs="no such mode", frame=frame(2))
    bench.until(lambda: len(bench.outcomes()) == 2)
    assert sorted(bench.outcomes()) == [(1, Outcome.CRC), (2, Outcome.REFUSED)]
    assert bench.service.status()["lost_by_cause"] | {"crc": 1, "refused": 1} == bench.service.status()["lost_by_cause"]


def test_a_receiving_host_started_anew_gets_what_it_had_not_confirmed(bench: Bench) -> None:
    tx, rx = both(bench)
    for number in range(1, 6):
        tx.send(Kind.FRAME, number=number, mcs="qpsk-1/2", frame=frame(number))
    bench.until(lambda: len(bench.bodies("rx", Kind.RECEIVED)) == 5)
    rx.send(Kind.RECEIPT, up_to=2, names=())
    bench.until(lambda: bench.service.counts["confirmed"] == 2)
    rx.close()
    bench.join("rx", Role.RX)
    bench.until(lambda: len(bench.bodies("rx", Kind.RECEIVED)) == 3)
    assert [body["number"] for body in bench.bodies("rx", Kind.RECEIVED)] == [3, 4, 5]


def test_a_slow_reader_costs_bounded_memory_and_its_losses_are_told(bench: Bench, monkeypatch) -> None:
    monkeypatch.setattr(radio_service, "MAX_WAITING", 20)
    tx, rx = both(bench, window=4)
    for number in range(1, 31):
        tx.send(Kind.FRAME, number=number, mcs="qpsk-1/2", frame=frame(number))
    # The two clients are told over connections of their own, in any order.
    bench.until(lambda: len(bench.bodies("tx", Kind.DROPPED)) == 10 and len(bench.bodies("rx", Kind.RECEIVED)) >= 4)
    for _ in range(20):
        bench.turn()
    assert len(bench.bodies("rx", Kind.RECEIVED)) == 4  # no more than it takes
    dropped = bench.bodies("tx", Kind.DROPPED)
    assert dropped[0] == {"cause": SLOW, "names": (FrameName(Key(0, 1, 21, 0), 0),)}
    status = bench.service.status()
    assert status["queues"]["for_rx"] == 20 and status["lost_by_cause"][SLOW] == 10
    rx.send(Kind.RECEIPT, up_to=4, names=())
    bench.until(lambda: len(bench.bodies("rx", Kind.RECEIVED)) == 8)


def test_a_role_that_is_taken_is_not_given_to_another_key(bench: Bench) -> None:
    both(bench)
    other = bench.join("other", Role.TX)
    bench.until(lambda: bool(other.refused))
    assert other.refused == "role tx is taken by tx" and not other.connected
    radio = bench.join("other", Role.RADIO)
    bench.until(lambda: bool(radio.refused))
    assert "role must be tx or rx" in radio.refused
    other.close()


def test_a_host_cannot_do_what_is_not_its_role(bench: Bench) -> None:
    _, rx = both(bench)
    rx.send(Kind.FRAME, number=1, mcs="qpsk-1/2", frame=frame(1))
    bench.until(lambda: bench.service.counts["refused_kind"] == 1)
    assert bench.air.sent == 0


def test_while_the_air_is_away_the_sending_host_hears_that_its_frames_wait(bench: Bench, monkeypatch) -> None:
    monkeypatch.setattr(radio_service, "STILL_HERE_S", 0.01)
    both(bench)
    bench.air.is_up = False
    bench.until(lambda: len(bench.bodies("tx", Kind.OUTCOMES)) >= 3)
    assert bench.outcomes() == []


def test_a_role_that_the_radio_cannot_serve_is_refused(bench: Bench) -> None:
    bench.air.receives = False
    tx, rx = bench.join("tx", Role.TX), bench.join("rx", Role.RX)
    bench.until(lambda: tx.connected and bool(rx.refused))
    assert rx.refused == "role rx is of no use here: this radio does not receive"


def test_receipts_stay_here_where_frames_came_from_elsewhere(bench: Bench) -> None:
    """They name frames of the host at the other end; the one at this end has frames of the same names."""
    bench.air.hears_itself = False
    _, rx = both(bench)
    assert rx.send(Kind.RECEIPT, up_to=0, names=(FrameName(Key(0, 1, 1, 0), 0),))
    bench.until(lambda: bench.service.counts["no_feedback_channel"] == 1)
    assert bench.bodies("tx", Kind.RECEIPT) == []


def test_frames_of_a_host_that_ended_cost_the_next_one_none(bench: Bench, monkeypatch) -> None:
    first = bench.join("tx", Role.TX)
    settled, air_send = [], bench.air.send
    monkeypatch.setattr(bench.air, "send", lambda number, *rest: settled.append((number, *rest)))  # settles nothing yet
    bench.until(lambda: first.connected)
    bench.service._frames = FramesOnAir(bench.service._give_to_air, 10, bench.service._refusals, (FrameError,))
    for number in range(1, 13):
        first.send(Kind.FRAME, number=number, mcs="qpsk-1/2", frame=frame(number))
    bench.until(lambda: bench.service.status()["queues"]["for_air"] == 2)
    first.close()
    bench.clients.clear()
    second = bench.join("tx", Role.TX)
    bench.until(lambda: second.connected)
    for number in range(1, 9):
        second.send(Kind.FRAME, number=number, mcs="qpsk-1/2", frame=frame(100 + number))
    bench.until(
        lambda: bench.service.status()["queues"]["for_air"] == 8
    )  # the two that waited are sent again by theirs
    assert len(settled) == 10 and bench.outcomes() == []
    monkeypatch.setattr(bench.air, "send", air_send)
    for sending in settled:
        air_send(*sending)
    bench.until(lambda: len(bench.outcomes()) == 8)
    assert bench.outcomes() == [(number, Outcome.RECEIVED) for number in range(1, 9)]


def test_frames_that_nobody_takes_slow_the_sender_and_none_is_dropped(bench: Bench, monkeypatch) -> None:
    monkeypatch.setattr(radio_service, "MAX_WAITING", 60)
    monkeypatch.setattr(radio_service, "WINDOW", 10)
    tx, rx = both(bench, window=4)
    sent = 0

    def send_within_the_window() -> bool:
        nonlocal sent
        while sent < 200 and sent - len(bench.outcomes()) < 10:
            sent += 1
            tx.send(Kind.FRAME, number=sent, mcs="qpsk-1/2", frame=frame(sent))
        return len(bench.service._outcomes) + len(bench.service._frames) == 10

    bench.until(send_within_the_window)
    assert 20 < sent < 60 and bench.service.counts["dropped"] == 0
    said = bench.bodies("tx", Kind.CREDIT)
    assert said[0] == {"heard": False, "pictures": 0, "frame_bytes": 0, "reason": ""}
    assert said[1]["heard"] and said[1]["pictures"] == 0 and "frames wait for it at its radio" in said[1]["reason"]

    def confirm() -> bool:
        send_within_the_window()
        if received := bench.bodies("rx", Kind.RECEIVED):
            rx.send(Kind.RECEIPT, up_to=received[-1]["number"], names=())
        return len(bench.outcomes()) == 200

    bench.until(confirm)
    assert bench.service.counts["dropped"] == 0


def test_credit_of_the_receiving_host_reaches_the_sending_one_and_only_the_last_counts(bench: Bench) -> None:
    _, rx = both(bench)
    bench.clients.pop("tx").close()
    bench.until(lambda: not any(peer.role is Role.TX for peer in bench.service.server.peers))
    for pictures in (5, 6, 7):
        rx.send(Kind.CREDIT, heard=True, pictures=pictures, frame_bytes=1, reason="")
    bench.until(lambda: any(entry[1].get("pictures") == 7 for entry in bench.service._for_tx))
    bench.join("tx", Role.TX)
    bench.until(lambda: any(body["heard"] for body in bench.bodies("tx", Kind.CREDIT)))
    assert [body["pictures"] for body in bench.bodies("tx", Kind.CREDIT) if body["heard"]] == [7]
