"""FCN-ResNet50 as published, without torchvision: loaded by name or from a named folder, as A-seg and for cut-outs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from semcom.semantic import EncodeRequest, LayerKind, PartChoice, SemanticPacket, encode, registry
from semcom.semantic.backends.catalogue import entry
from semcom.semantic.backends.fetching import fetch
from semcom.semantic.backends.vision.fcn import fcn_resnet50, prepared
from semcom.semantic.errors import ModelError
from semcom.semantic.protocols import ProbabilisticSegmenter
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary

from ....stand_ins import street
from ..vision_checkpoints import fcn_tensors

OURS = Vocabulary.load("everyday-1")
VOC = {"aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "table", "dog", "horse",
       "motorbike", "person", "plant", "sheep", "sofa", "train", "screen"}  # fmt: skip


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize(("width", "height"), [(96, 64), (16, 16), (20, 300)])
def test_by_name_with_voc_s_classes_as_ours(width: int, height: int) -> None:
    segmenter = registry.create("segmenters", "fcn-resnet50")
    assert isinstance(segmenter, ProbabilisticSegmenter)
    found = segmenter(street(width, height))
    assert found.labels.shape == (height, width)
    assert {OURS[int(label)].name for label in np.unique(found.labels) if label != NO_LABEL} <= VOC
    probabilities = segmenter.probabilities(street(width, height))
    assert {category.name for category in OURS if probabilities[category.id].max() > 0} == VOC
    assert probabilities.sum(0).max() < 1.0, "the background is no category"


def test_the_published_pickle_from_a_named_folder_gives_the_same(models: Path, tmp_path: Path) -> None:
    import torch

    torch.save(fcn_tensors(), tmp_path / "fcn_resnet50_coco-1167a1af.pth")
    ours = registry.create("segmenters", "fcn-resnet50").probabilities(street())
    np.testing.assert_array_equal(fcn_resnet50(str(tmp_path)).probabilities(street()), ours)


@pytest.mark.usefixtures("libraries")
def test_probabilities_are_those_of_the_network_in_torch() -> None:
    image = np.zeros((260, 300, 3), np.uint8)
    image[..., 0] = 255
    given = prepared(image)
    assert given.shape == (1, 3, 520, 600) and given.dtype == np.float32
    np.testing.assert_allclose(given[0, :, 5, 5], [(1 - 0.485) / 0.229, -0.456 / 0.224, -0.406 / 0.225], rtol=1e-5)
    assert prepared(np.zeros((16, 1536, 3), np.uint8)).shape == (1, 3, 11, 1024)


@pytest.mark.usefixtures("models")
def test_its_object_is_cut_out_by_multi_sc(monkeypatch: pytest.MonkeyPatch) -> None:
    """The random network sees no object; of one that sees a car in the middle, the car is sent."""
    request = EncodeRequest(system="multi-sc", parts={"segmenter": PartChoice("fcn-resnet50")})
    segmenter = registry.create("segmenters", "fcn-resnet50")

    def car(image: np.ndarray) -> np.ndarray:
        seen = np.zeros((21, *image.shape[:2]), np.float32)
        seen[0] = 1.0
        seen[:, 60:130, 80:170] = 0.0
        seen[7, 60:130, 80:170] = 0.9
        return seen

    monkeypatch.setattr(segmenter, "_probabilities_of", car)
    packet = SemanticPacket.from_bytes(encode(street(240, 160), request=request).to_bytes())
    cut_out = packet.content(LayerKind.CUT_OUT)
    assert cut_out.subject == "car"
    np.testing.assert_allclose(cut_out.box, (80, 60, 170, 130), atol=2)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"classifier.4.weight": None}, "must be of an FCN on a ResNet, got none of classifier.4.weight"),
        ({"backbone.conv1.weight": None}, "must be of an FCN on a ResNet, got none of backbone.conv1.weight"),
        ({"backbone.layer2.0.conv2.weight": None}, "lacks 1 tensors, first 'backbone.layer2.0.conv2.weight'"),
        ({"classifier.4.weight": (5, 16, 1, 1)}, "must have 21 VOC classes, got 5"),
        ({"backbone.layer2.0.conv2.weight": (8, 8, 1, 1)}, r"must have shape \(8, 8, 3, 3\), got \(8, 8, 1, 1\)"),
    ],
)
@pytest.mark.usefixtures("libraries")
def test_another_checkpoint_is_refused_in_one_sentence(tmp_path: Path, change: dict, said: str) -> None:
    import torch

    tensors = fcn_tensors()
    for name, shape in change.items():
        tensors.pop(name)
        tensors |= {} if shape is None else {name: torch.zeros(shape)}
    torch.save(tensors, tmp_path / "fcn_resnet50.pth")
    with pytest.raises(ModelError, match=said):
        fcn_resnet50(str(tmp_path))


def test_get_says_where_it_is(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"is on no hub: put https://download\.pytorch\.org/.*\.pth into a folder"):
        fetch(entry("fcn-resnet50"), tmp_path)
