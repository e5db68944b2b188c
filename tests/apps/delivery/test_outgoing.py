"""A photo within an airtime: what there is room for is sent."""

from __future__ import annotations

import numpy as np

from semcom.apps.delivery.outgoing import AirSettings, prepare
from semcom.phy.waveform import Waveform
from semcom.semantic import EncodeRequest, analyse

from ...stand_ins import stand_ins, street  # noqa: F401


def test_a_few_symbols_of_the_object_are_sent_where_there_is_no_room_for_many(stand_ins) -> None:  # noqa: F811
    """Soft captions and the mask take most of it: the search by symbols finds no packet, that by bytes does."""
    noise = np.random.default_rng(5).normal(0, 12, (160, 240, 3))
    photo = np.clip(street(240, 160) + noise, 0, 255).astype(np.uint8)
    analysis = analyse(photo, EncodeRequest.from_options("multi-sc,pixels=analog", text="soft"))
    out = prepare(analysis, (0, 0, 1), AirSettings("qpsk-1/2", 1024, cbr=0.12), Waveform.load("ofdm64"))
    assert {"plain_text", "cut_out", "analog_block"} <= {layer.label for layer in out.packet.layers}
    assert not out.left_out
