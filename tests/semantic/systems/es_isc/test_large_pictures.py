"""Photos of many megapixels: every layer that is made decodes, none takes the reader's pixels from another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from semcom.semantic import LayerError, LayerKey, LayerKind, SemanticPacket, encode
from semcom.semantic.coding.picture_fitting import PictureFitter
from semcom.semantic.extract.region_selector import Region
from semcom.semantic.layers import DetailMap, encode_layer
from semcom.semantic.packet import pixels_left
from semcom.semantic.systems.es_isc.sub_images import SceneCoder, close_up_layers, close_up_of
from semcom.semantic.wire import MAX_CODED_PIXELS

from ....stand_ins import stand_ins, street  # noqa: F401

pytestmark = pytest.mark.usefixtures("stand_ins")


def large(width: int, height: int) -> np.ndarray:
    """The street with fine texture everywhere."""
    image = street(width, height)
    tile = np.random.default_rng(1).integers(-60, 61, (97, 101, 1), dtype=np.int16)
    texture = np.tile(tile, (-(-height // 97), -(-width // 101), 1))[:height, :width]
    return np.clip(image + texture, 0, 255).astype(np.uint8)


@pytest.mark.timeout(500)
@pytest.mark.parametrize(
    ("size", "profile", "budget_bytes"),
    [
        ((3000, 2000), "meaning", None),
        ((2450, 2450), "tasks", 150_000),
        ((6000, 4000), "pixels", None),
        ((8660, 5773), "meaning", None),
        ((16_384, 400), "meaning", None),
    ],
)
def test_every_layer_of_a_large_photo_decodes(size: tuple[int, int], profile: str, budget_bytes: int | None) -> None:
    packet = encode(large(*size), budget_bytes=budget_bytes, profile=profile)
    again = SemanticPacket.from_bytes(packet.to_bytes())
    assert again.damaged == () and again.layers == packet.layers
    by_link = SemanticPacket.from_payloads({layer.key: layer.payload for layer in packet.layers})
    assert by_link.damaged == () and len(by_link.layers) == len(packet.layers)
    assert pixels_left(packet.layers) >= 0
    sub_images = [layer.content for layer in packet.of_kind(LayerKind.SUB_IMAGE)]
    scenes = [sub_image for sub_image in sub_images if sub_image.is_scene]
    assert sub_images[0].is_scene and max(scenes[-1].pixels.shape) > 600
    if profile == "tasks":  # close-ups are half of it, and still come
        assert len(sub_images) > 1 and sub_images[1].coded_pixels > 10_000


def test_a_limit_of_pixels_makes_a_coarser_picture_not_none() -> None:
    fitter = PictureFitter(large(1200, 800))
    free = fitter.fit(20_000)
    assert (free.width, free.height) == fitter.fit(20_000, 1 << 20).pixels.shape[1::-1]
    for max_pixels in (100_000, 5_000, 100):
        fitted = fitter.fit(20_000, max_pixels)
        assert fitted.width * fitted.height <= max_pixels
        assert fitted.pixels.shape == (fitted.height, fitted.width, 3)
    assert fitter.fit(20_000, 63) is None and fitter.fit(20_000, 0) is None


def test_scene_and_close_ups_share_what_is_left() -> None:
    image, identity = large(1600, 1200), (0, 0, 1)
    scene = SceneCoder(image).layer(20_000, identity, 50_000)
    assert scene.coded_pixels <= 50_000
    regions = [Region(1, (0, 0, 800, 600)), Region(2, (700, 500, 1500, 1100))]
    layers = close_up_layers(image, regions, 40_000, [scene], identity, 60_000)
    assert layers and sum(layer.coded_pixels for layer in layers) <= 60_000
    alone = close_up_of(image, regions[0], 20_000, LayerKey(*identity, 9), 7_000)
    assert alone.coded_pixels <= 7_000


def test_a_packet_that_could_not_be_read_is_not_made() -> None:
    edges = np.zeros((1000, 1024), bool)
    layers = [
        encode_layer(LayerKey(0, 0, 1, number), LayerKind.DETAIL_MAP, DetailMap(1024, 1000, 1, edges))
        for number in (1, 2)
    ]
    with pytest.raises(LayerError, match=f"at most {MAX_CODED_PIXELS} coded pixels, got 2048000"):
        SemanticPacket.build((1024, 1000), "es-isc", layers)
    one = SemanticPacket.build((1024, 1000), "es-isc", layers[:1])
    with pytest.raises(LayerError, match="coded pixels"):
        one.with_layers(layers[1:])
    with pytest.raises(LayerError, match="coded pixels"):
        replace(one, layers=(*one.layers, layers[1])).to_bytes()
    assert pixels_left(one.layers) == MAX_CODED_PIXELS - edges.size
