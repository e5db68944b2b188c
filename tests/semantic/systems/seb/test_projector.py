"""Sets are split by the trained projector where it can run, and by small pictures where not; the sender is told."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from semcom.semantic import EncodeRequest, RequestError, encode_set
from semcom.semantic.systems.seb import projector
from semcom.semantic.systems.seb.projector import compared, load_projector
from semcom.semantic.systems.seb.splitting import plain_features, split

from .sets import camera


@pytest.fixture
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where torch is not installed."""
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in ("backbone_views", "loading", "set_projector"):
        monkeypatch.delitem(sys.modules, f"semcom.semantic.nets.{name}", raising=False)
    load_projector.cache_clear()


def hills(height: int, width: int) -> np.ndarray:
    """A scene of another kind than `camera`'s: a bright sky over dark waves."""
    down, right = np.mgrid[:height, :width]
    wave = height / 2 + 20 * np.sin(right / 25)
    sky = np.stack([90 + down / 4, 140 + down / 4, 230 - down / 8], -1)
    ground = np.stack([40 + right / 16, 90 + 0 * right, 30 + 0 * right], -1)
    return np.where((down < wave)[..., None], sky, ground).astype(np.uint8)


def views(scene: np.ndarray) -> list[np.ndarray]:
    """One scene, 240 × 320, through a window that moves, in light that changes."""
    made = []
    for number in range(4):
        window = scene[8 * number : 8 * number + 180, 12 * number : 12 * number + 256]
        made.append(np.clip(window * (0.8 + 0.1 * number), 0, 255).astype(np.uint8))
    return made


BLOCKS, HILLS = views(camera(1, 320, 240)[0]), views(hills(240, 320))


def test_two_scenes_are_two_subsets_whatever_the_light() -> None:
    pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
    pictures = [picture for pair in zip(BLOCKS, HILLS, strict=True) for picture in pair]
    found = compared(pictures, "projector")
    assert found.note == ""
    np.testing.assert_allclose(np.linalg.norm(found.features, axis=1), 1, rtol=1e-5)
    subsets = split(found.features, 8, 0.4, np.random.default_rng(1))
    assert [subset.tolist() for subset in subsets] == [[0, 2, 4, 6], [1, 3, 5, 7]]
    for scene in (BLOCKS, HILLS):
        alone = compared(scene, "projector")
        assert len(split(alone.features, 8, 0.4, np.random.default_rng(1))) == 1


@pytest.mark.usefixtures("without_torch")
def test_without_torch_small_pictures_serve_and_the_sender_is_told() -> None:
    pictures = camera(2, seed=1) + camera(2, seed=2)
    found = compared(pictures, "projector")
    assert "split by small pictures in its place" in found.note and "torch" in found.note
    np.testing.assert_array_equal(found.features[1], plain_features(pictures[1]))
    request = EncodeRequest(system="seb", budget_bytes=400)
    for packet in encode_set(pictures, request):
        ((kind, why),) = packet.left_out
        assert kind == "projector" and why == found.note
    assert not any(packet.left_out for packet in encode_set(pictures[:3], request))  # nothing to split


def test_small_pictures_are_taken_where_they_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projector, "load_projector", lambda: pytest.fail("was not wanted"))
    pictures = camera(2, seed=1) + camera(2, seed=2)
    plain = EncodeRequest(system="seb", budget_bytes=400, config={"splitting": "plain"})
    assert compared(pictures, "plain").note == ""
    assert not any(packet.left_out for packet in encode_set(pictures, plain))
    with pytest.raises(RequestError, match="splitting must be projector or plain, got 'best'"):
        encode_set(pictures, EncodeRequest(system="seb", config={"splitting": "best"}))
