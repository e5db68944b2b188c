"""Checkpoints of the project segment-anything: the same masks as the network they were made of; its package, too."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from semcom.semantic import registry
from semcom.semantic.backends.vision import segment_anything
from semcom.semantic.errors import ModelError, SemanticError

from ....stand_ins import street
from ..vision_checkpoints import original_sam, sam_network

LENIENT = {"points_per_side": 4, "least_iou": -9.0, "least_stability": 0.0}


def test_the_network_is_the_one_that_was_saved(tmp_path: Path, models: Path) -> None:
    import torch

    folder = original_sam(tmp_path, pickled=True)
    detailer = registry.create("detailers", "segment-anything", LENIENT | {"folder": str(folder)})
    ours, wanted = detailer._loaded.model, sam_network()
    pixels, points = torch.randn(1, 3, 64, 64), torch.tensor([[[[20.0, 30.0]]]])
    with torch.inference_mode():
        one, other = (model(pixel_values=pixels, input_points=points) for model in (ours, wanted))
    torch.testing.assert_close(one.pred_masks, other.pred_masks)
    torch.testing.assert_close(one.iou_scores, other.iou_scores)


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize(("width", "height"), [(96, 64), (16, 16), (300, 100)])
def test_boundaries_by_name(width: int, height: int) -> None:
    strength = registry.create("detailers", "segment-anything", LENIENT)(street(width, height))
    assert strength.shape == (height, width) and strength.dtype == np.float32 and strength.max() > 0


def test_another_checkpoint_is_refused(tmp_path: Path, models: Path) -> None:
    import torch

    torch.save({"weight": torch.ones(2)}, tmp_path / "sam_vit_x.pth")
    with pytest.raises(ModelError, match=r"a checkpoint of segment-anything, got no 'image_encoder\.pos_embed'"):
        segment_anything.OriginalSamDetailer(str(tmp_path))
    tensors = torch.load(original_sam(tmp_path / "b", pickled=True) / "sam_vit_t.pth")
    tensors.pop("mask_decoder.iou_token.weight")
    torch.save(tensors, tmp_path / "sam_vit_x.pth")
    with pytest.raises(ModelError, match=r"got no 'mask_decoder\.iou_token\.weight'"):
        segment_anything.OriginalSamDetailer(str(tmp_path))


class Generator:
    """In the place of the package's: one square of a quarter of the picture."""

    def __init__(self, network: object, **options: object) -> None:
        self.network, self.options = network, options

    def generate(self, image: np.ndarray) -> list[dict]:
        mask = np.zeros(image.shape[:2], bool)
        mask[image.shape[0] // 4 : image.shape[0] // 2, image.shape[1] // 4 : image.shape[1] // 2] = True
        return [{"segmentation": mask, "predicted_iou": 0.9, "stability_score": 0.95}]


def test_the_package_serves_where_it_is(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    with pytest.raises(SemanticError, match="needs the package segment_anything with torchvision, not installed"):
        registry.create("detailers", "segment-anything-package")
    torch.save({"image_encoder.pos_embed": torch.ones(1, 4, 4, 768)}, tmp_path / "sam_vit_b.pth")

    class Network(torch.nn.Module):
        def __init__(self, checkpoint: None) -> None:
            super().__init__()
            self.image_encoder = torch.nn.Module()
            self.image_encoder.pos_embed = torch.nn.Parameter(torch.zeros(1, 4, 4, 768))

    package = SimpleNamespace(sam_model_registry={"vit_b": Network}, SamAutomaticMaskGenerator=Generator)
    monkeypatch.setitem(sys.modules, "segment_anything", package)
    config = {"folder": str(tmp_path), "points_per_side": 8, "least_iou": 0.5}
    detailer = registry.create("detailers", "segment-anything-package", config)
    assert detailer._generator.network.image_encoder.pos_embed.sum() == 4 * 4 * 768
    assert detailer._generator.options["points_per_side"] == 8 and detailer._generator.options["pred_iou_thresh"] == 0.5
    strength = detailer(street(96, 64))
    assert strength.shape == (64, 96) and strength[16, 30] > 0.5 and strength[24, 36] == 0
    assert detailer(street(1500, 20)).shape == (20, 1500)
    torch.save({"image_encoder.pos_embed": torch.ones(1, 4, 4, 5)}, tmp_path / "sam_vit_b.pth")
    with pytest.raises(ModelError, match="must be one of vit_b, vit_l, vit_h, got width 5"):
        segment_anything.PackageSamDetailer(str(tmp_path))
