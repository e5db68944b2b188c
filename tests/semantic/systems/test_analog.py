"""The analog systems: how many symbols, which settings, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic import EncodeRequest, RequestError, analyse, code, encode
from semcom.semantic.errors import ModelError
from semcom.semantic.layers import LayerKind
from semcom.semantic.systems import analog

from ...stand_ins import street


def blocks(packet):
    return [layer.content for layer in packet.of_kind(LayerKind.ANALOG_BLOCK)]


def test_symbols_are_as_many_as_the_cbr_says():
    image = street(240, 160)
    packet = encode(image, request=EncodeRequest.from_options("linear_analog,cbr=1/6,snr_db=7"))
    assert [len(block.symbols) for block in blocks(packet)] == [8192, 8192, 2816]  # 240 * 160 * 3 / 6 = 19200
    assert {block.code.design_snr_db for block in blocks(packet)} == {7}
    assert [layer.key.layer for layer in packet.layers] == [0, 1, 2, 3] and packet.header.system == "linear_analog"


@pytest.mark.parametrize("budget_bytes", [200, 4096, 40_000, 100_000])
def test_a_budget_is_kept(budget_bytes):
    packet = encode(street(240, 160), request=EncodeRequest("linear_analog", budget_bytes=budget_bytes))
    assert budget_bytes - 0.01 * budget_bytes - 45 < len(packet.to_bytes()) <= budget_bytes


def test_a_budget_for_more_than_there_is_gives_every_coefficient():
    packet = encode(street(48, 48), request=EncodeRequest("linear_analog", budget_bytes=1 << 20))
    assert sum(len(block.symbols) for block in blocks(packet)) == 9 * 384


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ("linear_analog,crb=0.1", "config of system linear_analog must be of the keys cbr, snr_db, got 'crb'"),
        ("linear_analog,cbr=0.6", "cbr of system linear_analog must be above 0 and at most 0.5"),
        ("linear_analog,cbr=0", "cbr of system linear_analog must be above 0"),
        ("linear_analog,cbr=1/0", "cbr must be a number, got '1/0'"),
        ("linear_analog,snr_db=41", "snr_db of system linear_analog must be -20 to 40, got 41"),
    ],
)
def test_settings_that_cannot_be_are_refused(options, rule):
    with pytest.raises(RequestError, match=rule):
        analyse(street(64, 64), EncodeRequest.from_options(options))


def test_pictures_beyond_the_limits_are_refused():
    with pytest.raises(RequestError, match="at most 4194304 pixels, got 2049 × 2048"):
        analyse(np.zeros((2048, 2049, 3), np.uint8), EncodeRequest("linear_analog"))
    large = analyse(np.zeros((2048, 2048, 3), np.uint8), EncodeRequest("linear_analog", config={"cbr": 0.2}))
    with pytest.raises(RequestError, match=r"cbr of linear_analog must be at most 0.163 for this picture, got 0.2"):
        code(large)


def test_weights_that_are_not_there_are_named(monkeypatch):
    from semcom.semantic.nets import jscc_running

    monkeypatch.setitem(jscc_running.FILES, "deep", "none.safetensors")
    jscc_running.load_jscc.cache_clear()
    with pytest.raises(ModelError, match=r"none.safetensors are missing"):
        analog.jscc().code(analyse(street(64, 64), EncodeRequest("jscc")), None)
    jscc_running.load_jscc.cache_clear()
