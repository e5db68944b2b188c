from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from semcom.apps.delivery import inbox as inbox_file
from semcom.apps.delivery.heard_result import write_picture
from semcom.apps.delivery.inbox import Inbox
from semcom.apps.delivery.packet_items import items_of
from semcom.flowgraphs.loopback.result import ReceivedFrame
from semcom.link import Scope, Sender
from semcom.link.packets.framer import PacketFramer
from semcom.link.packets.packet import Packet, PacketKind
from semcom.semantic import EncodeRequest, SemanticPacket, encode

from ...group_layers import packet_of_group, shared_layer, without_shared
from ...stand_ins import stand_ins, street, street_parts  # noqa: F401


def heard(data: bytes | None, snr_db: float = 10.0) -> ReceivedFrame:
    fields = {name: None for name in ReceivedFrame.__dataclass_fields__}
    return ReceivedFrame(
        **(fields | {"data": data, "snr_db": snr_db, "cfo_hz": 1.0, "evm_db": -9.0, "start_sample": 0})
    )


def frames_of(packet: SemanticPacket) -> list[bytes]:
    return [frame.data for frame in Sender(256).frames(items_of(packet))]


def shared_frames() -> list[bytes]:
    only = packet_of_group(1)
    return frames_of(SemanticPacket(0, 0, 0, tuple(layer for layer in only.layers if layer.key.picture == 0)))


def given_out(inbox: Inbox, frames) -> list[tuple[int, bool]]:
    pictures = [picture for data in frames for picture in inbox.take_frame(heard(data))]
    return [(picture.scope.picture, picture.complete) for picture in pictures]


def test_a_picture_is_given_out_once_as_soon_as_it_and_its_group_are_whole():
    inbox = Inbox()
    frames = [*shared_frames(), *frames_of(without_shared(packet_of_group(1)))]
    assert given_out(inbox, [*frames, *frames]) == [(1, True)]
    assert inbox.rest() == [] and inbox.counts["complete"] == 1 and inbox.counts["duplicate"] == len(frames)


def test_a_layer_of_the_group_that_comes_last_completes_all_that_wait_for_it():
    inbox = Inbox()
    frames = [frame for number in (1, 2) for frame in frames_of(without_shared(packet_of_group(number)))]
    assert given_out(inbox, frames) == []
    (shared,) = shared_frames()
    pictures = inbox.take_frame(heard(shared))
    assert [picture.scope for picture in pictures] == [Scope(0, 0, 1), Scope(0, 0, 2)]
    for picture in pictures:
        sent = packet_of_group(picture.scope.picture)
        assert SemanticPacket.from_payloads(picture.payloads).to_bytes() == sent.to_bytes()
        assert picture.complete and picture.required == () and sum(picture.frames.values()) == 2
        assert {*picture.carriers} == {0, 1, 5}


def test_what_lacks_its_group_is_given_out_at_the_end_and_the_group_is_none_itself():
    inbox = Inbox()
    assert given_out(inbox, [heard for heard in frames_of(without_shared(packet_of_group(1)))]) == []
    (picture,) = inbox.rest()
    assert (picture.complete, picture.required, picture.unseen_layers) == (False, (shared_layer().key,), 0)
    assert inbox.rest() == []
    inbox = Inbox()
    assert given_out(inbox, shared_frames()) == [] and inbox.rest() == []


def test_packets_of_the_modem_are_no_pictures():
    inbox = Inbox()
    packets = [Packet(PacketKind.STREAM, bytes(300), 0), Packet(PacketKind.END, bytes(4), 300)]
    frames = PacketFramer(9, 256).frames(packets)
    assert given_out(inbox, [frame.data for frame in frames]) == [] and inbox.rest() == []
    assert inbox.counts["packets"] == 2 and inbox.counts["complete"] == 0


def test_failed_and_refused_frames_are_counted():
    inbox = Inbox()
    assert given_out(inbox, [None, b"noise", *frames_of(packet_of_group(1))]) == [(1, True)]
    assert (inbox.counts["frames"], inbox.counts["failed"], inbox.counts["refused"]) == (5, 1, 1)


def test_the_oldest_picture_makes_room_as_far_as_it_came(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(inbox_file, "MAX_PICTURES", 2)
    inbox = Inbox()
    first = [frames_of(without_shared(packet_of_group(number)))[0] for number in (1, 2, 3)]
    assert given_out(inbox, first) == [(1, False)] and inbox.counts["evicted"] == 1
    assert [picture.scope.picture for picture in inbox.rest()] == [2, 3]


@pytest.mark.usefixtures("stand_ins")
def test_soft_text_comes_with_its_llrs_and_is_repaired(tmp_path):
    """As `semcom receive` and `replay` hear it: bits of one letter are wrong, and unsure."""
    with street_parts():
        packet = encode(street(96, 64), request=EncodeRequest(text="soft"))
    (soft,) = [layer for layer in packet.layers if layer.soft]
    inbox, pictures = Inbox(), []
    for frame in Sender(256).frames(items_of(packet)):
        data, llr = bytearray(frame.data), b""
        if frame.coded_bytes is not None:
            data[-3] ^= 0b0000_0011
            bits = np.unpackbits(np.frombuffer(bytes(data[frame.coded_bytes :]), np.uint8))
            values = np.where(bits, -40, 40).reshape(-1, 8)
            values[-3, 6:] //= 20
            llr = values.astype(np.int8).tobytes()
        pictures += inbox.take_frame(replace(heard(bytes(data)), llr=llr))
    (picture,) = pictures
    assert list(picture.damaged) == [soft.key]
    result = write_picture(tmp_path, picture, "receive", {}, 1e6)
    assert result.caption == soft.content.text and any("came damaged; repaired" in note for note in result.notes)
