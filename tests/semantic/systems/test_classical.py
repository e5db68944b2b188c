"""Classical codecs as systems: within the budget, whole in one layer, and what they cannot do is refused by name."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic import (
    EncodeRequest,
    LayerKind,
    RequestError,
    SemanticPacket,
    analyse,
    code,
    decode,
    encode,
    refine,
)
from semcom.semantic.layers.header import SYSTEM_NUMBERS
from semcom.semantic.reconstruct.provenance import RESOLUTION_MASK
from semcom.semantic.refinement import RefinementRequest, Subject

from ...stand_ins import street


def textured(width: int, height: int) -> np.ndarray:
    """uint8 [height, width, 3]: the street with texture, so that quality costs bytes."""
    noise = np.random.default_rng(3).normal(0, 12, (height, width, 3))
    return np.clip(street(width, height) + noise, 0, 255).astype(np.uint8)


SYSTEMS = ("avif", "heic", "jpeg2000", "webp")


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_picture_comes_through_within_the_budget(system: str) -> None:
    image = street(240, 160)
    packet = encode(image, system, 900, stream=3, group=2, picture=7)
    data = packet.to_bytes()
    assert len(data) <= 900 and packet.identity == (3, 2, 7)
    received = SemanticPacket.from_bytes(data)
    assert received.header.system == system and received.missing() == received.damaged == ()
    assert [layer.name for layer in received.layers] == ["header-0", "picture-1"]
    shown = decode(received)
    content = received.content(LayerKind.PICTURE)
    np.testing.assert_array_equal(shown.picture, content.shown(240, 160))
    assert np.abs(shown.picture.astype(int) - image).mean() < 12
    assert (shown.provenance & RESOLUTION_MASK > 0).all()


def test_numbers_on_the_wire_only_grow() -> None:
    assert SYSTEM_NUMBERS == {"es-isc": 1, "multi-sc": 2, "seb": 3, "avif": 4, "heic": 5, "jpeg2000": 6, "webp": 7}


def test_without_a_budget_it_compresses_as_es_isc_does() -> None:
    assert 500 < len(encode(textured(240, 160), "webp").to_bytes()) <= 1000
    assert len(encode(textured(480, 320), "webp", 1500).to_bytes()) > 1000


def test_a_second_budget_codes_again_from_the_analysis() -> None:
    analysis = analyse(textured(240, 160), EncodeRequest("webp", budget_bytes=600))
    first = code(analysis).to_bytes()
    assert len(first) <= 600 < len(code(analysis, 1500).to_bytes()) <= 1500
    assert code(analysis).to_bytes() == first


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"without": ["person"]}, "system avif cannot honour without, got person"),
        ({"profile": "tasks"}, "system avif cannot honour profile, got 'tasks'"),
        ({"budget_bytes": 60}, "budget_bytes must be more for avif of 240 × 160 pixels, got 60"),
        ({"budget_bytes": 5}, "budget_bytes must be more for avif of 240 × 160 pixels, got 5"),
    ],
)
def test_what_a_codec_cannot_do_is_refused_by_name(asked: dict, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        encode(street(240, 160), "avif", **asked)


def test_a_picture_too_small_for_heic_is_refused() -> None:
    with pytest.raises(RequestError, match="for heic of 40 × 30 pixels"):
        encode(street(40, 30), "heic", 5000)


def test_more_bytes_for_the_scene_are_a_finer_picture_and_nothing_else_can_be_asked() -> None:
    analysis = analyse(textured(240, 160), EncodeRequest("webp", budget_bytes=400))
    packet = code(analysis)
    assert refine(analysis, RefinementRequest(Subject.CLASS_MAP), packet) == []
    assert refine(analysis, RefinementRequest(Subject.SCENE, max_bytes=150), packet) == []
    (finer,) = refine(analysis, RefinementRequest(Subject.SCENE, max_bytes=1200), packet)
    assert finer.key.layer == 2 and len(finer.payload) <= 1200
    both = packet.with_layers([finer])
    assert both.content(LayerKind.PICTURE) is finer.content
    np.testing.assert_array_equal(decode(both).picture, finer.content.shown(240, 160))
