"""Close-ups share their bytes by their sides, and what one leaves the next ones have."""

from __future__ import annotations

import numpy as np

from semcom.semantic.extract.region_selector import Region
from semcom.semantic.framing import framed_bytes
from semcom.semantic.systems.es_isc.sub_images import SceneCoder, close_up_layers


def test_close_ups_share_their_bytes_by_their_sides() -> None:
    """Noise takes what it is given: three of equal sides get a third each, in the order they come."""
    noise = np.random.default_rng(3).integers(0, 256, (96, 288, 3)).astype(np.uint8)
    scene = SceneCoder(noise).layers(300, 0, (0, 0, 1))
    assert len(scene) == 1
    regions = [Region(number + 1, (96 * number, 0, 96 * (number + 1), 96)) for number in range(3)]
    layers = close_up_layers(noise, regions, 6000, scene, (0, 0, 1))
    sizes = [framed_bytes(layer) for layer in layers]
    assert len(sizes) == 3 and sum(sizes) <= 6000 and all(1500 < size <= 2300 for size in sizes)
    assert [layer.key.layer for layer in layers] == [scene[-1].key.layer + 1 + number for number in range(3)]
    assert [layer.content.box for layer in layers] == [region.box for region in regions]
