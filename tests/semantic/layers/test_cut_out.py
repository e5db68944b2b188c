"""The cut-out: object and mask come back, nothing of a hostile one is decoded, what people see of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from semcom.semantic.coding.label_map import encode_label_map
from semcom.semantic.coding.picture import decode_picture, encode_picture
from semcom.semantic.errors import PacketError
from semcom.semantic.illustration import PAPER
from semcom.semantic.layers import LayerError, LayerKey, LayerKind, decode_layer, encode_layer
from semcom.semantic.layers.cut_out import KIND, CutOut, on_paper
from semcom.semantic.wire import PixelBudget

KEY = LayerKey(0, 0, 1, 66)
HEAD = bytes([1 << 4 | 7, 96, 64])
MASK = np.arange(12)[:, None] > np.arange(24)[None] // 2


def red_car(subject: str = "car") -> CutOut:
    pixels = np.full((16, 32, 3), (190, 30, 30), np.uint8)
    coded = encode_picture(pixels, 200)
    return CutOut(96, 64, subject, (24, 40, 88, 60), MASK, decode_picture(coded, 16, 32), coded)


def test_it_comes_back_alone() -> None:
    sent = red_car("pick-up café")
    layer = encode_layer(KEY, LayerKind.CUT_OUT, sent)
    assert (layer.kind, layer.importance) == (7, 4)
    got = decode_layer(KEY, layer.payload).content
    assert (got.width, got.height, got.subject, got.box) == (96, 64, "pick-up café", (24, 40, 88, 60))
    np.testing.assert_array_equal(got.mask, MASK)
    np.testing.assert_array_equal(got.pixels, sent.pixels)
    assert got.coded_pixels == 12 * 24 + 16 * 32
    assert got.reduction == pytest.approx(2.0)


def test_alpha_is_the_mask_at_any_size() -> None:
    pixels, alpha = red_car().shown(48, 24)
    assert pixels.shape == (24, 48, 3) and alpha.shape == (24, 48)
    large = MASK.repeat(2, 0).repeat(2, 1)
    assert ((alpha >= 128) == large).mean() > 0.95
    assert alpha[-1, 0] == 255 and alpha[0, -1] == 0


def test_people_see_the_object_on_paper() -> None:
    shown = on_paper(red_car())
    assert shown.shape == (16, 32, 3)
    assert tuple(shown[0, -1]) == PAPER and shown[-1, 0, 0] > 150 and shown[-1, 0, 1] < 80
    assert KIND.describe(red_car()).startswith("car at (24, 40, 88, 60), 32 × 16 pixels, mask ")
    assert list(KIND.files(red_car("big car/../x"), 1)) == ["cut_outs/01_big_car_x.png"]
    assert list(KIND.files(red_car(""), 2)) == ["cut_outs/02_object.png"]
    assert KIND.draw(red_car(""), None)[1].startswith("cut-out: main object")


def body(subject: bytes = b"car", box: bytes = bytes([24, 40, 64, 20]), mask: np.ndarray = MASK, tail: bytes = b""):
    coded = encode_label_map(mask.astype(np.uint8), 2)
    sides = bytes([mask.shape[1], mask.shape[0], len(coded)])
    return bytes([len(subject)]) + subject + box + sides + coded + tail


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (bytes([65]) + bytes(65), r"subject length must be in 0\.\.64, got 65"),
        (body(box=bytes([96, 0, 1, 1])), r"box left must be in 0\.\.95, got 96"),
        (body(box=bytes([24, 40, 73, 20])), r"box width must be in 1\.\.72, got 73"),
        (body(box=bytes([24, 40, 64, 25])), r"box height must be in 1\.\.24, got 25"),
        (body()[:8] + bytes([0x81, 0x02, 1, 0]), r"mask width must be in 1\.\.256, got 257"),
        (body()[:8] + bytes([24, 12, 9]) + b"x", "mask needs 9 bytes"),
        (body(mask=np.zeros((4, 4), bool)), "mask must have pixels of the object"),
        (body(tail=bytes([0x81, 0x08, 1])), r"coded width must be in 1\.\.1024, got 1025"),
        (body(tail=bytes([8, 8]) + b"\x03x"), "first byte must name a known codec"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_name(payload: bytes, said: str) -> None:
    with pytest.raises(PacketError, match=said):
        decode_layer(KEY, HEAD + payload)


def test_pixels_are_taken_from_the_packets_budget_before_they_are_decoded() -> None:
    payload = encode_layer(KEY, LayerKind.CUT_OUT, red_car()).payload
    left = PixelBudget(12 * 24 + 16 * 32)
    decode_layer(KEY, payload, pixels=left)
    assert left.left == 0
    with pytest.raises(PacketError, match="mask must have at most 100 pixels"):
        decode_layer(KEY, payload, pixels=PixelBudget(100))
    with pytest.raises(PacketError, match="cut-out must have at most 12 pixels"):
        decode_layer(KEY, payload, pixels=PixelBudget(12 * 24 + 12))


def test_a_subject_cannot_steer_a_terminal() -> None:
    payload = HEAD + body(subject=b"a\x1b[2J\xff") + bytes([32, 16]) + red_car().coded
    assert decode_layer(KEY, payload).content.subject == "a\ufffd[2J\ufffd"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"subject": "x" * 65}, "bytes of the subject"),
        ({"subject": "a\nb"}, "control characters"),
        ({"box": (24, 40, 24, 60)}, "box right"),
        ({"box": (24, 40, 88, 65)}, "box bottom"),
        ({"mask": np.zeros((3, 3), bool)}, "mask must have pixels"),
        ({"mask": np.ones((3, 257), bool)}, "mask width"),
        ({"coded": b""}, "coded bytes"),
    ],
)
def test_writers_refuse_what_readers_would(change: dict, said: str) -> None:
    with pytest.raises(LayerError, match=said):
        encode_layer(KEY, LayerKind.CUT_OUT, replace(red_car(), **change))
