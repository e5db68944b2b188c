"""Frames over the loopback: what is put together at the other end, and what is said of the rest."""

from __future__ import annotations

from semcom.apps.delivery.exchange import exchange
from semcom.apps.delivery.packet_items import items_of, rebuild
from semcom.link import Assembler, Key, Sender
from semcom.sdr_configs.radio import load_radio
from semcom.semantic import SemanticPacket
from semcom.semantic.requirements import requirements_of

from ...group_layers import packet_of_group, shared_layer, without_shared


def sent(packet: SemanticPacket, snr_db: float = 20.0, **options):
    radio = load_radio("loopback-awgn").with_channel(snr_db=snr_db)
    return exchange(Sender(256).frames(items_of(packet)), "qpsk-1/2", radio, **options)


def test_a_packet_with_a_layer_of_its_group_arrives_whole():
    packet = packet_of_group(3, stream=2)
    came = sent(packet)
    assert came.payloads == {layer.key: layer.payload for layer in packet.layers}
    assert came.required == () and came.damaged == {}
    (picture,) = came.pictures
    assert picture.complete and picture.scope == (2, 0, 3)


def test_without_it_the_picture_lacks_it_by_name_and_is_shown_all_the_same():
    packet = without_shared(packet_of_group(3))
    came = sent(packet)
    assert came.required == (shared_layer().key,) and not came.pictures[0].complete
    received, reconstruction, notes = rebuild(came.payloads, came.damaged, came.required)
    assert received.to_bytes() == packet.to_bytes() and reconstruction.caption.text == "Picture 3."
    assert notes[0] == "Layer 0/0/*/5, which another layer requires, has not come."


def test_a_receiver_that_heard_the_group_before_needs_it_no_more():
    assembler = Assembler(requirements_of)
    first = sent(packet_of_group(1), assembler=assembler)
    second = sent(without_shared(packet_of_group(2)), assembler=assembler)
    assert first.pictures[0].complete and second.pictures[0].complete
    assert {key.picture for key in second.payloads} == {0, 2}  # nothing of the first picture
    assert second.payloads[shared_layer().key] == shared_layer().payload


def test_nothing_that_arrives_leaves_an_account_of_what_was_sent():
    came = sent(packet_of_group(1), snr_db=-25.0)
    assert came.payloads == {} and not came.pictures[0].complete and came.pictures[0].missing.required == ()
    totals = came.account.totals()
    assert totals.sent == totals.lost == 3 and came.account.totals(Key(*shared_layer().key)).lost == 1
