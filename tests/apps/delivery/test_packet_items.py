from __future__ import annotations

from semcom.apps.delivery.packet_items import items_of, rebuild
from semcom.semantic import LayerKey

from ...group_layers import packet_of_group, shared_layer


def test_a_packet_may_be_sent_as_any_picture_and_the_group_keeps_its_number():
    items = items_of(packet_of_group(1, stream=4, group=6), group=7, picture=9)
    assert [tuple(item.key) for item in items] == [(4, 7, 9, 0), (4, 7, 9, 1), (4, 7, 0, 5)]
    assert items[1].requires == (items[2].key,)


def test_layers_that_came_damaged_are_shown_and_named():
    packet = packet_of_group(1)
    payloads = {layer.key: layer.payload for layer in packet.layers}
    caption, shared = LayerKey(0, 0, 1, 1), shared_layer().key
    payloads[shared] = b""
    received, reconstruction, notes = rebuild(payloads, damaged=[caption, shared])
    assert reconstruction.caption.text == "Picture 1." and [key for key, _ in received.damaged] == [shared]
    assert [note for note in notes if "wrong bytes" in note] == [
        "Layer 0/0/1/1 came with wrong bytes: it may say what was not sent."
    ]
    assert any("Layer 0/0/*/5 could not be read" in note for note in notes)


def test_layers_that_make_no_packet_are_no_reason_to_stop():
    packet = packet_of_group(1)
    payloads = {layer.key: layer.payload for layer in packet.layers}
    payloads[LayerKey(0, 0, 0, 1)] = packet.layers[1].payload  # the number of a layer of the picture
    received, reconstruction, notes = rebuild(payloads)
    assert received is None and reconstruction is None and "layer numbers must be used once" in notes[-1]
    assert rebuild({})[2] == ["No layer arrived whole: nothing can be shown."]
