from __future__ import annotations

import tracemalloc
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from semcom.semantic.coding.text import encode_text
from semcom.semantic.errors import PacketError
from semcom.semantic.layers import GROUP_SCOPE, Layer, LayerKey, LayerKind, decode_layer
from semcom.semantic.packet import MAX_PACKET_BYTES, SemanticPacket
from semcom.semantic.reconstruct import reconstruct
from semcom.semantic.wire import ByteWriter

from .conftest import IDENTITY, make_packet

GOLDEN = Path(__file__).parents[1] / "data" / "packet_v1.sem"
MEMORY_LIMIT_BYTES = 64 << 20


def with_crc(body: bytes) -> bytes:
    return body + zlib.crc32(body).to_bytes(4, "big")


def test_packet_comes_back_byte_for_byte(packet: SemanticPacket) -> None:
    data = packet.to_bytes()
    again = SemanticPacket.from_bytes(data)
    assert again.to_bytes() == data
    assert again.identity == IDENTITY
    assert again.missing() == again.damaged == ()
    assert [layer.name for layer in again.layers] == [
        "header-0", "caption-1", "objects-2", "class_map-3", "detail_map-4", "sub_image-5", "sub_image-6",
    ]  # fmt: skip
    assert again.content(LayerKind.CAPTION).entity_words == ("car", "road")
    np.testing.assert_array_equal(again.content(LayerKind.CLASS_MAP).labels, packet.content(LayerKind.CLASS_MAP).labels)
    np.testing.assert_array_equal(again.content(LayerKind.DETAIL_MAP).edges, packet.content(LayerKind.DETAIL_MAP).edges)


def test_golden_file_reads_as_it_always_did() -> None:
    """Format version 1 is frozen: these bytes must mean this for ever."""
    data = GOLDEN.read_bytes()
    packet = SemanticPacket.from_bytes(data)
    assert packet.to_bytes() == data
    assert packet.identity == (3, 0, 7)
    assert packet.size == (96, 64)
    assert packet.header.system == "es-isc"
    assert packet.content(LayerKind.CAPTION).text == "A red car is on a road."
    (car,) = packet.content(LayerKind.OBJECTS).items
    assert packet.content(LayerKind.OBJECTS).vocabulary[car.category].name == "car"
    assert car.box == (24, 40, 48, 56) and car.score == pytest.approx(0.8)
    labels = packet.content(LayerKind.CLASS_MAP).labels
    names = packet.content(LayerKind.CLASS_MAP).vocabulary
    assert labels.shape == (32, 48)
    assert [names[int(labels[row, 20])].name for row in (0, 17, 24)] == ["sky", "road", "car"]
    assert [layer.content.object_id for layer in packet.of_kind(LayerKind.SUB_IMAGE)] == [0, 1]


def test_encoder_still_makes_the_golden_bytes_for_integer_layers(packet: SemanticPacket) -> None:
    """Pictures depend on the AVIF library's version; everything else is our own integer arithmetic."""
    golden = SemanticPacket.from_bytes(GOLDEN.read_bytes())
    for ours, frozen in zip(packet.layers[:5], golden.layers[:5], strict=True):
        assert ours.payload == frozen.payload, ours.name


def test_layers_travel_alone_and_in_any_order(packet: SemanticPacket) -> None:
    payloads = {layer.key: layer.payload for layer in reversed(packet.layers)}
    assert SemanticPacket.from_payloads(payloads).to_bytes() == packet.to_bytes()
    for layer in packet.layers:
        alone = SemanticPacket.from_payloads({layer.key: layer.payload})
        assert alone.layers[0].payload == layer.payload
        assert alone.damaged == ()


def test_what_travelled_in_pieces_is_the_packet_that_was_sent(packet: SemanticPacket) -> None:
    """Importance and requirements come back through the header, so that both ends hold the same bytes."""
    base = LayerKey(3, 0, GROUP_SCOPE, 9)
    layers = [replace(layer, importance=1, requires=(base,)) for layer in packet.layers[1:]]
    sent = SemanticPacket.build((96, 64), "es-isc", layers, IDENTITY)
    received = SemanticPacket.from_payloads({layer.key: layer.payload for layer in sent.layers})
    assert received.to_bytes() == sent.to_bytes()
    assert received.layers[2].requires == (base,) and received.missing() == (base,)


def test_missing_layers_are_named(packet: SemanticPacket) -> None:
    kept = {layer.key: layer.payload for layer in packet.layers if layer.key.layer not in (3, 6)}
    assert SemanticPacket.from_payloads(kept).missing() == (LayerKey(*IDENTITY, 3), LayerKey(*IDENTITY, 6))
    without_header = {layer.key: layer.payload for layer in packet.layers[1:]}
    assert SemanticPacket.from_payloads(without_header).missing() == (LayerKey(*IDENTITY, 0),)


def test_required_layers_are_missed_by_key(packet: SemanticPacket) -> None:
    base = LayerKey(3, 0, GROUP_SCOPE, 9)
    caption = packet.layers[1]
    needy = Layer(caption.key, caption.kind, 7, caption.content, caption.payload, requires=(base,))
    data = SemanticPacket(*IDENTITY, (packet.layers[0], needy)).to_bytes()
    again = SemanticPacket.from_bytes(data)
    assert again.layers[1].requires == (base,)
    assert base in again.missing()


def test_unknown_kinds_are_kept_and_reported(packet: SemanticPacket) -> None:
    key = LayerKey(*IDENTITY, 40)
    strange = decode_layer(key, bytes([1 << 4 | 14]) + b"from the future", importance=2)
    data = SemanticPacket(*IDENTITY, (*packet.layers, strange)).to_bytes()
    again = SemanticPacket.from_bytes(data)
    assert again.layers[-1].name == "unknown_14-40"
    assert again.layers[-1].content is None
    assert again.to_bytes() == data
    assert reconstruct(again).caption.text == "A red car is on a road."


def test_broken_layer_is_named_and_the_others_serve(packet: SemanticPacket) -> None:
    payloads = {layer.key: layer.payload for layer in packet.layers}
    class_map_key = LayerKey(*IDENTITY, 3)
    payloads[class_map_key] = payloads[class_map_key][:4]
    again = SemanticPacket.from_payloads(payloads)
    ((key, reason),) = again.damaged
    assert key == class_map_key and "layer 3/0/7/3" in reason
    assert reconstruct(again).caption.text == "A red car is on a road."


def test_every_cut_is_refused(packet: SemanticPacket) -> None:
    data = packet.to_bytes()
    for length in range(len(data)):
        with pytest.raises(PacketError):
            SemanticPacket.from_bytes(data[:length])


def test_every_changed_byte_is_refused(packet: SemanticPacket) -> None:
    data = packet.to_bytes()
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= 1 + position % 255
        with pytest.raises(PacketError):
            SemanticPacket.from_bytes(bytes(changed))


def survives(data: bytes) -> None:
    """Hostile bytes give a packet or a `PacketError`; what decodes can be drawn or says why not."""
    try:
        packet = SemanticPacket.from_bytes(data)
    except PacketError as error:
        assert str(error)
        return
    assert packet.to_bytes() == data or packet.damaged
    if packet.size and packet.size[0] * packet.size[1] < 1 << 16:
        assert reconstruct(packet).picture.dtype == np.uint8


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
@example(b"\x00\x00\x80\x00")  # picture 0 as a varint of two bytes
def test_random_bytes_behind_a_good_frame(body: bytes) -> None:
    survives(with_crc(b"SM\x01" + body))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutations_with_a_mended_checksum(data) -> None:
    body = bytearray(make_packet_bytes()[:-4])
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(3, len(body) - 1))
        body[position] = data.draw(st.integers(0, 255))
    survives(with_crc(bytes(body)))


def test_hostile_sizes_cost_little_memory(packet: SemanticPacket) -> None:
    """Many layers that each claim the largest map: the shared pixel budget stops them."""
    head = b"SM\x01" + bytes([3, 0, 7])
    claim = bytes([1 << 4 | LayerKind.DETAIL_MAP]) + b"\x80\x80\x01" + b"\x90\x1e" + b"\x04" + b"\x00" * 8
    layers = b"".join(bytes([n, 3, len(claim)]) + claim for n in range(1, 120))
    data = with_crc(head + layers)
    SemanticPacket.from_bytes(packet.to_bytes())  # whatever is compiled or cached is so before the measurement
    tracemalloc.start()
    try:
        found = SemanticPacket.from_bytes(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(found.damaged) >= 115
    assert peak < MEMORY_LIMIT_BYTES


def test_too_long_packets_are_refused_unread() -> None:
    with pytest.raises(PacketError, match=f"must have at most {MAX_PACKET_BYTES} bytes"):
        SemanticPacket.from_bytes(b"SM" + bytes(MAX_PACKET_BYTES - 1))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "packet: is empty"),
        (b"S", "at least 10 bytes, got 1: cut short"),
        (b"SM\x01abc", "at least 10 bytes, got 6: cut short"),
        (b"\xff\xd8\xff\xe0 a photo, say", r"must begin with b'SM', got b'\\xff\\xd8': no semcom packet"),
        (bytes(MAX_PACKET_BYTES + 1), "no semcom packet"),
        (b"SM\x01 and then some", "is cut short or damaged: its CRC-32 must be"),
    ],
)
def test_what_is_no_packet_is_said_in_plain_words(data: bytes, said: str) -> None:
    with pytest.raises(PacketError, match=said):
        SemanticPacket.from_bytes(data)


def test_group_layers_are_missed_by_their_own_key(packet: SemanticPacket) -> None:
    shared = replace(packet.layers[3], key=LayerKey(3, 0, GROUP_SCOPE, 3))
    sent = SemanticPacket.build((96, 64), "seb", [packet.layers[1], shared], IDENTITY)
    assert SemanticPacket.from_bytes(sent.to_bytes()).layers[2].key == shared.key
    received = SemanticPacket.from_payloads({layer.key: layer.payload for layer in sent.layers[:2]})
    assert received.missing() == (shared.key,)


def test_identity_and_numbers_are_checked_where_packets_are_made(packet: SemanticPacket) -> None:
    with pytest.raises(PacketError, match=r"stream must be in 0\.\.65535, got 70000"):
        SemanticPacket(70_000, 0, 1, ())
    twice = {key: packet.layers[3].payload for key in (LayerKey(3, 0, 7, 3), LayerKey(3, 0, GROUP_SCOPE, 3))}
    with pytest.raises(PacketError, match="layer numbers must be used once"):
        SemanticPacket.from_payloads(twice)


def test_many_long_captions_are_refused_by_the_budget() -> None:
    payload = bytes([1 << 4 | LayerKind.CAPTION]) + encode_text("長い文" * 1000)
    head = b"SM\x01" + bytes([3, 0, 7])
    layer = [bytes([n]) + b"\x07" + ByteWriter().block(payload).to_bytes() for n in range(1, 100)]
    found = SemanticPacket.from_bytes(with_crc(head + b"".join(layer)))
    assert len(found.layers) == 16 and len(found.damaged) == 83


def test_layers_of_two_pictures_are_refused(packet: SemanticPacket) -> None:
    payloads = {packet.layers[1].key: packet.layers[1].payload, LayerKey(3, 0, 8, 1): packet.layers[1].payload}
    with pytest.raises(PacketError, match="must belong to one picture"):
        SemanticPacket.from_payloads(payloads)


_bytes: list[bytes] = []


def make_packet_bytes() -> bytes:
    if not _bytes:
        _bytes.append(make_packet().to_bytes())
    return _bytes[0]
