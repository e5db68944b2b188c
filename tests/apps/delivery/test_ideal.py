"""An ideal link: Shannon's channel uses, nothing lost, noise in analog symbols alone."""

from __future__ import annotations

import math

import numpy as np
import pytest

from semcom.apps.delivery.ideal import ideal_exchange
from semcom.apps.delivery.outgoing import AirSettings, ideal_uses, prepare
from semcom.apps.delivery.packet_items import items_of, rebuild
from semcom.apps.delivery.send import SendSettings, send_photo
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.radio import load_simulated
from semcom.semantic import EncodeRequest, analyse
from semcom.semantic.metrics.quality import psnr_db

from ...stand_ins import street


def textured():
    rng = np.random.default_rng(5)
    return np.clip(street(240, 160) + rng.normal(0, 12, (160, 240, 3)), 0, 255).astype(np.uint8)


def sent(system, limit, snr_db, **config):
    analysis = analyse(textured(), EncodeRequest(system, config=config))
    outgoing = prepare(analysis, (0, 0, 1), AirSettings(cbr=limit, capacity_snr_db=snr_db), Waveform.load("ofdm64"))
    return analysis.picture, outgoing, items_of(outgoing.packet)


@pytest.mark.parametrize("snr_db", [0, 10])
def test_a_codec_fills_what_capacity_carries(snr_db):
    image, outgoing, items = sent("webp", 1 / 24, snr_db)
    came = ideal_exchange(outgoing.frames, items, snr_db, 1, 1e6)
    assert came.payloads == {layer.key: layer.payload for layer in outgoing.packet.layers} and not came.damaged
    bits = 8 * sum(len(layer.payload) for layer in outgoing.packet.layers)
    assert came.channel_uses == math.ceil(bits / math.log2(1 + 10 ** (snr_db / 10)))
    assert 0.8 < came.channel_uses / (image.size / 24) <= 1
    assert came.airtime_s == came.channel_uses / 1e6 and came.account.totals().lost == 0


def test_analog_symbols_take_one_use_each_and_get_the_noise():
    image, outgoing, items = sent("linear_analog", None, 10, cbr=1 / 6)
    came = ideal_exchange(outgoing.frames, items, 10, 1, 1e6)
    symbols = sum((len(item.payload) - item.exact_bytes) // 4 for item in items if item.analog)
    assert symbols == image.size // 6 and symbols < came.channel_uses < 1.02 * symbols
    assert ideal_uses(items, 10) == came.channel_uses
    packet, result, notes = rebuild(came.payloads, came.damaged)
    for layer in packet.layers[1:]:
        np.testing.assert_allclose(layer.content.noise_var, 0.1, rtol=0.06)
    quality = psnr_db(image, result.picture)
    assert quality > 20 and not notes
    again = rebuild(*(lambda e: (e.payloads, e.damaged))(ideal_exchange(outgoing.frames, items, 10, 1, 1e6)))[1]
    np.testing.assert_array_equal(result.picture, again.picture)  # a seed, a result
    worse = ideal_exchange(outgoing.frames, items, 0, 1, 1e6)
    assert psnr_db(image, rebuild(worse.payloads, worse.damaged)[1].picture) < quality - 3


def test_analog_symbols_keep_to_a_cbr():
    image, _, items = sent("linear_analog", 1 / 24, 10)
    assert 0.9 < ideal_uses(items, 10) / (image.size / 24) <= 1


def test_a_photo_is_sent_and_reported_like_over_the_modem():
    settings = SendSettings(EncodeRequest("webp"), "ideal", load_simulated("ideal"), AirSettings(cbr=1 / 24))
    report = send_photo("street", street(240, 160), settings)
    assert (report.outcome, report.radio["mcs"]) == ("complete", "ideal")
    assert report.channel_uses <= 240 * 160 * 3 / 24 and report.metrics["psnr_db"] > 15
    entry = report.result()
    assert entry.channel_uses == report.channel_uses
