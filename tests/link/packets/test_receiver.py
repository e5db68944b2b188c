"""Packets out of blocks: once each, what is missing is counted, reports are due when they should be."""

import math

import pytest

from semcom.link.frame import Frame
from semcom.link.item import Key
from semcom.link.packets.framer import PacketFramer
from semcom.link.packets.packet import Packet, PacketKind
from semcom.link.packets.receiver import BURST_SHARE, PacketReceiver

PAUSE_S, SOURCE = 0.05, 9


@pytest.fixture
def receiver() -> PacketReceiver:
    return PacketReceiver(PAUSE_S)


def frames_of(*numbers: int, stream: int = 7) -> list[bytes]:
    packets = [Packet(PacketKind.DATAGRAM, bytes([number % 251]), number) for number in numbers]
    return [frame.data for frame in PacketFramer(stream, 256).frames(packets)]


def push(receiver: PacketReceiver, frame: bytes | None, now_s: float = 0.0, source: int = SOURCE):
    return receiver.block(frame, source, 0, 10.0, now_s)


def test_each_packet_once_with_the_stream_it_belongs_to(receiver):
    frames = frames_of(0, 1, 2)
    came = [packet for frame in [*frames, *frames] for packet in push(receiver, frame)]
    assert [(stream, packet.number) for stream, packet in came] == [(7, 0), (7, 1), (7, 2)]
    assert receiver.counts["packets"] == 3


def test_missing_numbers_are_counted_and_late_ones_taken_off(receiver):
    for number, missing in ((65533, 0), (65535, 1), (65534, 0), (3, 3), (0, 2), (4, 2)):
        (frame,) = frames_of(number, stream=number)[:1]
        parsed = Frame.from_bytes(frame)
        push(receiver, Frame(Key(1, 0, number % 500 + 1, 0), 7, parsed.payload, num_items=1).to_bytes())
        assert receiver.counts["missing"] == missing, number


def test_what_is_no_packet_is_counted(receiver):
    push(receiver, Frame(Key(1, 0, 1, 0), 7, b"\x01picture", num_items=1).to_bytes())
    push(receiver, b"no frame at all")
    assert receiver.counts["no_packets"] == 1 and receiver.counts["refused"] == 1


def test_a_whole_batch_is_reported_at_once_and_half_of_one_after_a_pause(receiver):
    frames = frames_of(0, 1)
    receiver.burst_heard(0.2)
    push(receiver, frames[0], now_s=1.0)
    due_s = 1.0 + PAUSE_S + BURST_SHARE * 0.2
    assert receiver.next_report_s == pytest.approx(due_s)
    assert receiver.sources_to_answer(due_s - 1e-6) == [] and receiver.sources_to_answer(due_s + 1e-6) == [SOURCE]
    push(receiver, frames[1], now_s=1.1)
    assert receiver.sources_to_answer(1.1) == [SOURCE]
    (report,) = receiver.reports(SOURCE)
    assert report.complete and report.layers == {0, 1} and report.source == SOURCE and report.snr_db == 10.0
    assert receiver.next_report_s == math.inf
    push(receiver, frames[0], now_s=2.0)  # our report was lost, so it comes again
    assert receiver.sources_to_answer(2.0) == [SOURCE]


def test_a_failed_block_is_reported_by_its_process(receiver):
    receiver.block(None, SOURCE, 33, 3.0, 0.0)
    assert receiver.sources_to_answer(PAUSE_S) == [SOURCE]
    (report,) = receiver.reports(SOURCE)
    assert report.failed == {33}


def test_call_signs_are_kept_by_source(receiver):
    (frame,) = PacketFramer(1, 256).frames([Packet(PacketKind.STATION, b"DL0ABC")])
    push(receiver, frame.data)
    assert receiver.stations == {SOURCE: "DL0ABC"} and receiver.counts["packets"] == 0
