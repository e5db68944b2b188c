"""Blocks that came, in any number, as a picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from semcom.semantic import EncodeRequest, SemanticPacket, decode, encode
from semcom.semantic.layers import LayerKind, encode_layer
from semcom.semantic.metrics.quality import psnr_db
from semcom.semantic.reconstruct import analog, provenance

from ...stand_ins import street


@pytest.fixture(scope="module")
def image():
    return street(240, 160)


@pytest.fixture(scope="module")
def packet(image):
    return encode(image, request=EncodeRequest("linear_analog", config={"cbr": 1 / 6, "snr_db": 20}))


def test_all_blocks_without_noise_are_the_picture(image, packet):
    result = decode(packet)
    assert psnr_db(image, result.picture) > 30
    assert provenance.summary(result.provenance)["pixels_received"] == 1


def test_blocks_say_their_size_without_the_header(image, packet):
    alone = SemanticPacket.from_payloads({layer.key: layer.payload for layer in packet.layers[1:]})
    assert alone.header is None and psnr_db(image, decode(alone).picture) > 30


def test_noise_and_gaps_are_taken_for_what_they_are(packet):
    first, second, _ = analog.analog_blocks(packet)
    noisy = replace(second, noise_var=np.full(len(second.symbols), 0.5, np.float32))
    _, noise_var = analog.gather([noisy])
    there = slice(len(first.symbols), len(first.symbols) + len(second.symbols))
    assert np.isinf(noise_var[: there.start]).all() and np.isinf(noise_var[there.stop :]).all()
    assert (noise_var[there] == 0.5).all()
    assert analog.mean_snr_db(noise_var) == pytest.approx(3.01, abs=0.01)
    assert analog.mean_snr_db(np.full(3, np.inf)) == -20


def test_blocks_of_another_picture_are_left_out(packet):
    layers = packet.of_kind(LayerKind.ANALOG_BLOCK)
    strange = replace(layers[0].content, code=replace(layers[0].content.code, scale_step=5))
    extra = encode_layer(layers[0].key._replace(layer=99), LayerKind.ANALOG_BLOCK, strange)
    mixed = replace(packet, layers=(*packet.layers, extra))
    assert [block.code for block in analog.analog_blocks(mixed)] == [layers[0].content.code] * len(layers)


def test_without_the_filters_the_linear_code_serves(image, packet, monkeypatch):
    blocks = [replace(block, around="deep") for block in analog.analog_blocks(packet)]
    from semcom.semantic.nets import jscc_running

    monkeypatch.setitem(jscc_running.FILES, "deep", "none.safetensors")
    jscc_running.load_jscc.cache_clear()
    assert psnr_db(image, analog.analog_picture(blocks)) > 30
    jscc_running.load_jscc.cache_clear()
