"""Close-ups share their bytes by their sides, and what one leaves the next ones have; a scene is coded alike again."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.coding.picture_fitting import FittedPicture, PictureFitter
from semcom.semantic.coding.quality_guess import Coding
from semcom.semantic.extract.region_selector import Region
from semcom.semantic.framing import framed_bytes
from semcom.semantic.systems.es_isc.sub_images import SceneCoder, close_up_layers

from ...coding.maps import painting


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


def test_what_was_coded_before_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that begins elsewhere may end elsewhere: a packet coded again is the same packet."""
    picture = painting(240, 320)
    begun: dict[int, Coding | None] = {}
    fit = PictureFitter.fit

    def watched(fitter: PictureFitter, max_bytes: int, max_pixels: int = 1 << 20) -> FittedPicture | None:
        begun[max_bytes] = fitter.last
        return fit(fitter, max_bytes, max_pixels)

    monkeypatch.setattr(PictureFitter, "fit", watched)

    def coded(coder: SceneCoder, max_bytes: int) -> tuple[list[bytes], dict[int, Coding | None]]:
        begun.clear()
        coder.measure(max_bytes)
        return [layer.payload for layer in coder.layers(max_bytes, 300, (0, 0, 1))], dict(begun)

    again = SceneCoder(picture)
    for max_bytes in (700, 4000, 2500):
        (layers, starts), (fresh_layers, fresh_starts) = coded(again, max_bytes), coded(SceneCoder(picture), max_bytes)
        assert layers == fresh_layers and starts.items() <= fresh_starts.items()
        again.fresh_layer(1200, (0, 0, 1), 1 << 20)
    assert fresh_starts[max(fresh_starts)] is not None  # the finer scene begins where the measurement has come to
    assert fresh_starts[min(fresh_starts)] is None  # and the base, which other budgets share, by itself
