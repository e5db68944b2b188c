"""The cut-out with analog pixels: how many symbols in which bytes, what a receiver makes of them, what is in none."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from semcom.phy.channel.ideal import send_symbols
from semcom.semantic import EncodeRequest, LayerKind, RequestError, SemanticPacket, decode, encode
from semcom.semantic.layers import LayerKey
from semcom.semantic.layers.analog_block import EXACT_BYTES, noise_to_bytes
from semcom.semantic.metrics.quality import psnr_db
from semcom.semantic.reconstruct import provenance as prov
from semcom.semantic.repair import repair
from semcom.semantic.systems.analog import AnalogSettings
from semcom.semantic.systems.multi_sc.analog_cut_out import MAX_BLOCKS, analog_cut_out_layers
from semcom.semantic.systems.multi_sc.cut_out_coding import CutOutRoom
from semcom.semantic.systems.multi_sc.main_object import MainObject

from ....stand_ins import street

pytestmark = pytest.mark.usefixtures("sees_red")

ANALOG = EncodeRequest(system="multi-sc", config={"pixels": "analog"})
KEY = LayerKey(0, 0, 1, 66)
BOX = np.s_[100:140, 60:120]
"""Of the car in a street of 240 × 160."""


def textured_street() -> np.ndarray:
    """The street with a pattern on the car that a receiver can get wrong."""
    image = street(240, 160)
    y, x = np.mgrid[:40, :60]
    image[BOX][..., 0] = 190 + 40 * np.sin(x / 4) * np.cos(y / 5)
    return image


def over_noise(packet: SemanticPacket, esno_db: float, *lost: int) -> SemanticPacket:
    """As a receiver has it: coded bytes as they were, symbols with noise of known variance."""
    rng, payloads, noise = np.random.default_rng(7), {}, {}
    for layer in packet.layers:
        if layer.key.layer in lost:
            continue
        payloads[layer.key] = layer.payload
        if layer.analog:
            symbols, noise_var = send_symbols(layer.content.symbols, esno_db, rng)
            steps = np.rint(1024 * symbols.astype(np.complex64).view(np.float32)).astype(">i2")
            payloads[layer.key] = layer.payload[:EXACT_BYTES] + steps.tobytes()
            noise[layer.key] = noise_to_bytes(noise_var)
    return repair(SemanticPacket.from_payloads(payloads), noise)


def blocks(packet: SemanticPacket) -> list:
    return [layer.content for layer in packet.of_kind(LayerKind.ANALOG_BLOCK)]


def test_mask_and_place_are_coded_and_the_pixels_are_symbols() -> None:
    packet = SemanticPacket.from_bytes(encode(street(240, 160), request=ANALOG).to_bytes())
    cut_out, (block,) = packet.content(LayerKind.CUT_OUT), blocks(packet)
    assert cut_out.is_analog and not cut_out.has_pixels and cut_out.coded == b"" and cut_out.box == (60, 100, 120, 140)
    assert block.of_cut_out and (block.code.width, block.code.height) == (60, 40)
    assert len(block.symbols) == round(0.08333 * 60 * 40 * 3) and block.code.design_snr_db == 10
    assert packet.size == (240, 160) and packet.layers[-1].requires == (packet.layers[-2].key,)
    assert [layer.importance for layer in packet.layers[-2:]] == [5, 4]


def test_the_object_gets_better_with_every_decibel_and_is_never_gone() -> None:
    image = textured_street()
    packet = encode(image, request=replace(ANALOG, config={"pixels": "analog", "cbr": "1/4"}))
    quality = [psnr_db(image[BOX], decode(over_noise(packet, esno_db)).picture[BOX]) for esno_db in (-9, -3, 3, 9, 15)]
    assert all(better > worse + 0.5 for worse, better in pairwise(quality)), quality
    assert quality[0] > 14 and quality[-1] > 28


def test_its_pixels_count_as_received_whoever_made_the_rest() -> None:
    packet = over_noise(encode(textured_street(), request=ANALOG), 6)
    made = decode(packet, "generator")
    inside = made.provenance[105:135, 65:115]
    assert (inside & prov.GENERATED == 0).all() and (inside & prov.RESOLUTION_MASK > 0).all()
    assert (made.provenance[:90] & prov.GENERATED > 0).all()
    (shown,) = [layer.content for layer in made.layers if layer.kind == LayerKind.CUT_OUT]
    assert shown.has_pixels and np.ptp(shown.pixels[..., 0]) > 40


@pytest.mark.parametrize(("lost", "whole"), [(66, False), (67, False), (2, True)])
def test_without_mask_or_symbols_there_is_no_object_but_all_else(lost: int, whole: bool) -> None:
    packet = over_noise(encode(street(240, 160), request=ANALOG), 10, lost)
    made = decode(packet)
    received = made.provenance & prov.RESOLUTION_MASK > 0
    assert received.any() == whole and [key.layer for key in made.missing] == [lost]
    assert made.picture.shape == (160, 240, 3) and "ower left" in made.caption.text


def test_symbols_alone_are_nobody_s_picture() -> None:
    packet = encode(street(240, 160), request=ANALOG)
    for numbers in ((66,), (67,), (0, 67)):
        alone = SemanticPacket.from_payloads({la.key: la.payload for la in packet.layers if la.key.layer in numbers})
        assert not alone.says_something and alone.size == (None if numbers == (67,) else (240, 160))


def test_nothing_of_what_is_around_the_object_is_in_its_symbols() -> None:
    """Pictures that differ wherever the object is not give the same symbols, bit for bit."""
    mask = np.hypot(*(np.mgrid[:160, :240] - np.array([80, 120])[:, None, None])) < 50
    rng, disc = np.random.default_rng(1), MainObject("ball", mask)
    one = rng.integers(0, 256, (160, 240, 3), dtype=np.uint8)
    other = np.where(mask[..., None], one, 255 - one)
    settings = AnalogSettings(1 / 12, 10)
    sent = [analog_cut_out_layers(each, disc, 1, CutOutRoom(900), KEY, settings, False) for each in (one, other)]
    assert sent[0] and [layer.payload for layer in sent[0]] == [layer.payload for layer in sent[1]]


@pytest.mark.parametrize("system", ["multi-sc", "single-text"])
def test_a_withheld_object_is_in_no_symbol(system: str) -> None:
    packet = encode(street(480, 320), request=replace(ANALOG, system=system, without=("vehicle",)))
    assert not packet.of_kind(LayerKind.ANALOG_BLOCK) and not packet.of_kind(LayerKind.CUT_OUT)


@pytest.mark.parametrize("budget_bytes", [200, 300, 1200, 9000])
def test_a_budget_holds_the_symbols_four_bytes_each(budget_bytes: int) -> None:
    packet = encode(street(480, 320), request=replace(ANALOG, budget_bytes=budget_bytes))
    assert len(packet.to_bytes()) <= budget_bytes
    if budget_bytes >= 300:
        count = sum(len(block.symbols) for block in blocks(packet))
        assert 4 * count > 0.4 * budget_bytes or count == 2400


def test_few_symbols_make_it_smaller_and_large_objects_keep_to_what_receivers_decode() -> None:
    image, mask = np.zeros((1200, 3000, 3), np.uint8), np.ones((1200, 3000), bool)
    image[::7, ::5] = 200
    head, *symbols = analog_cut_out_layers(
        image, MainObject("", mask), 1, CutOutRoom(900, 500_000), KEY, AnalogSettings(1 / 12, 10), False
    )
    rows, columns = head.content.pixels.shape[:2]
    assert columns == 1024 or rows * columns + sum(layer.coded_pixels for layer in symbols) > 400_000
    assert head.coded_pixels + sum(layer.coded_pixels for layer in symbols) <= 500_000 and len(symbols) <= MAX_BLOCKS
    few, block = analog_cut_out_layers(
        image[:300, :300], MainObject("", mask[:300, :300]), 1, CutOutRoom(500), KEY, AnalogSettings(1 / 12, 10), True
    )
    assert few.content.pixels.shape[0] < 150 and len(block.content.symbols) < 120
    assert (
        analog_cut_out_layers(image, MainObject("", mask), 1, CutOutRoom(30), KEY, AnalogSettings(0.1, 0), True) == []
    )


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"pixels": "loud"}, "pixels must be coded or analog, got 'loud'"),
        ({"pixels": True}, "pixels must be coded or analog, got True"),
        ({"cbr": 0.6}, "cbr of system multi-sc must be above 0 and at most 0.5"),
        ({"snr_db": 99}, "snr_db of system multi-sc must be -20 to 40, got 99"),
        ({"size": 2}, "centrality, pixels, cbr, snr_db, got 'size'"),
    ],
)
def test_settings_that_cannot_be_are_refused(config: dict, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        encode(street(), request=EncodeRequest("multi-sc", config=config))
