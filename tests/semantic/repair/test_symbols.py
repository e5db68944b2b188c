"""What the link says of the noise is written into the layers that came as symbols, and into no others."""

from __future__ import annotations

import numpy as np

from semcom.semantic import EncodeRequest, SemanticPacket, encode
from semcom.semantic.repair import repair

from ...stand_ins import street


def test_noise_is_in_the_file_afterwards():
    packet = encode(street(64, 64), request=EncodeRequest("linear_analog"))
    layer = packet.layers[1]
    count = len(layer.content.symbols)
    received = repair(packet, {layer.key: bytes([120]) * count, packet.layers[0].key: b""})
    again = SemanticPacket.from_bytes(received.to_bytes())
    np.testing.assert_allclose(again.layers[1].content.noise_var, np.full(count, 0.1), rtol=1e-6)
    assert again.layers[0].payload == packet.layers[0].payload and again.layers[1].requires == layer.requires


def test_what_came_exactly_stays_so():
    packet = encode(street(64, 64), request=EncodeRequest("linear_analog"))
    assert repair(packet, {}).layers[1].content.noise_var is None
