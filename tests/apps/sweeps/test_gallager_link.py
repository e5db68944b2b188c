"""The literature's link: a (3,6) code over QPSK, all of a picture or nothing."""

from __future__ import annotations

import pytest

pytest.importorskip("pyldpc", reason="pyldpc is needed: scripts/setup gallager")

from semcom.apps.delivery.outgoing import AirSettings, prepare
from semcom.apps.sweeps.gallager_link import capacity_snr_db, over_gallager
from semcom.phy.waveform import Waveform
from semcom.semantic import EncodeRequest, analyse

from ...stand_ins import street


def test_all_or_nothing_at_one_bit_a_use():
    analysis = analyse(street(160, 96), EncodeRequest("webp"))
    air = AirSettings(cbr=1 / 6, capacity_snr_db=capacity_snr_db())
    outgoing = prepare(analysis, (0, 0, 1), air, Waveform.load("ofdm64"))
    bits = 8 * sum(len(layer.payload) for layer in outgoing.packet.layers)
    good, bad = (over_gallager(outgoing, snr_db, 1) for snr_db in (4.0, -1.0))
    assert good.payloads == {layer.key: layer.payload for layer in outgoing.packet.layers} and not bad.payloads
    assert 0 <= good.channel_uses - bits * 648 / 650 < 700  # whole words; the code has two bits more than half
    assert capacity_snr_db() == 0
